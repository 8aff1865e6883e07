"""The watchdog: sources that nobody has asked for far longer than anybody ever let them wait."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from listener.ages import span
from listener.store.protocol import Store

SHORTEST = timedelta(hours=1)
TIMES = 3
LOOKED_AT = 12  # runs: their longest pause is what is usual
FEWEST = 3


class Unasked(NamedTuple):
    """A source that was last asked at `since`, and the longest pause between its runs before that."""

    source: str
    since: datetime
    usual: timedelta

    @property
    def said(self) -> str:
        """One phrase: "feed not asked since 2026-11-20 12:00 UTC, before that every 15 min"."""
        pause = "more often" if self.usual < timedelta(minutes=1) else f"every {span(self.usual)}"
        return f"{self.source} not asked since {self.since:%Y-%m-%d %H:%M} UTC, before that {pause}"


def unasked(store: Store, names: Collection[str], at: datetime) -> Iterator[Unasked]:
    """Which of these sources nobody asks any more: an hour and three usual pauses have passed.

    What is usual follows from the last runs, so that a daemon's rhythm and a nightly cron's are both
    right. A source that is to be left alone until later, and one that ran seldom, are none of these.
    """
    for state in store.health():
        last = state.last_attempt_at
        waits = state.retry_at is not None and state.retry_at > at
        if state.source not in names or last is None or waits or at - last <= SHORTEST:
            continue
        runs = [run.started_at for run in store.runs(state.source, LOOKED_AT)]
        if len(runs) < FEWEST:
            continue
        usual = max(later - earlier for later, earlier in pairwise(runs))
        if at - last > SHORTEST + TIMES * usual:
            yield Unasked(state.source, last, usual)
