"""Alarms and their deliveries as they are kept, what the watch asks for, and the verbs for it.

An alarm is written once, with a delivery for everybody who is to be told of it, in one transaction.
A delivery is `waiting`, then `sending` under a lease, then `sent`, `failed` (given up) or `in doubt`
(nobody knows whether it arrived; a person decides).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

OVER = "over:"  # before the key of trouble: the key of the alarm that says that it is over


class Hourly(NamedTuple):
    """What an issue got in the hour that begins at `start`: posts, and distinct people.

    Who only carries a story on is counted among the posts and not among the people.
    """

    start: datetime
    posts: int
    people: int


@dataclass(frozen=True, slots=True)
class Activity:
    """What the watch must know of an issue. `hours` are its hours with posts, oldest first.

    `phase` is new, growing, known, or "" while nobody has looked. `alarm` is the key of its latest
    spike, which held until `alarm_until`.
    """

    issue: int
    brand: str
    state: str
    phase: str
    people: int
    first_seen: datetime
    fixed_at: datetime | None
    hours: tuple[Hourly, ...]
    alarm: str = ""
    alarm_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewAlarm:
    """An alarm to be raised, unless one of its `key` was raised before.

    `reasons` hold no words of a post. `targets` are the names of those to be told, each with the
    moment before which it is not sent. `per_week` are the false alarms a week that its rule expects.
    """

    key: str
    what: str
    brand: str
    reasons: tuple[str, ...]
    issue: int | None = None
    case: int | None = None
    per_week: float | None = None
    targets: Sequence[tuple[str, datetime]] = ()


class PhaseMove(NamedTuple):
    """An issue's phase changes, if it is still `was`. Without `reasons` it is not written down."""

    issue: int
    was: str
    phase: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Watched:
    """What one look found; written in one transaction. `holding` are keys of alarms that go on."""

    at: datetime
    alarms: Sequence[NewAlarm] = ()
    phases: Sequence[PhaseMove] = ()
    holding: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm as kept; `title` is what its issue is called now. It held until `until`."""

    id: int
    key: str
    what: str
    brand: str
    issue: int | None
    case: int | None
    title: str
    reasons: tuple[str, ...]
    per_week: float | None
    at: datetime
    until: datetime

    @property
    def over(self) -> bool:
        """Whether it says that trouble is over."""
        return self.key.startswith(OVER)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One alarm on its way to one target."""

    id: int
    target: str
    state: str
    attempts: int
    not_before: datetime
    sent_at: datetime | None
    answer: str
    alarm: AlarmRow


class Late(NamedTuple):
    """A case that was to be answered by `due_at` and is not."""

    case: int
    brand: str
    lane: str
    due_at: datetime


class Settled(NamedTuple):
    """What became of a delivery that was in the state `expect`."""

    delivery: int
    expect: str
    state: str
    at: datetime
    answer: str = ""
    not_before: datetime | None = None


class Alarms(Protocol):
    """The store's verbs for alarms."""

    def count_hours(self, limit: int = 5_000) -> int:
        """Bring up to `limit` counters of (issue, hour) up to date; returns how many were not.

        Whatever changes what belongs to an issue leaves word here; ask again until none is left.
        """
        ...

    def issue_hours(
        self, issues: Sequence[int], since: datetime
    ) -> Mapping[int, tuple[Hourly, ...]]:
        """What these issues got by the hour from `since` on, oldest first; silent ones are left out."""
        ...

    def heard_since(self) -> datetime | None:
        """Since when anything was listened to: the first run, or the earliest post of an import.

        None before the first run.
        """
        ...

    def active(self, since: datetime, heard: datetime) -> Iterator[Activity]:
        """Issues with a post since `heard`, and those not looked at, new or growing; in order of id.

        Merged and empty ones are left out. Their hours are those since `since`.
        """
        ...

    def crowd(self, issue: int, since: datetime, until: datetime) -> int:
        """How many distinct people wrote in an issue in [since, until); stories count once."""
        ...

    def overdue(self, since: datetime, at: datetime) -> list[Late]:
        """Cases that it is our turn in and whose promise fell due in (since, at], in order of time."""
        ...

    def watched(self, found: Watched) -> list[AlarmRow]:
        """Write alarms with their deliveries, phases with their history; returns the new alarms."""
        ...

    def alarms(self, what: str = "", issue: int | None = None, limit: int = 100) -> list[AlarmRow]:
        """Alarms, the latest first."""
        ...

    def take_deliveries(self, at: datetime, lost: datetime, limit: int = 500) -> list[DeliveryRow]:
        """Take what is due, oldest first; it is `sending` from now on, and nobody else's.

        What has been sending since before `lost` is in doubt: whoever took it has died.
        """
        ...

    def settle_deliveries(self, settled: Sequence[Settled]) -> int:
        """Write what became of deliveries; returns how many were still in the state expected."""
        ...

    def deliveries(self, state: str = "", limit: int = 100) -> list[DeliveryRow]:
        """Deliveries, the latest first; erased people appear in none."""
        ...
