"""How bad it is: expected severity from ordinal cuts, and its band."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

CUTS = ("severity_1", "severity_2", "severity_3", "severity_4")
SEVERE_BY_POLICY = ("safety", "vulnerable", "discrimination", "privacy")
BANDS = ((2.4, "critical"), (1.7, "high"), (1.1, "medium"), (0.5, "low"))
SEVERE = frozenset({"high", "critical"})
BY_POLICY = 1.7
NONE = "none"


def expected_severity(p: Mapping[str, float]) -> float:
    """The sum of P(severity ≥ 1 … 4), each no larger than the one before: 0 (nothing) to 4.

    `p` is what the heads say (`evidence.Heads.weigh`).
    """
    total, ceiling = 0.0, 1.0
    for cut in CUTS:
        ceiling = min(ceiling, p[cut])
        total += ceiling
    return total


def severity_band(expected: float, features: Collection[str], *, complains: bool) -> str:
    """`none`, `low`, `medium`, `high` or `critical`.

    Expected severity is shrunk towards the mean, so the limits lie lower than the scale suggests.
    A complaint that speaks of danger, need, discrimination or leaked data is high or worse by
    policy.
    """
    if complains and policy_severe(features):
        expected = max(expected, BY_POLICY)
    return next((band for limit, band in BANDS if expected >= limit), NONE)


def policy_severe(features: Collection[str]) -> tuple[str, ...]:
    """The signals that make a complaint high whatever else it says: policy, not measured."""
    return tuple([name for name in SEVERE_BY_POLICY if name in features])
