"""Spikes: more people than chance explains have the same problem within three hours.

The people of a three-hour window are compared with those of the same hours on the fourteen days
before. What would be usual is a negative binomial: its mean is that of the same hours, held a little
by the level of the whole day; its spread is what the fourteen days have shown around those means,
and what fourteen days can't know. Counted are people, not posts: one person is never a spike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

import numpy as np
from numpy.typing import NDArray

VERSION = "spikes-1"

WINDOW = 3  # hours
DAYS = 14
FEWEST_DAYS = 3
FEWEST = 4  # people
CHANCE = 1e-3
LOOKS_A_WEEK = 7 * 24  # a window ends with every hour
HOURS_KEPT = DAYS * 24 + WINDOW

_LEVEL_DAYS = 1.0  # how many days the level of the whole day counts for
_UNSEEN = 0.3  # people by whom the past could be wrong
_RESTLESS = 0.05  # relative spread of any stream beyond chance, squared


class Finding(StrEnum):
    """What a look at a window found."""

    SPIKE = "spike"
    USUAL = "usual"
    TOO_FEW = "too few to tell"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a window, with what it was measured by.

    `expected` people are usual in it; from `bar` people on it is a spike. `chance` is the chance of
    as many people or more while nothing is the matter, and `per_week` how many false alarms a week
    this rule is expected to raise on this issue. `days` is how many days were compared with.
    """

    finding: Finding
    people: int
    expected: float
    bar: int
    chance: float
    per_week: float
    days: int

    @property
    def reasons(self) -> tuple[str, ...]:
        """In words a support person reads."""
        if not self.bar:
            return (
                f"{_people(self.people)} in {WINDOW} hours",
                f"only {self.days} days to compare with; {FEWEST_DAYS} are needed",
            )
        said = [
            f"{_people(self.people)} in {WINDOW} hours, {_usual(self.expected)} usual at this time"
        ]
        if self.finding is Finding.SPIKE:
            said.append(f"chance of that while nothing is wrong: {_chance(self.chance)}")
        elif self.finding is Finding.TOO_FEW:
            said.append(f"too few to tell: fewer than {self.bar} could be chance")
        said.append(
            f"this rule raises {_rate(self.per_week)} false alarms a week on an issue like it"
        )
        return tuple(said)


def look(hours: Sequence[int], people: int) -> Look:
    """Judge a window of three hours.

    `hours` are the people of every hour that was listened to, oldest first, the window's own three
    hours last; of more than fourteen days before these the latest count. `people` are the distinct
    people of the window.
    """
    past = np.asarray(hours[-HOURS_KEPT:-WINDOW] if len(hours) > WINDOW else (), np.float64)
    days = len(past) // 24
    if days < FEWEST_DAYS:
        return Look(Finding.TOO_FEW, people, 0.0, 0, 1.0, 0.0, days)
    mean, size = _usual_people(past, np.asarray(hours[-WINDOW:], np.float64), days)
    bar = _bar(mean, size)
    chance = tail(bar, mean, size)
    unseen = Finding.TOO_FEW if bar > 3 * mean else Finding.USUAL
    finding = Finding.SPIKE if people >= bar else unseen
    return Look(finding, people, mean, bar, tail(people, mean, size), chance * LOOKS_A_WEEK, days)


def _usual_people(
    past: NDArray[np.float64], window: NDArray[np.float64], days: int
) -> tuple[float, float]:
    """Mean and size of the negative binomial that the same hours of the days before follow."""
    # Every three hours that stand together, a row for each day; the first column is this time of day.
    sums = np.concatenate([[0.0], np.cumsum(past[len(past) - 24 * days :])])
    sums = np.concatenate([sums, sums[-1] + np.cumsum(window)])
    by_day = (sums[WINDOW:] - sums[:-WINDOW])[: 24 * days].reshape(days, 24)
    same = by_day[:, 0]
    level = float(by_day.mean())
    means = (by_day.sum(axis=0) + _LEVEL_DAYS * level) / (days + _LEVEL_DAYS)
    known = float(same.sum()) + _LEVEL_DAYS * level + _UNSEEN
    mean = known / (days + _LEVEL_DAYS)
    beyond = (by_day - means) ** 2 - means
    beyond[-1, 1 - WINDOW :] = 0  # these hold hours of the window that is judged
    spread = max(0.0, float(beyond.sum()) / max(float((means**2).sum()), 1e-9) / (days - 1))
    return mean, 1 / (spread + _RESTLESS + 1 / known)


def _bar(mean: float, size: float) -> int:
    """The smallest number of people that chance brings less often than once in a thousand looks."""
    low = max(FEWEST, ceil(mean) + 1)
    high = low
    while tail(high, mean, size) >= CHANCE:
        low, high = high + 1, high * 2
    while low < high:
        middle = (low + high) // 2
        if tail(middle, mean, size) < CHANCE:
            high = middle
        else:
            low = middle + 1
    return low


def tail(people: int, mean: float, size: float) -> float:
    """The chance of as many or more in a negative binomial of this mean and size.

    Variance is mean + mean²/size. At or below the mean nothing is unusual: the answer is 1.
    """
    if people <= mean or people <= 0:
        return 1.0
    # Imported late: only a window that is worth a look needs it.
    from scipy.special import betainc

    return float(betainc(people, size, mean / (mean + size)))


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


def _usual(mean: float) -> str:
    return f"{mean:,.0f}" if mean >= 9.95 else f"{mean:.1f}"


def _chance(chance: float) -> str:
    if chance < 1e-6:
        return "less than one in a million"
    return f"1 in {round(1 / chance):,}" if chance < 1 else "certain"


def _rate(rate: float) -> str:
    return f"{rate:.2f}" if rate >= 0.005 else "fewer than 0.01"
