"""What the person wants: the lane of a post, from what the heads say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from triage.verdict import Band, Lane

if TYPE_CHECKING:
    from collections.abc import Collection

    from triage.opinion import Opinion

LANES = ("complaint", "question", "idea", "praise", "other")
LIKELY_FROM = 0.6
POSSIBLE_FROM = 0.35
COMPLAINT_FROM = 0.4
OTHERWISE_FROM = 0.5
DOUBTFUL_COMPLAINT_FROM = 0.3
"""Below `COMPLAINT_FROM` a post still counts as a complaint when nothing else claims it."""

NEVER_OTHER = frozenset(
    {
        *("safety", "vulnerable", "discrimination", "privacy", "accessibility", "fraud"),
        *("goes_public", "ultimatum"),
    }
)
PLAIN = frozenset({"on_hold", "no_answer", "unhelpful"})
"""Signals that labels confirm as complaints in 96 of 100 posts: no question, nor anything else."""

TRIED = "tried_channel"
DISAPPOINTED = frozenset({"broken_promise", "delivery", "unmet"})
"""Signals that labels confirm as complaints in eight of ten posts whose words alone leave a doubt."""

DOUBT_FROM = 0.2
MOCKS = "sarcasm"
"""Set phrases of mocking praise, nine of ten of which are negative by label: no praise."""


class Intent(NamedTuple):
    """How much a post is each thing, in 0…1 and not summing to 1, and the lane that follows."""

    lane: Lane
    lanes: tuple[tuple[str, float], ...]
    complaint_p: float
    complaint: Band


def intent(says: Opinion, features: Collection[str] = ()) -> Intent:
    """The lane of a post that no rule mutes, from what the heads say of it and its features.

    A complaint wins over a question ("why was I charged twice?"), an idea over a question ("could
    you add …?"), either over praise; what is nothing of these is `other`. A report in an issue
    tracker is the likeliest of fault, question and idea. By policy, not measured, somebody looks at
    what speaks of danger and the like: `other` becomes a complaint then.
    """
    lane = _of_report(says) if says.reports else _lane(says)
    if lane is Lane.OTHER and not NEVER_OTHER.isdisjoint(features):
        lane = Lane.COMPLAINT
    if lane in {Lane.OTHER, Lane.QUESTION} and _plainly(says, features):
        lane = Lane.COMPLAINT
    if lane in {Lane.OTHER, Lane.PRAISE} and MOCKS in features:
        lane = Lane.COMPLAINT
    some = (says.complains, says.question, says.idea, says.praise)
    rest = 1.0
    for chance in some:
        rest *= 1 - chance
    return Intent(
        lane=lane,
        lanes=tuple(zip(LANES, (*some, round(rest, 4)), strict=True)),
        complaint_p=says.complaint,
        complaint=complaint_band(says.complaint),
    )


def _plainly(says: Opinion, features: Collection[str]) -> bool:
    """Whether signals show a complaint: no answer by itself, the channel tried beside a doubt, what
    did not come beside a smaller one.
    """
    if not PLAIN.isdisjoint(features):
        return True
    if says.complaint >= DOUBT_FROM and not DISAPPOINTED.isdisjoint(features):
        return True
    return TRIED in features and says.complaint >= DOUBTFUL_COMPLAINT_FROM


def _lane(says: Opinion) -> Lane:
    """The first lane, in the order of what an answer is worth, that is sure enough."""
    if says.complains >= max(COMPLAINT_FROM, says.idea):
        return Lane.COMPLAINT
    if says.idea >= OTHERWISE_FROM:
        return Lane.IDEA
    if says.question >= max(OTHERWISE_FROM, says.praise):
        return Lane.QUESTION
    if says.praise >= OTHERWISE_FROM:
        return Lane.PRAISE
    doubtful = says.complains >= DOUBTFUL_COMPLAINT_FROM or says.complaint >= POSSIBLE_FROM
    return Lane.COMPLAINT if doubtful else Lane.OTHER


def _of_report(says: Opinion) -> Lane:
    best = max(says.complains, says.question, says.idea)
    if best == says.complains:
        return Lane.COMPLAINT
    return Lane.IDEA if best == says.idea else Lane.QUESTION


def complaint_band(p: float) -> Band:
    """A probability in words."""
    if p >= LIKELY_FROM:
        return Band.LIKELY
    return Band.POSSIBLE if p >= POSSIBLE_FROM else Band.NO
