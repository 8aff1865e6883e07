"""How long the stages of this process take, and how often they fail: for `/metrics`."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

# Seconds: from a page that a fast source gives to a run that has used up its deadline.
BOUNDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0, 300.0, 600.0)


@dataclass(frozen=True, slots=True)
class StageTime:
    """One stage so far. `counts` has one place for every bound and one for what took longer."""

    counts: tuple[int, ...]
    seconds: float
    failures: int


class StageTimes:
    """Counts since the process began. Any thread may use it."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self._lock = threading.Lock()
        self._counts: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Time what the block does; one that raises counts as a failure too."""
        began, failed = perf_counter(), 1
        try:
            yield
            failed = 0
        finally:
            self._add(stage, perf_counter() - began, failed)

    def failed(self, stage: str) -> None:
        """Count a failure that was told without being raised."""
        with self._lock:
            self._failures[stage] = self._failures.get(stage, 0) + 1

    def seen(self) -> Mapping[str, StageTime]:
        """Every stage that has run, by name."""
        with self._lock:
            return {
                stage: StageTime(tuple(counts), self._seconds[stage], self._failures.get(stage, 0))
                for stage, counts in sorted(self._counts.items())
            }

    def _add(self, stage: str, seconds: float, failed: int) -> None:
        with self._lock:
            counts = self._counts.setdefault(stage, [0] * (len(BOUNDS) + 1))
            counts[bisect_left(BOUNDS, seconds)] += 1
            self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds
            self._failures[stage] = self._failures.get(stage, 0) + failed
