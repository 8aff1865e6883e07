"""How bad it is: expected severity from ordinal cuts, and its band."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from triage.points import Points
    from triage.verdict import Signal

CUTS = ("severity_1", "severity_2", "severity_3", "severity_4")
WATCHED = ("safety", "vulnerable", "discrimination", "privacy")
"""Never muted and never learnt away, whatever they are lifted to."""

BANDS = ((2.4, "critical"), (1.7, "high"), (1.1, "medium"), (0.5, "low"))
SEVERE = frozenset({"high", "critical"})
NONE = "none"
LEAST = {4 - at: limit for at, (limit, _) in enumerate(BANDS)}
"""The least expected severity by points: 1 is low, 4 critical."""

LIFTS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(WATCHED, 3)
    | dict.fromkeys(
        (
            *("accessibility", "fraud", "legal", "regulator", "press", "executive"),
            *("goes_public", "ultimatum"),
        ),
        0,
    )
)
"""How bad a complaint that shows a signal is at least: policy of the house, not measured, a setting."""

MOST_KEPT = 256


class Lift(NamedTuple):
    """One signal by which a complaint is at least so bad: its points, 1 (low) to 4 (critical), and
    the words that show it.
    """

    name: str
    points: int
    words: str

    @property
    def band(self) -> str:
        """The band it lifts to."""
        return BANDS[4 - self.points][1]


@lru_cache(MOST_KEPT)
def lifts_of(changed: Points = ()) -> Mapping[str, int]:
    """The defaults with some changed, without those that lift nothing. KeyError for other names."""
    for name, _ in changed:
        LIFTS[name]
    return MappingProxyType({name: n for name, n in {**LIFTS, **dict(changed)}.items() if n})


def expected_severity(p: Mapping[str, float]) -> float:
    """The sum of P(severity ≥ 1 … 4), each no larger than the one before: 0 (nothing) to 4.

    `p` is what the heads say (`evidence.Heads.weigh`).
    """
    total, ceiling = 0.0, 1.0
    for cut in CUTS:
        ceiling = min(ceiling, p[cut])
        total += ceiling
    return total


def severity_band(expected: float, points: int = 0) -> str:
    """`none`, `low`, `medium`, `high` or `critical`; `points` are those of the highest lift.

    Expected severity is shrunk towards the mean, so the limits lie lower than the scale suggests.
    """
    if points:
        expected = max(expected, LEAST[points])
    for limit, band in BANDS:
        if expected >= limit:
            return band
    return NONE


def lifted(features: Collection[str], lifts: Mapping[str, int]) -> int:
    """The points of the highest lift that a complaint with these features has; 0 without any."""
    if lifts.keys().isdisjoint(features):
        return 0
    return max([lifts[name] for name in lifts.keys() & features])


def lifts_in(signals: Mapping[str, Signal], lifts: Mapping[str, int]) -> tuple[Lift, ...]:
    """All lifts of a complaint that shows these signals, the highest first."""
    found = [Lift(name, n, signals[name].text) for name, n in lifts.items() if name in signals]
    return tuple(sorted(found, key=lambda one: -one.points))


def policy_severe(features: Collection[str]) -> tuple[str, ...]:
    """The signals by which a post is never muted nor left alone: policy, not measured."""
    return tuple([name for name in WATCHED if name in features])
