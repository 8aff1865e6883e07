"""The place of a case in the queue: a sum of parts, so that "why is this on top" is their list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import log2, log10
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from triage.ageing import aged
from triage.verdict import Band, Lane, Priority, PriorityPart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
        "goes_public": 0,  # counts as a sign of a vigilante already
        "ultimatum": 0,
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
        "goes_public": "says that it goes public",
        "ultimatum": "sets an ultimatum",
    }
)


WAITING, PROMISE = "waiting", "promise"
TIME = frozenset({WAITING, PROMISE})
"""The parts that time alone changes. All others say what the matter is."""

MOST_SEVERE = 4.0


@dataclass(frozen=True, slots=True)
class Policy:
    """All points, as settings. None of them is measured: they say what the house finds urgent.

    `severity` is per step of 0…4. For waiting see `triage.ageing`: `ageing` and `ageing_hours` say
    how quickly points come at first, `a_day` what every further day adds, without end, so that
    nobody waits for ever. `due_soon` counts from `soon` before the promised time, `overdue` from that
    time, `long_overdue` from `late` after it.
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
    issue_most: int = 30
    ageing: float = 4.0
    ageing_hours: float = 4.0
    a_day: float = 2.0
    due_soon: int = 6
    overdue: int = 14
    long_overdue: int = 20
    soon: timedelta = timedelta(minutes=30)
    late: timedelta = timedelta(hours=24)

    def spread(self, groups: Iterable[int] = ()) -> int:
        """By how many points two cases can differ at most, their waiting left aside.

        `groups` are the points of the customer groups, all of which one person might belong to.
        """
        parts = [
            [0, *self.lanes.values()],
            [0, round(self.severity * MOST_SEVERE)],
            *([0, points] for points in self.signals.values()),
            [0, self.vigilante_likely, self.vigilante_possible],
            [0, self.reach_most],
            [0, self.repeated_most],
            [0, self.issue_most],
            *([0, points] for points in groups),
            [0, self.due_soon, self.overdue, self.long_overdue],
        ]
        return sum(max(part) - min(part) for part in parts)

    def overtaken_for(self, spread: int) -> timedelta | None:
        """After this time nobody who comes later can be answered before a case, however grave.

        It holds among cases that differ by at most `spread` points, waiting left aside: one point
        more than that is made up by waiting, and rounding costs another. None without `a_day`.
        """
        return timedelta(days=(spread + 2) / self.a_day) if self.a_day > 0 else None


class CaseFacts(NamedTuple):
    """What a case's priority follows from. Times are aware; `severity` is in 0…4.

    `signals` are names of signals, `groups` the person's customer groups with their points,
    `mentions` the posts of this person in the case, `people` those with the same issue, this one
    included. `waits_from` is the moment from which waiting counts, without it `opened_at`: later
    than that by what was not our turn. `paused_at` is since when it is the customer's turn, or
    nobody's: from then on time changes nothing.
    """

    lane: Lane
    severity: float
    severity_band: str
    vigilante: Band
    opened_at: datetime
    due_at: datetime | None = None
    signals: tuple[str, ...] = ()
    followers: int | None = None
    groups: tuple[tuple[str, int], ...] = ()
    mentions: int = 1
    people: int = 1
    waits_from: datetime | None = None
    paused_at: datetime | None = None


def prioritise(facts: CaseFacts, policy: Policy, now: datetime) -> Priority:
    """The priority of a case at a moment: parts in whole points, none of 0, and its next change.

    The result is the same for every moment from `now` until `changes_at`, where it differs.
    """
    waited, changes_at = by_time(facts, policy, now)
    parts = [
        *_of_the_post(facts, policy),
        *_of_the_person(facts, policy),
        *_of_the_issue(facts, policy),
        *waited,
    ]
    return Priority(tuple([part for part in parts if part.points]), changes_at)


def by_time(
    facts: CaseFacts, policy: Policy, now: datetime
) -> tuple[list[PriorityPart], datetime | None]:
    """The parts that time alone changes, and its next change; see `prioritise`."""
    at = now if facts.paused_at is None else min(now, facts.paused_at)
    waiting, waiting_until = _waiting(facts, policy, at)
    promise, promise_until = _promise(facts, policy, at)
    parts = [waiting] if promise is None else [waiting, promise]
    if facts.paused_at is not None:
        return parts, None
    if waiting_until is None or promise_until is None:
        return parts, waiting_until or promise_until
    return parts, min(waiting_until, promise_until)


def matter(parts: Iterable[PriorityPart]) -> int:
    """The points of what the matter is, without those of waiting and of promises.

    Words such as "urgent" are about this sum: when a whole queue is old, all of it is late, and
    still not all of it is urgent.
    """
    return sum(part.points for part in parts if part.name not in TIME)


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
    severity = round(policy.severity * max(0.0, min(MOST_SEVERE, facts.severity)))
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
    for group, points in facts.groups:
        yield PriorityPart("group", points, f"belongs to the group {group}")


def _of_the_issue(facts: CaseFacts, policy: Policy) -> Iterator[PriorityPart]:
    """How many people share it, in levels, so that one more seldom moves anything."""
    levels = list(_levels_to(facts.people))
    if levels:
        said = f"shared by {levels[-1]:,} people or more"
        points = min(policy.issue_level * len(levels), policy.issue_most)
        yield PriorityPart("issue", points, said)


def _waiting(
    facts: CaseFacts, policy: Policy, now: datetime
) -> tuple[PriorityPart, datetime | None]:
    """Points for waiting, and when there will be one more."""
    start = facts.waits_from or facts.opened_at
    points, until = aged(now - start, policy.ageing, policy.ageing_hours, policy.a_day)
    since = "since" if start == facts.opened_at else "for us as if since"
    part = PriorityPart(WAITING, points, f"waiting {since} {_said(start)}")
    return part, None if until is None else _later(start, until)


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
        part = PriorityPart(PROMISE, worth, f"{said} {_said(due)}")
    return part, None


def _said(moment: datetime) -> str:
    """A moment as people read it, in UTC."""
    m = moment.astimezone(UTC)
    return f"{m.day} {MONTHS[m.month - 1]} {m.year} {m.hour:02}:{m.minute:02} UTC"


def _article(lane: Lane) -> str:
    """The article of a lane's name."""
    return "an" if lane.value[0] in "aeiou" else "a"
