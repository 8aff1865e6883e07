"""What each sign of a consumer vigilante counts for: policy of the house, not measured, a setting."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from triage.points import Points

# 2 shows it by itself, 1 only beside something else, 0 does not count.
LEFT: Mapping[str, int] = MappingProxyType(
    {"on_hold": 2, "no_answer": 2, "tried_channel": 1, "wrote_privately": 1}
)
FORCES: Mapping[str, int] = MappingProxyType(
    {
        "call_to_join": 2,
        "goes_public": 2,
        "ultimatum": 2,
        "regulator": 2,
        "press": 2,
        "legal": 2,
        "executive": 1,
        "churn": 1,
    }
)
BESIDE: Mapping[str, int] = MappingProxyType({"in_vain": 1, "angry": 1})
PERSON: Mapping[str, int] = MappingProxyType({"posts": 2, "followers": 2})
FROM: Mapping[str, int] = MappingProxyType({"posts_from": 3, "followers_from": 10_000})
DEFAULTS: Mapping[str, int] = MappingProxyType({**LEFT, **FORCES, **BESIDE, **PERSON, **FROM})
MOST = 4
MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class VigilanteWeights:
    """What counts, by name of the signal: on the left channel, on going public, beside either.

    `in_vain` is added once beside `left`, `angry` once beside `forces`; `posts` and `followers`
    count for the person, from `posts_from` posts and `followers_from` followers on.
    """

    left: Mapping[str, int]
    forces: Mapping[str, int]
    in_vain: int
    angry: int
    posts: int
    followers: int
    posts_from: int
    followers_from: int

    @property
    def shows(self) -> frozenset[str]:
        """The signals without which a post shows nothing of either."""
        return frozenset([*self.left, *self.forces])


@lru_cache(MOST_KEPT)
def weights_of(changed: Points = ()) -> VigilanteWeights:
    """The defaults with some changed; what counts for 0 is not there. KeyError for other names."""
    for name, _ in changed:
        DEFAULTS[name]
    all_ = {**DEFAULTS, **dict(changed)}
    rest = {name: all_[name] for name in (*BESIDE, *PERSON, *FROM)}
    return VigilanteWeights(
        left={name: all_[name] for name in LEFT if all_[name]},
        forces={name: all_[name] for name in FORCES if all_[name]},
        **rest,
    )
