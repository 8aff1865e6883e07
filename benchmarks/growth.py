"""False alarms a week of growth on level simulated issues, and the day on which ramps are seen.

    python -m benchmarks.growth [--issues 60] [--seed 7]

Level issues of four kinds (steady, weekly rhythm, restless days, both) at three sizes, a year each,
looked at once a day with the fourteen days before; a false alarm is a day on which the issue begins to
grow. Then ramps of 100 people a day to 200, 1,000 and 10,000 over thirty days, after two level weeks.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from triage.issues import Life, phase_of, trend

DAY = timedelta(days=1)
KINDS = ("steady", "weekly", "restless", "both")
RATES = (5, 30, 200)  # people a day
DAYS = 364
PAST = 14
TO = (200, 1_000, 10_000)
RAMP = 30


def level(kind: str, rate: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """The mean of every day of an issue that neither grows nor shrinks."""
    means = np.full(DAYS, float(rate))
    if kind in ("weekly", "both"):
        means *= np.where(np.arange(DAYS) % 7 < 5, 1.24, 0.4)
    if kind in ("restless", "both"):
        means *= rng.gamma(4, 1 / 4, DAYS)
    return means


def begins(days: Sequence[int]) -> list[int]:
    """The days on which an issue begins to grow."""
    phase, found = Life.KNOWN, []
    for day in range(PAST, len(days) + 1):
        now = phase_of(phase, day * DAY, trend(days[day - PAST : day], day * DAY)).phase
        if now is Life.GROWING and phase is not Life.GROWING:
            found.append(day)
        phase = now
    return found


def measured(issues: int, seed: int) -> Iterator[str]:
    """A line a kind and size, then a line a ramp."""
    rng = np.random.default_rng(seed)
    yield f"{'level issues':<14}" + "".join(f"{f'{rate} people/day':>18}" for rate in RATES)
    for kind in KINDS:
        line = f"{kind:<14}"
        for rate in RATES:
            false = sum(
                len(begins(rng.poisson(level(kind, rate, rng)).tolist())) for _ in range(issues)
            )
            line += f"{false / issues / ((DAYS - PAST) / 7):>18.4f}"
        yield line
    for to in TO:
        means = [100.0] * PAST + [100 * (to / 100) ** (day / RAMP) for day in range(RAMP + 1)]
        seen = []
        for _ in range(issues):
            found = [day - PAST for day in begins(rng.poisson(means).tolist()) if day > PAST]
            seen.append(found[0] if found else None)
        days = [day for day in seen if day is not None]
        late = f", day {np.median(days):.0f}" if days else ""
        yield f"100 to {to:>6,} people a day over {RAMP} days: seen {len(days) / issues:.0%}{late}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks growth")
    parser.add_argument("--issues", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    options, _ = parser.parse_known_args(arguments)
    for line in measured(options.issues, options.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
