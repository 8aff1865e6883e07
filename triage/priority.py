"""The place of a case in the queue: a sum of parts, so that "why is this on top" is their list."""

from __future__ import annotations

from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import ceil, log2, log10
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from triage.verdict import Band, Lane, Priority, PriorityPart

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_STEPS = 10_000
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LEVELS = (2, 5, 10)
"""People with the same issue, in log levels: 2, 5, 10, 20, 50, 100, 200, …"""

LANE_POINTS: Mapping[Lane, int] = MappingProxyType(
    {Lane.COMPLAINT: 20, Lane.QUESTION: 10, Lane.IDEA: 4}
)
SIGNAL_POINTS: Mapping[str, int] = MappingProxyType(
    {
        "safety": 20,
        "vulnerable": 15,
        "discrimination": 10,
        "privacy": 10,
        "legal": 8,
        "regulator": 8,
        "press": 8,
        "accessibility": 6,
        "fraud": 5,
        "executive": 3,
    }
)
SIGNAL_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "safety": "speaks of danger or injury",
        "vulnerable": "may be a person in need",
        "discrimination": "speaks of discrimination or harassment",
        "privacy": "speaks of personal data in wrong hands",
        "legal": "speaks of law or court",
        "regulator": "names a regulator",
        "press": "turns to the press",
        "accessibility": "cannot use it because of a disability",
        "fraud": "speaks of fraud or theft",
        "executive": "calls for someone in charge",
    }
)


@dataclass(frozen=True, slots=True)
class Policy:
    """All points, as settings. None of them is measured: they say what the house finds urgent.

    `severity` is per step of 0…4. Waiting gives `ageing · log2(1 + hours / ageing_hours)`: ever
    slower, without end, so that nobody waits for ever. `due_soon` counts from `soon` before the
    promised time, `overdue` from that time, `long_overdue` from `late` after it.
    """

    lanes: Mapping[Lane, int] = field(default_factory=lambda: LANE_POINTS)
    signals: Mapping[str, int] = field(default_factory=lambda: SIGNAL_POINTS)
    severity: float = 10.0
    vigilante_likely: int = 15
    vigilante_possible: int = 6
    reach: float = 3.0
    reach_from: int = 1_000
    reach_most: int = 12
    repeated: float = 3.0
    repeated_most: int = 12
    issue_level: int = 3
    ageing: float = 4.0
    ageing_hours: float = 4.0
    due_soon: int = 6
    overdue: int = 14
    long_overdue: int = 20
    soon: timedelta = timedelta(minutes=30)
    late: timedelta = timedelta(hours=24)


class CaseFacts(NamedTuple):
    """What a case's priority follows from. Times are aware; `severity` is in 0…4.

    `signals` are names of signals, `group` the customer group with its points, `mentions` the posts
    of this person in the case, `people` those with the same issue, this one included.
    """

    lane: Lane
    severity: float
    severity_band: str
    vigilante: Band
    opened_at: datetime
    due_at: datetime | None = None
    signals: tuple[str, ...] = ()
    followers: int | None = None
    group: str = ""
    group_points: int = 0
    mentions: int = 1
    people: int = 1


def prioritise(facts: CaseFacts, policy: Policy, now: datetime) -> Priority:
    """The priority of a case at a moment: parts in whole points, none of 0, and its next change.

    The result is the same for every moment from `now` until `changes_at`, where it differs.
    """
    waiting, waiting_until = _waiting(facts, policy, now)
    promise, promise_until = _promise(facts, policy, now)
    parts = [
        *_of_the_post(facts, policy),
        *_of_the_person(facts, policy),
        *_of_the_issue(facts, policy),
        waiting,
        promise,
    ]
    until = [moment for moment in (waiting_until, promise_until) if moment is not None]
    return Priority(
        tuple([part for part in parts if part is not None and part.points]),
        min(until) if until else None,
    )


def issue_level(people: int) -> int:
    """How many log levels (2, 5, 10, 20, 50, …) a number of people has reached."""
    return sum(1 for _ in _levels_to(people))


def _levels_to(people: int) -> Iterator[int]:
    """The levels up to a number of people."""
    scale = 1
    while True:
        for step in LEVELS:
            if step * scale > people:
                return
            yield step * scale
        scale *= 10


def _of_the_post(facts: CaseFacts, policy: Policy) -> Iterator[PriorityPart]:
    """Lane, severity, policy signals and vigilante."""
    lane = policy.lanes.get(facts.lane, 0)
    yield PriorityPart("lane", lane, f"{_article(facts.lane)} {facts.lane.value}")
    severity = round(policy.severity * max(0.0, min(4.0, facts.severity)))
    yield PriorityPart(
        "severity", severity, f"severity {facts.severity_band} ({facts.severity:.1f} of 4)"
    )
    for name in dict.fromkeys(facts.signals):
        said = SIGNAL_WORDS.get(name, name.replace("_", " "))
        yield PriorityPart(name, policy.signals.get(name, 0), f"{said} (policy)")
    if facts.vigilante is Band.LIKELY:
        said = "likely left the official channel to complain in public"
        yield PriorityPart("vigilante", policy.vigilante_likely, said)
    elif facts.vigilante is Band.POSSIBLE:
        said = "possibly left the official channel to complain in public"
        yield PriorityPart("vigilante", policy.vigilante_possible, said)


def _of_the_person(facts: CaseFacts, policy: Policy) -> Iterator[PriorityPart]:
    """Reach, repetition and customer group."""
    followers = facts.followers or 0
    if followers >= policy.reach_from:
        reach = round(policy.reach * (1 + log10(followers / policy.reach_from)))
        points = min(reach, policy.reach_most)
        yield PriorityPart("reach", points, f"reaches {followers:,} followers")
    if facts.mentions > 1:
        points = min(round(policy.repeated * log2(facts.mentions)), policy.repeated_most)
        yield PriorityPart("person", points, f"has written {facts.mentions:,} times about it")
    if facts.group:
        yield PriorityPart("group", facts.group_points, f"belongs to the group {facts.group}")


def _of_the_issue(facts: CaseFacts, policy: Policy) -> Iterator[PriorityPart]:
    """How many people share it, in levels, so that one more seldom moves anything."""
    levels = list(_levels_to(facts.people))
    if levels:
        said = f"shared by {levels[-1]:,} people or more"
        yield PriorityPart("issue", policy.issue_level * len(levels), said)


def _waiting(
    facts: CaseFacts, policy: Policy, now: datetime
) -> tuple[PriorityPart | None, datetime | None]:
    """Points for waiting, and when there will be one more."""
    steps = _ageing_steps(policy.ageing, policy.ageing_hours)
    points = bisect_right(steps, now - facts.opened_at)
    part = PriorityPart("waiting", points, f"waiting since {_said(facts.opened_at)}")
    return part, _later(facts.opened_at, steps[points]) if points < len(steps) else None


@lru_cache(maxsize=16)
def _ageing_steps(ageing: float, hours: float) -> tuple[timedelta, ...]:
    """The waiting times from which rounding `ageing · log2(1 + waited / hours)` gives 1, 2, 3 …

    They end where the calendar does. Looking points up in them keeps what is counted and when it
    changes in step, to the microsecond.
    """
    steps: list[timedelta] = []
    if ageing > 0 and hours > 0:
        with suppress(OverflowError):
            while len(steps) < MOST_STEPS:
                waited = hours * (2 ** ((len(steps) + 0.5) / ageing) - 1)
                steps.append(timedelta(microseconds=ceil(waited * 3_600_000_000)))
    return tuple(steps)


def _later(start: datetime, span: timedelta) -> datetime | None:
    """A moment after another, or None when it lies beyond the calendar."""
    try:
        return start.astimezone(UTC) + span
    except OverflowError:
        return None


def _promise(
    facts: CaseFacts, policy: Policy, now: datetime
) -> tuple[PriorityPart | None, datetime | None]:
    """Points for a promise that is close or broken, and when they will change."""
    if facts.due_at is None:
        return None, None
    due = facts.due_at.astimezone(UTC)
    steps = (
        (due - policy.soon, policy.due_soon, "due soon: promised by"),
        (due, policy.overdue, "overdue: promised by"),
        (due + policy.late, policy.long_overdue, "long overdue: promised by"),
    )
    points, part = 0, None
    for at, worth, said in steps:
        if worth == points:
            continue
        if at > now:
            return part, at
        points = worth
        part = PriorityPart("promise", worth, f"{said} {_said(due)}")
    return part, None


def _said(moment: datetime) -> str:
    """A moment as people read it, in UTC."""
    m = moment.astimezone(UTC)
    return f"{m.day} {MONTHS[m.month - 1]} {m.year} {m.hour:02}:{m.minute:02} UTC"


def _article(lane: Lane) -> str:
    """The article of a lane's name."""
    return "an" if lane.value[0] in "aeiou" else "a"
