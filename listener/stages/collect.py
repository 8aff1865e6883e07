"""Collect: take what a source yields and commit it, page by page, together with its cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from listener.errors import ListenerError
from listener.stages.progress import Progress, silent
from listener.store.protocol import Store
from listener.store.rows import Collected, Counted, SourceState
from sources.errors import RateLimited, SourceError, Transient
from sources.protocols import Batch, Health, Source

log = structlog.get_logger(__name__)

BLIND_AFTER = 3  # failures in a row that may still be a passing fault
MOST_REJECTED = 100  # sentences kept; all of them are counted
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Collection:
    """How one run of one source went. `error` is None when it went through."""

    source: str
    counted: Counted
    health: Health
    note: str
    rejected: tuple[str, ...]
    error: SourceError | None = None


def collect(
    store: Store,
    source: Source,
    now: Callable[[], datetime],
    *,
    brand: str = "",
    progress: Progress = silent,
    after_batch: Callable[[], object] | None = None,
    watched: bool = True,
) -> Collection:
    """Run one source from its cursor; every batch is one transaction.

    A SourceError, or any error of a source's own code, ends the run and is written to the ledger and
    to the source's health; what was committed before stays. Errors of the store are raised.
    `brand` binds all mentions to a brand; `after_batch` is called after every commit. Nobody waits
    for news from a source that is not `watched`, so its health is not kept.
    """
    run = store.open_run(source.name, now())
    seen = _Seen()
    try:
        for batch in source.collect(store.cursor(source.name)):
            seen.add(batch, store.collect(_row(run, source.name, brand, batch, now())))
            progress(source.name, batch.done, batch.total)
            if after_batch is not None:
                after_batch()
    except ListenerError:
        raise
    except SourceError as error:
        return _failed(store, run, source.name, seen, error, now(), watched)
    except Exception as error:
        log.exception("source raised what it should not", source=source.name)
        broken = SourceError(f"{type(error).__name__} in the source's own code: {error}")
        return _failed(store, run, source.name, seen, broken, now(), watched)
    return _done(store, run, source.name, seen, now(), watched)


class _Seen:
    """What a run has brought so far."""

    def __init__(self) -> None:
        self.counted = Counted()
        self.health = Health.QUIET
        self.notes: list[str] = []
        self.rejected: list[str] = []

    def add(self, batch: Batch, counted: Counted) -> None:
        """Add one committed batch; the worst health of all batches counts."""
        before = self.counted
        self.counted = Counted(
            *(getattr(before, name) + getattr(counted, name) for name in Counted.__slots__)
        )
        if batch.note:
            self.notes.append(batch.note)
        self.rejected.extend(batch.rejected[: MOST_REJECTED - len(self.rejected)])
        order = (Health.QUIET, Health.HEALTHY, Health.DEGRADED, Health.BLIND)
        if batch.mentions or batch.health in (Health.DEGRADED, Health.BLIND):
            self.health = max(self.health, batch.health, key=order.index)


def _row(run: int, name: str, brand: str, batch: Batch, at: datetime) -> Collected:
    return Collected(
        run=run,
        source=name,
        brand=brand,
        mentions=batch.mentions,
        tombstones=batch.tombstones,
        cursor=batch.cursor,
        gap=batch.gap,
        rejected=batch.rejected,
        at=at,
    )


def _done(
    store: Store, run: int, name: str, seen: _Seen, at: datetime, watched: bool
) -> Collection:
    note = "; ".join(dict.fromkeys(seen.notes))
    store.close_run(run, "ok", note, at)
    before = _state(store, name, at)
    state = replace(
        before,
        health=seen.health,
        since=before.since if before.health == seen.health else at,
        reason=note,
        last_attempt_at=at,
        last_success_at=at,
        failures=0,
        retry_at=None,
    )
    if watched:
        store.set_health(state)
    return Collection(name, seen.counted, seen.health, note, tuple(seen.rejected))


def _failed(
    store: Store,
    run: int,
    name: str,
    seen: _Seen,
    error: SourceError,
    at: datetime,
    watched: bool,
) -> Collection:
    store.close_run(run, "failed", str(error), at)
    before = _state(store, name, at)
    failures = before.failures + 1
    passing = isinstance(error, Transient) and failures < BLIND_AFTER
    health = Health.DEGRADED if passing else Health.BLIND
    pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
    until = error.until if isinstance(error, RateLimited) else None
    state = replace(
        before,
        health=health,
        since=before.since if before.health == health else at,
        reason=str(error),
        last_attempt_at=at,
        failures=failures,
        retry_at=until or at + pause,
    )
    if watched:
        store.set_health(state)
    return Collection(name, seen.counted, health, str(error), tuple(seen.rejected), error)


def _state(store: Store, name: str, at: datetime) -> SourceState:
    known = {state.source: state for state in store.health()}
    return known.get(name) or SourceState(name, Health.QUIET, at, "")
