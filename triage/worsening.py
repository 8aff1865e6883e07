"""Whether a case has got worse than it was when somebody put it to sleep."""

from __future__ import annotations

from typing import NamedTuple

RISE = 10
"""Points without waiting and promises: what a fifth of the way to "urgent" is, and a new level of an issue."""

MORE_PEOPLE, GROWTH = 3, 1.5
"""An issue has grown when at least so many people more, and half as many again, say the same."""


class Standing(NamedTuple):
    """What a case is worth without its lateness, and how many people its issue has (0: no issue)."""

    points: int
    issue: int = 0
    people: int = 0


def worse(then: Standing, now: Standing) -> str:
    """Why a case is worse than it was, as a sentence's end; empty when it is not.

    Time alone makes nothing worse: waiting and broken promises are no part of the points. That the
    same person complains again, or that the issue spikes, is seen where it happens.
    """
    if now.points - then.points >= RISE:
        return (
            f"its priority rose by {now.points - then.points} points without the waiting, "
            f"from {then.points} to {now.points}"
        )
    same = then.issue == now.issue != 0
    if same and now.people >= max(then.people + MORE_PEOPLE, then.people * GROWTH):
        return f"its issue has grown from {then.people} to {now.people} people"
    return ""
