"""The life of an issue: new, growing, known, fixed, back; what moves it on, and why.

People say that an issue is fixed or closed; the rest follows from what is heard. An issue is new for
three days, growing while clearly more people have it than in the days before, otherwise known, and
back when the same complaint is written after the fix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import sqrt

VERSION = "life-1"

NEW_FOR = timedelta(days=3)
WEEK = 7
GROWS = 1.5  # times as many people
STILL_GROWS = 1.15
MORE = 10  # people
SURE = 3.0  # standard errors
FALSE_A_WEEK = 0.012  # growth of level issues, at most: `python -m benchmarks.growth`
ODD_ONES = 10  # one in ten of the earlier posts is less alike than the bar
FEWEST_ALIKE = 5

_RESTLESS = 0.04  # relative spread of days beyond chance, squared: never less
_UNKNOWN = 0.5  # with one day on either side it can't be measured


class Life(StrEnum):
    """Where an issue stands. The first three follow from what is heard and are kept as its phase."""

    NEW = "new"
    GROWING = "growing"
    KNOWN = "known"
    FIXED = "fixed"
    BACK = "back"
    CLOSED = "closed"


def life_of(state: str, fixed_at: datetime | None, phase: str) -> Life:
    """The life of an issue from what people decided (open, fixed, closed), its fix, and its phase.

    An open issue with a fix was opened again by the same complaint; a person who opens one takes
    the fix away. An issue without a phase has not been looked at yet: it is new.
    """
    if state != "open":
        return Life(state)
    if fixed_at is not None:
        return Life.BACK
    return Life(phase or Life.NEW)


@dataclass(frozen=True, slots=True)
class Trend:
    """The people of the latest days against those of as many days before.

    `days` is 7 once the issue is two weeks old, half its age before, and 0 while there is nothing to
    compare. `sure` says that chance and restless days do not explain the difference.
    """

    days: int
    now: int
    before: int
    sure: bool

    @property
    def ratio(self) -> float | None:
        """How many times as many; None when there were none before."""
        return self.now / self.before if self.before else None

    @property
    def words(self) -> str:
        """Such as `+50 %`, `-20 %`, or `too few to tell`."""
        ratio = self.ratio
        if not self.days or ratio is None or max(self.now, self.before) < MORE:
            return "too few to tell"
        return f"{round((ratio - 1) * 100):+,} %"


def trend(days: Sequence[int], age: timedelta) -> Trend:
    """Compare the latest days. `days` are the people of each day, oldest first, today's last."""
    span = min(WEEK, int(age / timedelta(days=1)) // 2, len(days) // 2)
    if span < 1:
        return Trend(0, sum(days), 0, False)
    late, early = list(days[-span:]), list(days[-2 * span : -span])
    now, before = sum(late), sum(early)
    spread = max(_restless(late), _restless(early)) if span > 1 else _UNKNOWN
    error = sqrt(now + before + (now**2 + before**2) * spread / span + 1)
    return Trend(span, now, before, abs(now - before) >= SURE * error)


def _restless(days: Sequence[int]) -> float:
    """The relative variance of these days beyond chance."""
    mean = sum(days) / len(days)
    if not mean:
        return _RESTLESS
    variance = sum((day - mean) ** 2 for day in days) / (len(days) - 1)
    return max(_RESTLESS, (variance - mean) / mean**2)


@dataclass(frozen=True, slots=True)
class Decision:
    """A phase and the reasons for it, in words a support person reads."""

    phase: Life
    reasons: tuple[str, ...]

    @property
    def alarm(self) -> tuple[str, ...]:
        """The reasons, and how often the rule of growth is wrong."""
        false = f"this rule raises at most {FALSE_A_WEEK} false alarms a week on a level issue"
        return (*self.reasons, false)


def phase_of(was: str, age: timedelta, found: Trend) -> Decision:
    """The phase an issue is in: new for three days, then growing or known.

    What grows goes on growing until it is nearly level, so that an issue does not flicker.
    """
    said = f"{found.now:,} people in {_days(found.days)}, {found.before:,} in the {_days(found.days)} before"
    if age < NEW_FOR:
        return Decision(Life.NEW, (f"first seen less than {_days(NEW_FOR.days)} ago",))
    more = found.now - found.before
    if found.sure and more >= MORE and found.now >= GROWS * found.before:
        return Decision(Life.GROWING, (said,))
    if was == Life.GROWING and found.days and found.now >= STILL_GROWS * found.before:
        return Decision(Life.GROWING, (said, "still more than before"))
    reason = said if found.days and max(found.now, found.before) else "nobody said it lately"
    return Decision(Life.KNOWN, (reason,))


@dataclass(frozen=True, slots=True)
class Again:
    """A complaint that joined a fixed issue: when it was written, how alike it is to the others."""

    written_at: datetime
    similarity: float


def comes_back(
    fixed_at: datetime, complaints: Sequence[Again], earlier: Sequence[float]
) -> Again | None:
    """The complaint that opens a fixed issue again, the latest of them; None when none does.

    It was written after the fix and is the same complaint, not a near miss: at least as alike to
    the issue as nine in ten of the posts that joined before the fix (`earlier`, their similarities;
    fewer than five set no bar).
    """
    bar = 0.0
    if len(earlier) >= FEWEST_ALIKE:
        bar = sorted(earlier)[len(earlier) // ODD_ONES]
    same = [one for one in complaints if one.written_at > fixed_at and one.similarity >= bar]
    return max(same, key=lambda one: one.written_at, default=None)


def _days(count: int) -> str:
    return f"{count} days" if count != 1 else "1 day"
