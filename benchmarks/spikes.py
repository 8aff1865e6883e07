"""False alarms, recall and delay of spikes on simulated issues, beside "three times the mean".

    python -m benchmarks.spikes [--issues 20] [--seed 7]

Five regimes of an issue without anything the matter (steady, daily rhythm, weekly rhythm,
over-dispersed, ramp), each at four rates; two weeks are the past, four weeks are judged every hour.
A false alarm is the first of a row of alarms less than a day apart, for both rules alike. Recall and
delay: six hours of 3, 5 and 10 times as many people, put into the same issues at random moments and
looked at every ten minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from triage.spikes import FEWEST, HOURS_KEPT, Finding, look

REGIMES = ("steady", "daily", "weekly", "dispersed", "ramp")
RATES = (0.2, 1.0, 5.0, 20.0)  # people an hour
PAST = 15 * 24
JUDGED = 28 * 24
TICKS = 6  # looks an hour while a burst lasts
BURST = 6  # hours
HOLD = 24
TIMES = (3, 5, 10)

Counts = NDArray[np.int64]


def rates(regime: str, rate: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """What is usual in every hour of a simulated issue."""
    hour = np.arange(PAST + JUDGED)
    level = np.full(len(hour), rate)
    if regime in ("daily", "weekly", "dispersed"):
        level *= 1 + 0.9 * np.sin(2 * np.pi * (hour % 24 - 9) / 24)
    if regime == "weekly":
        level *= np.where(hour // 24 % 7 < 5, 1.24, 0.4)
    if regime == "dispersed":  # half of the variance beyond chance lasts for hours
        calm = rng.gamma(4, 1 / 4, len(hour) // 6 + 1).repeat(6)[: len(hour)]
        level *= calm * rng.gamma(4, 1 / 4, len(hour))
    if regime == "ramp":
        level *= np.exp(np.log(8) * hour / len(hour))
    return level


def mean_rule(hours: Counts, people: int) -> bool:
    """The peer: three times the mean of the last fourteen days, and at least as many people as ours."""
    past = hours[-HOURS_KEPT:-3]
    return people >= FEWEST and people > 3 * 3 * float(past.mean())


def ours(hours: Counts, people: int) -> bool:
    """Our rule."""
    return people >= FEWEST and look(hours, people).finding is Finding.SPIKE


def alarms(hours: Counts) -> tuple[int, int]:
    """Rows of alarms by our rule and by the peer's over the judged hours."""
    rows = [0, 0]
    last = [-HOLD, -HOLD]
    for end in range(PAST, PAST + JUDGED):
        seen = hours[end + 1 - HOURS_KEPT : end + 1]
        people = int(seen[-3:].sum())
        if people < FEWEST:
            continue
        for at, rule in enumerate((ours, mean_rule)):
            if rule(seen, people):
                rows[at] += end - last[at] >= HOLD
                last[at] = end
    return rows[0], rows[1]


def delays(
    hours: Counts, usual: NDArray[np.float64], start: int, times: int, rng: np.random.Generator
) -> tuple[float | None, float | None]:
    """Hours until each rule sees a burst of `times` the usual; None when it never does."""
    extra = rng.poisson(np.repeat(usual[start : start + BURST] * (times - 1) / TICKS, TICKS))
    own = rng.multinomial
    seen: list[float | None] = [None, None]
    burst = hours.copy()
    for hour in range(BURST):
        at = start + hour
        parts = (
            own(int(hours[at]), [1 / TICKS] * TICKS) + extra[hour * TICKS : hour * TICKS + TICKS]
        )
        burst[at] = 0
        for tick, count in enumerate(parts):
            burst[at] += count
            window = burst[at + 1 - HOURS_KEPT : at + 1]
            people = int(window[-3:].sum())
            for which, rule in enumerate((ours, mean_rule)):
                if seen[which] is None and people >= FEWEST and rule(window, people):
                    seen[which] = hour + (tick + 1) / TICKS
        if None not in seen:
            break
    return seen[0], seen[1]


def measured(issues: int, seed: int) -> Iterator[str]:
    """The table, line by line."""
    rng = np.random.default_rng(seed)
    yield f"{'regime':<10} {'people/h':>8} | {'false alarms per issue-week':^29} |" + "".join(
        f" {f'recall (delay, h) x{times}':^31} |" for times in TIMES
    )
    yield f"{'':<10} {'':>8} | {'ours':>14} {'3 x mean':>14} |" + (
        f" {'ours':>15} {'3 x mean':>15} |" * len(TIMES)
    )
    for regime in REGIMES:
        for rate in RATES:
            series = []
            for _ in range(issues):
                usual = rates(regime, rate, rng)
                series.append((usual, rng.poisson(usual)))
            false = np.array([alarms(hours) for _, hours in series]).mean(axis=0) / (JUDGED / 168)
            line = f"{regime:<10} {rate:>8} | {false[0]:>14.2f} {false[1]:>14.2f} |"
            for times in TIMES:
                starts = rng.integers(PAST, PAST + JUDGED - BURST, issues)
                found = [
                    delays(hours, usual, int(start), times, rng)
                    for (usual, hours), start in zip(series, starts, strict=True)
                ]
                line += (
                    "".join(f" {_recall([one[at] for one in found]):>15}" for at in (0, 1)) + " |"
                )
            yield line


def _recall(found: Sequence[float | None]) -> str:
    seen = [one for one in found if one is not None]
    late = f" ({np.median(seen):.1f})" if seen else ""
    return f"{len(seen) / len(found):.0%}{late}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks spikes")
    parser.add_argument("--issues", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    options, _ = parser.parse_known_args(arguments)
    for line in measured(options.issues, options.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
