"""What is collected, and the ledger of what every source saw, missed and could not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sources.mention import Mention
from sources.protocols import Gap, Health, Tombstone


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


@dataclass(frozen=True, slots=True)
class Counted:
    """What a batch brought: seen = new + edited + known."""

    seen: int = 0
    new: int = 0
    edited: int = 0
    erased: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of one source: the coverage ledger. `outcome` is ok, failed or interrupted."""

    id: int
    source: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    counted: Counted
    oldest: datetime | None
    newest: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source is, since when and why; `retry_at` is the earliest next try."""

    source: str
    health: Health
    since: datetime
    reason: str
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    failures: int = 0
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GapRow:
    """A stretch a source could not see."""

    id: int
    source: str
    start: datetime | None
    end: datetime | None
    reason: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Rejection:
    """An item that a run could not read, in one sentence with its place."""

    run: int
    source: str
    at: datetime
    reason: str
