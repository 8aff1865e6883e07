"""What is collected, and the ledger of what every source saw, missed and could not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sources.mention import Mention
from sources.protocols import Filled, Gap, Health, Tombstone


@dataclass(frozen=True, slots=True)
class Collected:
    """One batch of a source with all that must be committed beside it, in one transaction.

    `source` is the configured name. `brand` binds the mentions to one brand whatever its query says
    (an import is told whose mentions they are); "" lets the queries decide. `cursor` None keeps the
    earlier one. `run` is the id that `open_run` gave.
    """

    run: int
    source: str
    mentions: Sequence[Mention]
    at: datetime
    brand: str = ""
    tombstones: Sequence[Tombstone] = ()
    cursor: str | None = None
    gap: Gap | None = None
    rejected: Sequence[str] = ()
    filled: Filled | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What a batch brought: seen = new + edited + known."""

    seen: int = 0
    new: int = 0
    edited: int = 0
    erased: int = 0
    rejected: int = 0

    @property
    def known(self) -> int:
        """What had been seen before: the overlap with earlier runs and other sources."""
        return self.seen - self.new - self.edited


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of one source: the coverage ledger.

    `outcome` is running, ok, stopped (by us, between two pages), failed or interrupted (killed). A
    run asks for what came since the last one that was ok began: `asked_since`, None before the first
    such. `oldest` and `newest` bound what it saw; `counted.known` is the overlap with earlier runs.
    """

    id: int
    source: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    counted: Counted
    oldest: datetime | None
    newest: datetime | None
    note: str
    asked_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hour:
    """What a source brought in all windows that begin in one hour: they touch each other.

    [start, end) is the time they cover. `heard_at` is when the latest sign of life came: the run
    that brought something new, or the time of the newest post seen.
    """

    start: datetime
    end: datetime
    new: int
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source is, since when and why; `retry_at` is the earliest next try.

    `quiet_since` is when a source fell silent that is never silent for so long; None otherwise.
    """

    source: str
    health: Health
    since: datetime
    reason: str
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    failures: int = 0
    retry_at: datetime | None = None
    quiet_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class GapRow:
    """A stretch a source could not see; since `closed_at` it has, and `found` so many posts in it."""

    id: int
    source: str
    start: datetime | None
    end: datetime | None
    reason: str
    found_at: datetime
    closed_at: datetime | None = None
    found: int = 0


@dataclass(frozen=True, slots=True)
class Rejection:
    """An item that a run could not read, in one sentence with its place."""

    run: int
    source: str
    at: datetime
    reason: str
