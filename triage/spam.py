"""What is muted: advertising, job adverts, news and reposts. Out of sight, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

COMPLAINS_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class MuteRule:
    """A rule: all `signals` and one of `beside` (features) present, unless the post complains.

    `says` completes "muted: the post …".
    """

    name: str
    says: str
    signals: tuple[str, ...]
    beside: tuple[str, ...] = ()


RULES = (
    MuteRule("repost", "only passes on somebody else's post", ("repost",)),
    MuteRule("promo", "advertises", ("promo",)),
    MuteRule("job", "advertises a job", ("job",), ("link", "tag", "promo", "repost")),
    MuteRule("news", "repeats news about the company", ("news",), ("link", "repost", "tag")),
)
"""Checked in order. Advertising words occur in complaints too ("your discount code does not work"),
so no rule mutes what reads like a complaint, a question for help or a wish."""

MUTING = frozenset([name for rule in RULES for name in rule.signals])
SPARING = frozenset(
    {"help", "idea", "question", "refund", "tried_channel", "no_answer", "broken", "billing"}
)


def muted_by(features: Mapping[str, float], complaint_p: float) -> tuple[MuteRule, ...]:
    """The rules that mute a post with these features; none when it may need an answer."""
    if MUTING.isdisjoint(features):
        return ()
    if complaint_p >= COMPLAINS_ENOUGH or not SPARING.isdisjoint(features):
        return ()
    return tuple([rule for rule in RULES if _applies(rule, features)])


def _applies(rule: MuteRule, features: Collection[str]) -> bool:
    """Whether a rule's conditions hold."""
    if not all(name in features for name in rule.signals):
        return False
    return not rule.beside or any(name in features for name in rule.beside)
