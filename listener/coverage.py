"""When each source was seen: the coverage ledger over the last days, as equal stretches of time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from listener.stages.rhythm import LOOK_BACK, Rhythm, rhythm_of
from sources.protocols import Health

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from listener.store.protocol import Store
    from listener.store.rows import GapRow, RunRow, SourceState
    from listener.subscribed import Subscribed

STRETCHES = 56  # a week in stretches of three hours
MOST_RUNS = 20_000
_NONE: Mapping[str, Subscribed] = MappingProxyType({})


class Seen(StrEnum):
    """What happened in one stretch, in rising order of what is shown when several did.

    One good run makes up for failures before it, news for silence; a gap hides all else.
    """

    NO_RUN = "no run"
    FAILED = "failed"
    STOPPED = "stopped by us"
    QUIET = "nothing new"
    OK = "news"
    UNUSUAL = "unusually quiet"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one source was seen from `start` to `end`; `stretches` divide that time equally.

    Counts are of runs that began in that time: `known` is what they had seen before, `failed` those
    that did not go through, `stopped` those that we ended; `gaps` overlap it. `last` is the latest
    run, with the window it asked for. `rhythm` says how the source usually is, `push` how a hub
    pushes it (None: no hub does).
    """

    source: str
    state: SourceState | None
    start: datetime
    end: datetime
    stretches: tuple[Seen, ...]
    runs: int
    failed: int
    stopped: int
    seen: int
    new: int
    known: int
    rejected: int
    gaps: tuple[GapRow, ...]
    last: RunRow | None
    rhythm: Rhythm
    push: Subscribed | None = None

    @property
    def failing(self) -> bool:
        """Whether it cannot see now: its last try failed, or it is blind."""
        return self.state is not None and (
            self.state.failures > 0 or self.state.health is Health.BLIND
        )


def coverage(
    store: Store,
    names: Sequence[str],
    now: datetime,
    days: int,
    pushes: Mapping[str, Subscribed] = _NONE,
) -> list[Coverage]:
    """Look at the ledger of these sources over the last `days`, in the order of the names."""
    start = now - timedelta(days=days)
    states = {state.source: state for state in store.health()}
    return [
        replace(_coverage(store, name, states.get(name), start, now), push=pushes.get(name))
        for name in names
    ]


def _coverage(
    store: Store, name: str, state: SourceState | None, start: datetime, now: datetime
) -> Coverage:
    latest = store.runs(name, MOST_RUNS)
    runs = [run for run in latest if start <= run.started_at <= now]
    gaps = [gap for gap in store.gaps(name) if _overlaps(gap, start, now)]
    quiet_since = state.quiet_since if state else None
    last = latest[0] if latest else None
    # A source that nobody asks any more is not silent: what counts is the time until its last run.
    asked = min(last.started_at, now) if last else now
    rhythm = rhythm_of(store.hours(name, (quiet_since or asked) - LOOK_BACK), asked)
    return Coverage(
        source=name,
        state=state,
        start=start,
        end=now,
        stretches=_stretches(runs, gaps, quiet_since, start, now),
        runs=len(runs),
        failed=sum(run.outcome in ("failed", "interrupted") for run in runs),
        stopped=sum(run.outcome == "stopped" for run in runs),
        seen=sum(run.counted.seen for run in runs),
        new=sum(run.counted.new for run in runs),
        known=sum(run.counted.known for run in runs),
        rejected=sum(run.counted.rejected for run in runs),
        gaps=tuple(gaps),
        last=last,
        rhythm=rhythm,
    )


def _overlaps(gap: GapRow, start: datetime, end: datetime) -> bool:
    """Open ends reach as far as they can; a gap without both ends counts when it was found."""
    if gap.start is None and gap.end is None:
        return start <= gap.found_at <= end
    return (gap.start or start) <= end and (gap.end or end) >= start


def _stretches(
    runs: Sequence[RunRow],
    gaps: Sequence[GapRow],
    quiet_since: datetime | None,
    start: datetime,
    end: datetime,
) -> tuple[Seen, ...]:
    length = (end - start) / STRETCHES
    order = tuple(Seen)
    seen = [Seen.NO_RUN] * STRETCHES

    def index(at: datetime) -> int:
        return min(max(int((at - start) / length), 0), STRETCHES - 1)

    for run in runs:
        place = index(run.started_at)
        seen[place] = max(seen[place], _what(run), key=order.index)
    if quiet_since is not None:
        for place in range(index(quiet_since), STRETCHES):
            if seen[place] is Seen.QUIET:
                seen[place] = Seen.UNUSUAL
    latest = max(runs, key=lambda run: run.started_at, default=None)
    if latest is not None and _what(latest) is Seen.FAILED:
        seen[index(latest.started_at)] = Seen.FAILED  # it cannot see now, whatever it saw before
    for gap in gaps:
        if gap.closed_at is not None:
            continue
        first = gap.start or gap.end or gap.found_at
        last = gap.end or (gap.found_at if gap.start is None else end)
        for place in range(index(first), index(last) + 1):
            seen[place] = Seen.GAP
    return tuple(seen)


def _what(run: RunRow) -> Seen:
    if run.outcome == "running":
        return Seen.NO_RUN
    if run.counted.new:
        return Seen.OK
    return {"ok": Seen.QUIET, "stopped": Seen.STOPPED}.get(run.outcome, Seen.FAILED)
