"""What is muted: advertising, job adverts, news and reposts. Out of sight, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from triage.severity import policy_severe

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

COMPLAINS_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class MuteRule:
    """A rule: all `signals` and one of `beside` (features) present, none of `without`, unless the post
    complains.

    `says` completes "muted: the post …".
    """

    name: str
    says: str
    signals: tuple[str, ...]
    beside: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


RULES = (
    MuteRule("repost", "only passes on somebody else's post", ("repost",)),
    MuteRule("promo", "advertises", ("promo",)),
    MuteRule("bare_link", "is nothing but a link", ("bare_link",), without=("picture",)),
    MuteRule(
        "self_promo",
        "calls to a channel, a page or a work of its own",
        ("self_promo",),
        without=("addressed",),
    ),
    MuteRule("giveaway", "runs a giveaway", ("giveaway",)),
    MuteRule("job", "advertises a job", ("job",), ("link", "tag", "promo", "repost")),
    MuteRule("bot", "was posted by a machine", ("bot",), ("link", "tag")),
    MuteRule("news", "repeats news about the company", ("news",), ("link", "repost", "tag")),
)
"""Checked in order. Advertising words occur in complaints too ("your discount code does not work"),
so these rules mute nothing that reads like a complaint, a question for help or a wish."""

OTHERS_WORDS = frozenset({"repost", "news"})
"""What these rules mute is somebody else's: whatever it complains of, its poster awaits no answer.
Only what the poster adds about themselves, or says to the company, spares it."""

CALLS = frozenset({"self_promo"})
"""What this rule mutes often asks for help or has a wish ("help me reach 1,000 subscribers")."""

LEARNT = MuteRule("advert", "reads like advertising", ())
LEARNT_FROM = 0.6
SURE_FROM = 0.7
"""From here on the spam head mutes what asks for help, wishes something or may complain, too: "please
subscribe"."""

BRIEF = "brief"
SHOWING = frozenset({"picture", "outcry"})
"""What keeps a few words beside a link from being an advert: they show something, or complain."""

MUTING = frozenset([name for rule in RULES for name in rule.signals])
SPARING = frozenset(
    {"help", "idea", "question", "refund", "tried_channel", "no_answer", "broken", "billing"}
)
ASKING = frozenset({"help", "idea", "question"})
PERSONAL = frozenset({"first_person", "second_person", "asks", "exclaims"})


def muted_by(
    features: Mapping[str, float], complaint_p: float, spam_p: float = 0.0
) -> tuple[MuteRule, ...]:
    """The rules that mute a post with these features; none when it may need an answer.

    `spam_p` is what the spam head says; it decides only where no rule does.
    """
    if MUTING.isdisjoint(features):
        return (LEARNT,) if _advertises(features, complaint_p, spam_p) else ()
    complains = complaint_p >= COMPLAINS_ENOUGH
    rules = tuple([rule for rule in RULES if _applies(rule, features, complains=complains)])
    return rules or ((LEARNT,) if _advertises(features, complaint_p, spam_p) else ())


def _advertises(features: Collection[str], complaint_p: float, spam_p: float) -> bool:
    """Whether the spam head mutes: what asks or may complain only when sure, and surer than that.

    What begins with a handle answers somebody, and an answer with a link is no advert. Hardly a
    word beside a picture says too little: that is how damage is shown; beside any link one word is
    enough to complain. By policy nothing is muted that speaks of danger and the like.
    """
    if spam_p < LEARNT_FROM or spam_p <= complaint_p or "addressed" in features:
        return False
    if policy_severe(features) or (BRIEF in features and not SHOWING.isdisjoint(features)):
        return False
    spared = complaint_p >= COMPLAINS_ENOUGH or not SPARING.isdisjoint(features)
    return spam_p >= SURE_FROM or not spared


def _applies(rule: MuteRule, features: Collection[str], *, complains: bool) -> bool:
    """Whether a rule's conditions hold."""
    if not all(name in features for name in rule.signals):
        return False
    if any(name in features for name in rule.without):
        return False
    sparing = SPARING - ASKING if rule.name in CALLS else SPARING
    spared = complains or not sparing.isdisjoint(features)
    if spared and (rule.name not in OTHERS_WORDS or not PERSONAL.isdisjoint(features)):
        return False
    return not rule.beside or any(name in features for name in rule.beside)
