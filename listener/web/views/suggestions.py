"""What grouping suggests for issues that people have touched, as pages show it: with the evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from listener.desk.groups import Evidence
from listener.web.views.times import When, when
from sources.text import clean_line

STATES = ("open", "dismissed", "accepted")
LISTED = 30
EXCERPT = 180
PHRASES = 8


@dataclass(frozen=True, slots=True)
class Suggested:
    """One suggestion: a merge of `issue` into `other`, or a split of `posts` off `issue`."""

    id: int
    merge: bool
    issue: int
    title: str
    other: int
    other_title: str
    posts: int
    reason: str
    phrases: tuple[str, ...]
    people: int
    here: tuple[str, ...]
    there: tuple[str, ...]
    state: str
    actor: str
    at: When
    decided: When | None


def suggested(found: Iterable[Evidence], now: datetime) -> tuple[Suggested, ...]:
    """Suggestions in words."""
    return tuple(_suggested(one, now) for one in found)


def _suggested(one: Evidence, now: datetime) -> Suggested:
    row = one.suggestion
    return Suggested(
        id=row.id,
        merge=row.rule == "merge",
        issue=row.issue,
        title=clean_line(one.title, 120) or f"issue {row.issue}",
        other=row.other,
        other_title=clean_line(one.other_title, 120) or f"issue {row.other}",
        posts=len(row.mentions),
        reason=clean_line(row.reason, 240),
        phrases=tuple(clean_line(phrase, 40) for phrase in one.phrases[:PHRASES]),
        people=one.people_in_both,
        here=tuple(clean_line(text, EXCERPT) for text in one.examples),
        there=tuple(clean_line(text, EXCERPT) for text in one.other_examples),
        state=row.state,
        actor=clean_line(row.actor, 60),
        at=when(row.at, now),
        decided=None if row.decided_at is None else when(row.decided_at, now),
    )
