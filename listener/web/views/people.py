"""People as pages show them: who speaks, everything they wrote and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from listener.config import Config
from listener.store.looking import PersonRow, PostQuery
from listener.store.protocol import Store
from listener.web.views.case import handles
from listener.web.views.rows import PostRow, Row, case_row, person_name, post_row
from listener.web.views.times import When, short, when

POSTS, CASES = 50, 50


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person in the list."""

    id: int
    name: str
    handles: tuple[str, ...]
    posts: int
    open_cases: int
    last: When | None


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person with everything they wrote. `groups` are the customer groups they belong to."""

    id: int
    name: str
    handles: tuple[str, ...]
    groups: tuple[str, ...]
    followers: int | None
    posts_in_all: int
    open_cases: int
    first: When
    last: When | None
    cases: tuple[Row, ...]
    posts: tuple[PostRow, ...]


def person_lines(store: Store, search: str, now: datetime) -> tuple[PersonLine, ...]:
    """People whom a search finds; the latest voices without one."""
    return tuple(
        PersonLine(
            id=row.id,
            name=person_name(row.name) or "unknown",
            handles=handles(row),
            posts=row.posts,
            open_cases=row.open_cases,
            last=None if row.last_at is None else short(row.last_at, now),
        )
        for row in store.people(search)
    )


def person_page(
    store: Store, config: Config, person: int, me: str, now: datetime
) -> PersonPage | None:
    """One person; None when there is none of that number."""
    row = store.person(person)
    if row is None:
        return None
    return PersonPage(
        id=row.id,
        name=person_name(row.name) or "unknown",
        handles=handles(row),
        groups=_groups(config, row),
        followers=max(
            (one.followers for one in row.handles if one.followers is not None), default=None
        ),
        posts_in_all=row.posts,
        open_cases=row.open_cases,
        first=when(row.first_seen_at, now),
        last=None if row.last_at is None else when(row.last_at, now),
        cases=tuple(case_row(one, now, me) for one in store.cases_of_person(row.id, CASES)),
        posts=tuple(
            post_row(one, now) for one in store.posts(PostQuery(person=row.id, limit=POSTS))
        ),
    )


def _groups(config: Config, row: PersonRow) -> tuple[str, ...]:
    keys = {f"{one.kind}:{one.author_id}" for one in row.handles}
    return tuple(
        f"{group.name} ({brand.name})"
        for brand in config.brands
        for group in brand.groups
        if not keys.isdisjoint(group.people)
    )
