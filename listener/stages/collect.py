"""Collect: take what a source yields and commit it, page by page, together with its cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from listener.errors import ListenerError
from listener.stages.bounds import UNBOUNDED, Bounds, Brake, Stop, midnight
from listener.stages.progress import Progress, silent
from listener.stages.rhythm import LOOK_BACK, Rhythm, rhythm_of
from listener.stages.standing import after_failure, after_stop, after_success, went_back
from listener.store.protocol import Store
from listener.store.rows import Collected, Counted, SourceState
from sources.errors import SourceError
from sources.protocols import Batch, Health, Source

log = structlog.get_logger(__name__)

MOST_REJECTED = 100  # sentences kept; all of them are counted


@dataclass(frozen=True, slots=True)
class Collection:
    """How one run of one source went.

    `error` is None when it went through; `stopped` says that we ended it between two of its `pages`.
    """

    source: str
    counted: Counted
    health: Health
    note: str
    rejected: tuple[str, ...]
    error: SourceError | None = None
    pages: int = 0
    stopped: bool = False


def collect(
    store: Store,
    source: Source,
    now: Callable[[], datetime],
    *,
    brand: str = "",
    progress: Progress = silent,
    after_batch: Callable[[], object] | None = None,
    watched: bool = True,
    bounds: Bounds = UNBOUNDED,
) -> Collection:
    """Run one source from its cursor; every batch is one transaction.

    A SourceError, or any error of a source's own code, ends the run and is written to the ledger and
    to the source's health; what was committed before stays. Errors of the store are raised.
    `brand` binds all mentions to a brand; `after_batch` is called after every commit. Nobody waits
    for news from a source that is not `watched`, so its health is not kept. When a page reaches the
    `bounds`, no further one is asked for; the cursor stays where the page has put it, so that
    nothing is missed.
    """
    run = _Run(store, source.name, now, watched)
    try:
        stop = run.take(source, bounds, brand, progress, after_batch)
    except ListenerError:
        raise
    except SourceError as error:
        return run.failed(error)
    except Exception as error:
        log.exception("source raised what it should not", source=source.name)
        return run.failed(SourceError(f"{type(error).__name__} in the source's own code: {error}"))
    return run.done() if stop is None else run.stopped(stop)


class _Run:
    """One run of one source: its row in the ledger and what it has brought so far."""

    def __init__(self, store: Store, name: str, now: Callable[[], datetime], watched: bool) -> None:
        self._store, self._name, self._now, self._watched = store, name, now, watched
        self._began = now()
        self._before = _state(store, name, self._began)
        self._id = store.open_run(name, self._began)
        self._counted = Counted()
        self._health = Health.QUIET
        self._notes = [went_back(self._before, self._began)]
        self._rejected: list[str] = []
        self._pages = 0

    def take(
        self,
        source: Source,
        bounds: Bounds,
        brand: str,
        progress: Progress,
        after_batch: Callable[[], object] | None,
    ) -> Stop | None:
        """Commit page after page; says why it stopped before the source was through."""
        brake = self._brake(bounds)
        if (stop := brake.stop(self._counted, self._now())) is not None:
            return stop
        pages = source.collect(self._store.cursor(self._name))
        try:
            for batch in pages:
                self._add(batch, self._store.collect(self._row(brand, batch)))
                progress(self._name, batch.done, batch.total)
                if after_batch is not None:
                    after_batch()
                if (stop := brake.stop(self._counted, self._now())) is not None:
                    return stop
        finally:
            # A generator that is left in the middle gives its connections back now, not some time.
            close = getattr(pages, "close", None)
            if close is not None:
                close()
        return None

    def done(self) -> Collection:
        """The source was through."""
        at = self._now()
        rhythm = self._rhythm(at) if self._watched and not self._counted.new else None
        state = after_success(self._before, self._health, self._note(), at, rhythm)
        return self._close("ok", state, at)

    def stopped(self, stop: Stop) -> Collection:
        """We ended it."""
        at = self._now()
        self._notes.append(stop.note)
        state = after_stop(self._before, self._health, self._note(), at, stop, self._pages > 0)
        return self._close("stopped", state, at)

    def failed(self, error: SourceError) -> Collection:
        """The source did not go through; what it had noted before is kept in the ledger."""
        at = self._now()
        self._notes.append(str(error))
        return self._close("failed", after_failure(self._before, error, at), at, error)

    def _brake(self, bounds: Bounds) -> Brake:
        capped = bounds.posts_per_day is not None
        if not capped:
            return Brake(bounds, self._began)
        # Looking posts up again is paid for like reading them.
        looked_up = self._store.looked_up(self._name, self._began)
        brought = self._store.brought(self._name, midnight(self._began)) + looked_up
        return Brake(bounds, self._began, brought)

    def _add(self, batch: Batch, counted: Counted) -> None:
        """Count one committed batch; the worst health of all batches counts."""
        before = self._counted
        self._pages += 1
        self._counted = Counted(
            *(getattr(before, name) + getattr(counted, name) for name in Counted.__slots__)
        )
        self._notes.append(batch.note)
        self._rejected.extend(batch.rejected[: MOST_REJECTED - len(self._rejected)])
        order = (Health.QUIET, Health.HEALTHY, Health.DEGRADED, Health.BLIND)
        if batch.mentions or batch.health in (Health.DEGRADED, Health.BLIND):
            self._health = max(self._health, batch.health, key=order.index)

    def _row(self, brand: str, batch: Batch) -> Collected:
        at = self._now()
        gap = batch.gap
        if gap is not None and gap.end is None:
            gap = replace(gap, end=at)  # what comes later is for the next run to see
        return Collected(
            run=self._id,
            source=self._name,
            brand=brand,
            mentions=batch.mentions,
            tombstones=batch.tombstones,
            cursor=batch.cursor,
            gap=gap,
            rejected=batch.rejected,
            filled=batch.filled,
            at=at,
        )

    def _note(self) -> str:
        return "; ".join(dict.fromkeys(note for note in self._notes if note))

    def _rhythm(self, at: datetime) -> Rhythm:
        # Once a silence is known to be unusual it is held against the time before it, however long
        # it lasts.
        since = self._before.quiet_since or at
        return rhythm_of(self._store.hours(self._name, since - LOOK_BACK), self._began)

    def _close(
        self, outcome: str, state: SourceState, at: datetime, error: SourceError | None = None
    ) -> Collection:
        note = state.reason if outcome == "ok" else self._note()
        self._store.close_run(self._id, outcome, note, at)
        if self._watched:
            self._store.set_health(state)
        return Collection(
            self._name,
            self._counted,
            state.health,
            str(error) if error is not None else note,
            tuple(self._rejected),
            error,
            self._pages,
            outcome == "stopped",
        )


def _state(store: Store, name: str, at: datetime) -> SourceState:
    return next(iter(store.health(name)), SourceState(name, Health.QUIET, at, ""))
