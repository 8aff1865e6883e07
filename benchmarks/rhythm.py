"""Unusual silence: false alarms a year and hours until a dead source is noticed, on invented sources.

`python -m benchmarks rhythm` simulates sources of 1 to 1,000 posts a day, hour by hour: with nights
and weekends, with days that vary (gamma, shape 3), and with both. Alarms are counted over 126 days
of a source that lives, delays over seven sources that die after five weeks.
"""

from __future__ import annotations

import math
import random
import statistics
from datetime import UTC, datetime, timedelta

from listener.stages.rhythm import Silence, rhythm_of
from listener.store.rows import Hour

START = datetime(2026, 1, 5, tzinfo=UTC)
KINDS = ("nights", "days vary", "both")
RATES = (1, 5, 24, 100, 1_000)
MEMORY = 35 * 24  # hours that the rhythm is learnt from
WARM_UP = 14 * 24


def rate(kind: str, a_day: int, at: datetime, of_the_day: float) -> float:
    """Posts expected in the hour."""
    hourly = a_day / 24
    if kind != "days vary":
        hourly *= 2.0 if 8 <= at.hour < 20 else 0.05
        hourly *= 0.3 if at.weekday() >= 5 else 1.0
    return hourly if kind == "nights" else hourly * of_the_day


def poisson(dice: random.Random, mean: float) -> int:
    """A Poisson number; the normal approximation is good enough above 50."""
    if mean > 50:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    bound, count, product = math.exp(-mean), 0, dice.random()
    while product > bound:
        count += 1
        product *= dice.random()
    return count


def hours(kind: str, a_day: int, days: int, seed: int, dies: datetime | None = None) -> list[Hour]:
    """The ledger of an invented source, hour by hour; nothing comes once it is dead."""
    dice, of_the_day, ledger = random.Random(seed), 1.0, []
    for number in range(days * 24):
        at, end = START + timedelta(hours=number), START + timedelta(hours=number + 1)
        if number % 24 == 0:
            of_the_day = dice.gammavariate(3, 1 / 3)
        alive = dies is None or at < dies
        new = poisson(dice, rate(kind, a_day, at, of_the_day)) if alive else 0
        ledger.append(Hour(at, end, new, end if new else None))
    return ledger


def unusual(ledger: list[Hour], begin: int, now: int) -> bool:
    """Whether the silence at an hour is called unusual."""
    seen = ledger[max(0, begin) : now + 1]
    return rhythm_of(seen, ledger[now].end).silence is Silence.UNUSUAL


def alarms_a_year(kind: str, a_day: int) -> float:
    """Silences of a living source that were called unusual; looked at where they are longest."""
    alarms, years, silent = 0, 0.0, 0
    for seed in range(3):
        ledger = hours(kind, a_day, 126, seed)
        for now in range(WARM_UP, len(ledger) - 1):
            silent = 0 if ledger[now].new else silent + 1
            if silent >= max(2, 60 // a_day) and ledger[now + 1].new:
                alarms += unusual(ledger, now - MEMORY, now)
        years += (len(ledger) - WARM_UP) / 24 / 365
    return alarms / years


def delays(kind: str, a_day: int) -> list[float]:
    """Hours until a dead source was noticed; infinite where it was not within five weeks."""
    found = []
    for seed in range(10, 17):
        dies = START + timedelta(days=35, hours=random.Random(seed).randrange(168))
        ledger = hours(kind, a_day, 70, seed, dies)
        first = next(number for number, hour in enumerate(ledger) if hour.start >= dies)
        looks = range(first, len(ledger), max(1, 24 // a_day))
        noticed = (now + 1 - first for now in looks if unusual(ledger, first - MEMORY, now))
        found.append(float(next(noticed, math.inf)))
    return found


def main() -> None:
    """Print a row a kind and rate."""
    print(f"{'kind':10} {'posts a day':>11} {'alarms a year':>14} {'median delay, hours':>20}")
    for kind in KINDS:
        for a_day in RATES:
            late = statistics.median(delays(kind, a_day))
            print(
                f"{kind:10} {a_day:11,} {alarms_a_year(kind, a_day):14.1f} {late:20.0f}", flush=True
            )


if __name__ == "__main__":
    main()
