"""Issues as pages show them: the list with curves and lives, one with everything known about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from listener.desk import Desk
from listener.store.looking import PostQuery
from listener.store.protocol import Store
from listener.store.rows import IssueRow, LoopRow, QueueQuery
from listener.web.views.curves import Curve, daily
from listener.web.views.rows import PostRow, Row, case_row, person_name, post_row, source_name
from listener.web.views.times import When, short, when
from sources.http.link import host_of, safe_link
from sources.text import clean_line

STATES = ("open", "fixed", "closed", "")
ORDERS = ("people", "latest", "newest")
LISTED, IN_LIST, IN_ONE = 200, 21, 42  # issues; days of the curves
POSTS, TOLD = 50, 200


@dataclass(frozen=True, slots=True)
class IssueLine:
    """One issue in the list."""

    id: int
    title: str
    lane: str
    life: str
    state: str
    people: int
    posts: int
    open_cases: int
    sources: tuple[str, ...]
    last: When
    curve: Curve


@dataclass(frozen=True, slots=True)
class IssueFilter:
    """What the list is asked for."""

    state: str = "open"
    order: str = "people"
    search: str = ""
    brand: str = ""

    def address(self, **change: str) -> str:
        """The address of the list with something else in it."""
        asked = {"state": self.state, "order": self.order, "q": self.search, "brand": self.brand}
        return f"/issues?{urlencode({**asked, **change})}"


@dataclass(frozen=True, slots=True)
class Told:
    """One person who complained: told, untold, unreachable or erased; and what they would be told."""

    name: str
    kind: str
    url: str
    host: str
    posts: int
    status: str
    first: When
    told: When | None
    notice: str


@dataclass(frozen=True, slots=True)
class IssuePage:
    """One issue with everything known about it."""

    id: int
    brand: str
    title: str
    titled_by: str
    lane: str
    life: str
    state: str
    phrases: tuple[str, ...]
    people: int
    open_cases: int
    sources: tuple[str, ...]
    first: When
    last: When
    curve: Curve
    example: str
    posts: tuple[PostRow, ...]
    posts_in_all: int
    cases: tuple[Row, ...]
    loop: tuple[Told, ...]
    counts: tuple[tuple[str, int], ...]
    like: tuple[IssueLine, ...]
    alarms: tuple[tuple[When, str], ...]
    fixed: When | None
    fix_note: str

    @property
    def untold(self) -> int:
        """How many who complained have not been told."""
        return dict(self.counts).get("untold", 0)


def issue_lines(store: Store, asked: IssueFilter, now: datetime) -> tuple[IssueLine, ...]:
    """The issues that a filter asks for."""
    found = store.issues(asked.brand, asked.state, LISTED)
    words = asked.search.lower().split()
    found = [row for row in found if all(word in _words(row) for word in words)]
    if asked.order == "latest":
        found.sort(key=lambda row: row.last_seen, reverse=True)
    elif asked.order == "newest":
        found.sort(key=lambda row: row.first_seen, reverse=True)
    return _lines(store, found, now)


def issue_page(store: Store, desk: Desk, issue: int, me: str, now: datetime) -> IssuePage:
    """One issue; a merged one is followed to where it went. Raises NotFound."""
    row = desk.issues.issue(issue)
    loop = desk.issues.loop(row.id)
    counts = dict.fromkeys(("untold", "told", "unreachable", "erased"), 0)
    for person in loop:
        counts[person.status] = counts.get(person.status, 0) + 1
    loop.sort(key=lambda one: (one.status != "untold", one.first_at))
    days = store.issue_days([row.id], now - timedelta(days=IN_ONE))
    posts = PostQuery(issue=row.id, limit=POSTS)
    return IssuePage(
        id=row.id,
        brand=row.brand,
        title=title_of(row),
        titled_by=clean_line(row.titled_by, 60),
        lane=row.lane,
        life=row.life,
        state=row.state,
        phrases=tuple(clean_line(one, 60) for one in row.phrases[:12]),
        people=row.people,
        open_cases=row.open_cases,
        sources=tuple(source_name(one) for one in row.sources[:8]),
        first=when(row.first_seen, now),
        last=when(row.last_seen, now),
        curve=daily(days[row.id], now, IN_ONE),
        example=clean_line(row.example, 400),
        posts=tuple(post_row(one, now) for one in store.posts(posts)),
        posts_in_all=row.mentions,
        cases=tuple(
            case_row(one, now, me)
            for one in store.queue(QueueQuery(view="all", issue=row.id, limit=30))
            if one.state not in ("resolved", "dismissed")
        ),
        loop=tuple(_told(desk, row, one, now) for one in loop[:TOLD]),
        counts=tuple((name, count) for name, count in counts.items() if count),
        like=_lines(store, store.issues_like(row.id), now),
        alarms=tuple(
            (when(one.at, now), clean_line("; ".join(one.reasons), 300))
            for one in store.alarms(issue=row.id, limit=5)
        ),
        fixed=None if row.fixed_at is None else when(row.fixed_at, now),
        fix_note=row.fix_note,
    )


def title_of(row: IssueRow) -> str:
    """What an issue is called, by people or by what sets it apart."""
    return clean_line(row.title, 160) or clean_line(row.example, 80) or f"issue {row.id}"


def _words(row: IssueRow) -> str:
    return " ".join((row.title, *row.phrases, str(row.id))).lower()


def _lines(store: Store, rows: Sequence[IssueRow], now: datetime) -> tuple[IssueLine, ...]:
    days = store.issue_days([row.id for row in rows], now - timedelta(days=IN_LIST))
    return tuple(
        IssueLine(
            id=row.id,
            title=title_of(row),
            lane=row.lane,
            life=row.life,
            state=row.state,
            people=row.people,
            posts=row.mentions,
            open_cases=row.open_cases,
            sources=tuple(source_name(one) for one in row.sources[:3]),
            last=short(row.last_seen, now),
            curve=daily(days[row.id], now, IN_LIST),
        )
        for row in rows
    )


def _told(desk: Desk, row: IssueRow, one: LoopRow, now: datetime) -> Told:
    link = safe_link(one.url)
    return Told(
        name=person_name(one.handle) or "unknown",
        kind=source_name(one.kind),
        url=link,
        host=host_of(link),
        posts=one.posts,
        status=one.status,
        first=short(one.first_at, now),
        told=None if one.told_at is None else when(one.told_at, now),
        notice=desk.issues.notice(row, one),
    )
