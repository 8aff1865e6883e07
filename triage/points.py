"""Points of a policy that a brand has set otherwise than the house, and what names them in a version."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Points = tuple[tuple[str, int], ...]
"""Names and whole numbers, for those that differ from the defaults."""


def differing(set_: Mapping[str, int], defaults: Mapping[str, int]) -> Points:
    """What of these differs from the defaults, in order: equal for equal points. KeyError for others."""
    return tuple(sorted([(name, n) for name, n in set_.items() if defaults[name] != n]))


def version_of(policy: str, changed: Points) -> str:
    """What names the points of a policy in the version of a verdict; "" for the defaults."""
    if not changed:
        return ""
    said = ",".join([f"{name}={n}" for name, n in sorted(changed)])
    return f"{policy}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"
