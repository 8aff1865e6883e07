"""How waiting turns into points: quick at first, and for ever at no less than a steady pace."""

from __future__ import annotations

from bisect import bisect_right
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from math import ceil, log, log2

MOST_STEPS = 1_000
MICROSECONDS = 3_600_000_000  # of an hour
ROUNDS = 64  # of Newton's method; it needs about four


def aged(
    waited: timedelta, ageing: float, hours: float, a_day: float
) -> tuple[int, timedelta | None]:
    """The points for having waited, and the waiting time from which there is one more.

    `ageing · log2(1 + h / hours) + a_day · h / 24`, rounded, for h hours; after the first 1,000
    points the second summand alone. With `a_day` above 0, of two cases the one that has waited
    longer by d days is ahead by at least `a_day · d − 1` points at every later moment, which a
    logarithm alone cannot promise. None when waiting adds nothing any more.
    """
    known = steps(ageing, hours, a_day)
    points = bisect_right(known, waited)
    if points < len(known):
        return points, known[points]
    if a_day <= 0:
        return points, None
    apart, last = timedelta(days=1 / a_day), known[-1] if known else timedelta()
    more = max(waited - last, timedelta()) // apart
    return points + more, last + (more + 1) * apart


@lru_cache(maxsize=16)
def steps(ageing: float, hours: float, a_day: float) -> tuple[timedelta, ...]:
    """The waiting times from which there are 1, 2, 3 … points; they end where the calendar does.

    Looking points up in them keeps what is counted and when it changes in step, to the microsecond.
    """
    found: list[timedelta] = []
    if a_day <= 0 and (ageing <= 0 or hours <= 0):
        return ()
    waited = 0.0
    with suppress(OverflowError):
        while len(found) < MOST_STEPS:
            waited = _when(len(found) + 0.5, ageing, hours, a_day, waited)
            found.append(timedelta(microseconds=ceil(waited * MICROSECONDS)))
    return tuple(found)


def _when(points: float, ageing: float, hours: float, a_day: float, start: float) -> float:
    """The hours that give so many points, looked for from fewer hours on.

    Newton's method: the curve bends down, so every step stays short of the answer and none is lost.
    """
    if ageing <= 0 or hours <= 0:
        return points * 24 / a_day
    if a_day <= 0:
        return float(hours * (2 ** (points / ageing) - 1))
    waited, pace = start, a_day / 24
    for _ in range(ROUNDS):
        short = points - ageing * log2(1 + waited / hours) - pace * waited
        nearer = waited + short / (ageing / ((hours + waited) * log(2)) + pace)
        if nearer <= waited:
            break
        waited = nearer
    return waited
