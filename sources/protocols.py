"""The seam between the world and us: what a source promises.

A source never sleeps, never saves, never retries: it yields what it saw and how far it got, and
raises the errors of `sources.errors`. The runner owns time, storage and patience.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from sources.mention import Mention


class Health(StrEnum):
    """How a source is: `healthy`, `quiet` (well, but nothing new), `degraded` (sees a part), `blind`."""

    HEALTHY = "healthy"
    QUIET = "quiet"
    DEGRADED = "degraded"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time a source could not see. Open ends are None."""

    reason: str
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """Gaps that were told earlier and lie between `start` and `end` have been seen after all.

    `found` counts the posts that were in them, those of earlier batches of the run included.
    """

    start: datetime
    end: datetime
    found: int


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A mention its author has deleted, by natural key."""

    kind: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Batch:
    """One page of what a source saw, committed in one transaction together with its cursor.

    `cursor` is opaque text that lets `collect` go on after this batch; None keeps the previous one.
    `health` and `note` say how the source is when the batch is not simply fine. `rejected` are
    items that could not be read, one sentence each with their place, so that nothing is hidden.
    `filled` closes gaps: a source that can ask for older posts tries a gap again by itself, at later
    visits, and keeps in its cursor what it still owes.
    `done` and `total` are the progress in the source's own unit (bytes, entries); total 0: unknown.
    """

    mentions: Sequence[Mention] = ()
    tombstones: Sequence[Tombstone] = ()
    cursor: str | None = None
    gap: Gap | None = None
    health: Health = Health.HEALTHY
    note: str = ""
    rejected: Sequence[str] = ()
    done: int = 0
    total: int = 0
    filled: Filled | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What `Source.check` found: `ok`, one sentence, and which setting to mend when it is not."""

    ok: bool
    message: str
    setting: str = ""


class Source(Protocol):
    """Where mentions come from.

    `name` is the configured name, unique in a configuration; `kind` the platform. One instance
    serves one run in one thread. `collect` may be called again with any cursor it has yielded, also
    after a crash: repeating a page is harmless, skipping one is not.
    """

    name: str
    kind: str

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new after `cursor` (None: from the beginning), oldest batch first.

        Raises the errors of `sources.errors`; what was yielded before stays valid.
        """
        ...

    def check(self) -> Check:
        """Try the settings against the real thing without storing anything; never raises a SourceError."""
        ...


@runtime_checkable
class Responder(Protocol):
    """A source through which a person can answer where the customer posted."""

    def reply_link(self, mention: Mention) -> str:
        """The address where a person answers this mention in a browser; empty when there is none."""
        ...


class Verification(StrEnum):
    """What became of a post: `present`, `deleted` by its author or the platform, or `unknown`."""

    PRESENT = "present"
    DELETED = "deleted"
    UNKNOWN = "unknown"


@runtime_checkable
class CanVerify(Protocol):
    """A source that can look stored posts up again, so that what was deleted there is erased here."""

    def verify(self, ids: Sequence[str]) -> Mapping[str, Verification | Mention]:
        """Say of every external id what became of it; each id asked for is in the answer.

        A mention in place of `present` is what the post says now, read as `collect` reads it. A
        source that looks several posts up with one request says how many in `ids_a_request`.
        An error is never read as "deleted": what could not be asked is `unknown`, or the error is
        raised (`sources.errors`) and nothing is known of any of them.
        """
        ...
