"""One case as two lines of the queue; one post as it stands in a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from listener.store.rows import CaseRow, MentionRow
from listener.urgency import urgency
from listener.web.views.times import Due, When, due, short, when
from sources.http.link import host_of, safe_link
from sources.text import clean_line
from triage.cases import DONE

EXCERPT = 240  # characters of a post in a list
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the queue. `looking` are those who have it open now, without its owner."""

    id: int
    number: int
    by_hand: bool
    urgency: str
    lane: str
    vigilante: str
    state: str
    author: str
    source: str
    issue: int | None
    issue_title: str
    people: int
    posts: int
    folded: int
    said: str
    lang: str
    age: When
    due: Due | None
    owner: str
    mine: bool
    looking: tuple[str, ...]
    sample: bool
    version: int
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post in a list, with what was decided about it. `case` is its case, if it has one."""

    id: int
    brand: str
    author: str
    source: str
    host: str
    url: str
    said: str
    lang: str
    lane: str
    why: str
    issue: int | None
    at: When
    stars: float | None
    sample: bool


def case_row(
    case: CaseRow, now: datetime, me: str, looking: Mapping[int, Sequence[str]] | None = None
) -> Row:
    """A case as the list shows it to somebody."""
    others = (looking or {}).get(case.id, ())
    return Row(
        id=case.id,
        number=case.priority,
        by_hand=case.manual_priority is not None,
        urgency=urgency(case.reasons, case.manual_priority),
        lane=case.lane,
        vigilante=case.vigilante,
        state=case.state,
        author=person_name(case.author),
        source=source_name(case.source),
        issue=case.issue,
        issue_title=clean_line(case.issue_title, 80),
        people=case.people,
        posts=case.posts,
        folded=case.folded,
        said=excerpt(case.title, case.text),
        lang=case.lang,
        age=short(case.opened_at, now),
        due=None if case.state in DONE else due(case.due_at, now),
        owner=owner_now(case, now),
        mine=case.owner == me,
        looking=tuple(one for one in others if one not in (me, case.owner)),
        sample=case.sample,
        version=case.version,
        labels=case.labels,
    )


def owner_now(case: CaseRow, now: datetime) -> str:
    """Whose task a case is; nobody's when the lease of who answered has run out."""
    if case.state == "answering" and case.lease_until is not None and case.lease_until <= now:
        return ""
    return case.owner


def post_row(row: MentionRow, now: datetime) -> PostRow:
    """A post as a list shows it."""
    said, verdict = row.mention, row.verdict
    link = safe_link(said.url)
    why = ""
    if verdict is not None:
        why = ", ".join(verdict.muted_by) or next((one.text for one in verdict.reasons), "")
    return PostRow(
        id=row.id,
        brand=row.brand,
        author=person_name(said.author.handle or said.author.name),
        source=source_name(row.source),
        host=host_of(link),
        url=link,
        said=excerpt(said.title, said.text, 600),
        lang=verdict.lang if verdict is not None else said.lang,
        lane=verdict.lane.value if verdict is not None else "",
        why=clean_line(why, 200),
        issue=row.issue,
        at=when(said.created_at, now),
        stars=said.metrics.get("stars"),
        sample=said.sample,
    )


def excerpt(title: str, text: str, longest: int = EXCERPT) -> str:
    """The beginning of a post in one line, its title first where the text does not begin with it."""
    if not title or text.startswith(title):
        return clean_line(text, longest)
    return clean_line(f"{title} — {text[: 4 * longest]}" if text else title, longest)


def person_name(name: str) -> str:
    """A handle or name in one harmless line."""
    return clean_line(name, LONGEST_NAME)


def source_name(name: str) -> str:
    """A source as a person calls it: of a file that was taken in, its name without the folders."""
    kind, colon, path = name.partition(":")
    return clean_line(f"{kind}{colon}{path.rpartition('/')[2]}", LONGEST_NAME)
