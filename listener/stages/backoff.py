"""How long a source that failed is left alone: longer each time, and never many in step."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sources.errors import RateLimited, SourceError, Transient, Unreadable

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
# What a person must mend is not asked for often: some platforms lock an account out for it.
PERSONS_PAUSE = timedelta(minutes=5)
# "Checking your browser" in place of a feed is often gone with the next request.
PASSING = 2


def retry_at(
    error: SourceError, source: str, failures: int, before: timedelta, at: datetime
) -> datetime:
    """The earliest moment for the next try after the `failures`-th failure in a row, at `at`.

    A moment that the platform named is kept to, but half a minute must pass. `before` is the last
    pause, zero when there was none.
    """
    if isinstance(error, RateLimited) and error.until is not None:
        return max(error.until, at + FIRST_PAUSE)
    passing = isinstance(error, Unreadable) and failures <= PASSING
    first = FIRST_PAUSE if passing or isinstance(error, Transient) else PERSONS_PAUSE
    return at + pause(source, failures, before, first)


def pause(
    source: str, failures: int, before: timedelta, first: timedelta = FIRST_PAUSE
) -> timedelta:
    """A pause between `first` and three times the last one, an hour at most.

    That is the decorrelated jitter of Brooker, "Exponential Backoff And Jitter" (AWS, 2015). What
    stands for chance is the source's name and the number of the failure, so that the same history
    gives the same pauses, and sources that failed together do not come back together.
    """
    before = min(max(before, first), LONGEST_PAUSE)
    return min(first + _chance(source, failures) * (3 * before - first), LONGEST_PAUSE)


def _chance(source: str, failures: int) -> float:
    """A number in [0, 1) that looks drawn by lot."""
    seed = f"{failures} {source}".encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(seed, digest_size=6).digest()) / (1 << 48)
