"""Where a run is stopped that could go on: between two pages, with all that was committed kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.store.rows import Counted
from sources.duration import show_duration

RUN_DEADLINE = timedelta(minutes=10)  # the other sources wait meanwhile


def never() -> bool:
    """Nobody asks the program to end."""
    return False


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one run may bring, and how long it may take; None is without end.

    `posts_per_day` is for all runs of a day (UTC) together. `ending` says that the program is to end.
    """

    posts_per_day: int | None = None
    deadline: timedelta | None = None
    ending: Callable[[], bool] = never


UNBOUNDED = Bounds()


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run ends before its source does, and when the next may begin."""

    note: str
    retry_at: datetime
    degraded: bool = True


@dataclass(frozen=True, slots=True)
class Brake:
    """The bounds of one run that has begun at `began`, after `brought` posts on that day."""

    bounds: Bounds
    began: datetime
    brought: int = 0

    def stop(self, counted: Counted, at: datetime) -> Stop | None:
        """Whether to stop here, having brought so much; None to go on."""
        if self.bounds.ending():
            return Stop("stopped between two pages: the program was asked to end", at, False)
        cap = self.bounds.posts_per_day
        if cap is not None and self.brought + counted.new + counted.edited >= cap:
            note = f"the budget of {cap:,} posts a day is used up; reading goes on at 00:00 UTC"
            return Stop(note, midnight(at) + timedelta(days=1))
        deadline = self.bounds.deadline
        if deadline is not None and at - self.began >= deadline:
            took = show_duration(deadline)
            return Stop(f"stopped between two pages after {took}; the next run goes on there", at)
        return None


def midnight(at: datetime) -> datetime:
    """The beginning of the day (UTC)."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
