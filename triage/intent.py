"""What the person wants: the lane of a post, from transparent heads over its features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from triage.verdict import Band, Lane

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

LANES = ("complaint", "question", "idea", "praise", "other")
LIKELY_FROM = 0.6
POSSIBLE_FROM = 0.35
COMPLAINT_FROM = 0.45
OTHERWISE_FROM = 0.5
DOUBTFUL_COMPLAINT_FROM = 0.35
"""Below `COMPLAINT_FROM` a post still counts as a complaint when nothing else claims it."""

NEVER_OTHER = frozenset(
    {
        *("safety", "vulnerable", "discrimination", "privacy", "accessibility", "fraud"),
        *("goes_public", "ultimatum"),
    }
)


@dataclass(frozen=True, slots=True)
class Intent:
    """How much a post is each thing, in 0…1 and not summing to 1, and the lane that follows."""

    lane: Lane
    lanes: tuple[tuple[str, float], ...]
    complaint_p: float
    complaint: Band


def intent(p: Mapping[str, float], features: Collection[str] = ()) -> Intent:
    """The lane of a post that no rule mutes, from what its heads say (`evidence.Heads.weigh`).

    A complaint wins over a question ("why was I charged twice?"), an idea over a question ("could
    you add …?"), either over praise; what is nothing of these is `other`. By policy, not measured,
    somebody looks at what speaks of danger and the like: `other` becomes a complaint then.
    """
    complaint, question, idea, praise = p["complaint"], p["question"], p["idea"], p["praise"]
    lane = _lane(complaint, question, idea, praise)
    if lane is Lane.OTHER and not NEVER_OTHER.isdisjoint(features):
        lane = Lane.COMPLAINT
    rest = round((1 - complaint) * (1 - question) * (1 - idea) * (1 - praise), 4)
    return Intent(
        lane=lane,
        lanes=tuple(zip(LANES, (complaint, question, idea, praise, rest), strict=True)),
        complaint_p=complaint,
        complaint=complaint_band(complaint),
    )


def _lane(complaint: float, question: float, idea: float, praise: float) -> Lane:
    """The first lane, in the order of what an answer is worth, that is sure enough."""
    if complaint >= COMPLAINT_FROM and complaint >= idea:
        return Lane.COMPLAINT
    if idea >= OTHERWISE_FROM:
        return Lane.IDEA
    if question >= OTHERWISE_FROM and question >= praise:
        return Lane.QUESTION
    if praise >= OTHERWISE_FROM:
        return Lane.PRAISE
    return Lane.COMPLAINT if complaint >= DOUBTFUL_COMPLAINT_FROM else Lane.OTHER


def complaint_band(p: float) -> Band:
    """A probability in words."""
    if p >= LIKELY_FROM:
        return Band.LIKELY
    return Band.POSSIBLE if p >= POSSIBLE_FROM else Band.NO
