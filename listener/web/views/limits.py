"""How long an answer may be where the customer posted."""

from __future__ import annotations

from collections.abc import Mapping

# Characters, as the platforms document them; a Mastodon server may allow more.
LIMITS: Mapping[str, int] = {
    "x": 280,
    "bluesky": 300,
    "mastodon": 500,
    "stackexchange": 600,
    "appstore": 5_970,
    "reddit": 10_000,
    "youtube": 10_000,
    "lemmy": 10_000,
    "discourse": 32_000,
}
ANYWHERE = 10_000  # what is kept of a draft at all


def limit_of(kind: str) -> int:
    """The most characters of an answer on a platform."""
    return min(LIMITS.get(kind, ANYWHERE), ANYWHERE)
