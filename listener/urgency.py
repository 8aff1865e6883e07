"""The word for how urgent a case is: for people, nothing is decided by it."""

from __future__ import annotations

from triage.priority import matter
from triage.verdict import PriorityPart

WORDS = ("urgent", "high", "medium", "low")
# From how many points on a matter is called so.
_FROM = ((55, "urgent"), (45, "high"), (30, "medium"))


def urgency(parts: tuple[PriorityPart, ...], by_hand: int | None = None) -> str:
    """One of WORDS for a priority made of these parts, or set by hand.

    Waiting and broken promises are left out: they move a case up, and its promise is shown by
    itself, but they do not make a small matter urgent. A number set by hand is taken at its word.
    """
    points = matter(parts) if by_hand is None else by_hand
    return next((word for least, word in _FROM if points >= least), "low")
