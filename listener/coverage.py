"""When each source was seen: the coverage ledger over the last days, as equal stretches of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.store.protocol import Store
    from listener.store.rows import GapRow, RunRow, SourceState

STRETCHES = 56  # a week in stretches of three hours
MOST_RUNS = 20_000


class Seen(StrEnum):
    """What happened in one stretch: a gap hides all else, one good run makes up for failures."""

    OK = "ok"
    GAP = "gap"
    FAILED = "failed"
    NO_RUN = "no run"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one source was seen from `start` to `end`; `stretches` divide that time equally.

    Counts are of runs that began in that time; `gaps` overlap it.
    """

    source: str
    state: SourceState | None
    start: datetime
    end: datetime
    stretches: tuple[Seen, ...]
    runs: int
    failed: int
    new: int
    rejected: int
    gaps: tuple[GapRow, ...]


def coverage(store: Store, names: Sequence[str], now: datetime, days: int) -> list[Coverage]:
    """Look at the ledger of these sources over the last `days`, in the order of the names."""
    start = now - timedelta(days=days)
    states = {state.source: state for state in store.health()}
    found = []
    for name in names:
        runs = [run for run in store.runs(name, MOST_RUNS) if start <= run.started_at <= now]
        gaps = [gap for gap in store.gaps(name) if _overlaps(gap, start, now)]
        found.append(
            Coverage(
                name,
                states.get(name),
                start,
                now,
                _stretches(runs, gaps, start, now),
                len(runs),
                sum(run.outcome != "ok" and run.finished_at is not None for run in runs),
                sum(run.counted.new for run in runs),
                sum(run.counted.rejected for run in runs),
                tuple(gaps),
            )
        )
    return found


def _overlaps(gap: GapRow, start: datetime, end: datetime) -> bool:
    """Open ends reach as far as they can; a gap without both ends counts when it was found."""
    if gap.start is None and gap.end is None:
        return start <= gap.found_at <= end
    return (gap.start or start) <= end and (gap.end or end) >= start


def _stretches(
    runs: Sequence[RunRow], gaps: Sequence[GapRow], start: datetime, end: datetime
) -> tuple[Seen, ...]:
    length = (end - start) / STRETCHES
    seen = [Seen.NO_RUN] * STRETCHES

    def index(at: datetime) -> int:
        return min(max(int((at - start) / length), 0), STRETCHES - 1)

    for run in runs:
        place = index(run.started_at)
        if run.outcome == "ok":
            seen[place] = Seen.OK
        elif seen[place] is Seen.NO_RUN and run.finished_at is not None:
            seen[place] = Seen.FAILED
    for gap in gaps:
        first = gap.start or gap.end or gap.found_at
        last = gap.end or (gap.found_at if gap.start is None else end)
        for place in range(index(first), index(last) + 1):
            seen[place] = Seen.GAP
    return tuple(seen)
