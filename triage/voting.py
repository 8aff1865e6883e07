"""Where a post goes when it comes: to the issue that most of what it is tied to leads to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from triage.calibration import UNIT, Rows
from triage.groups import Groups
from triage.nearest import Found
from triage.protocols import Placement
from triage.reading import Reading


def decide(
    members: Sequence[Reading],
    rows: Rows,
    found: Found,
    groups: Groups,
    near: float,
    new_issue: Callable[[], int],
) -> list[Placement]:
    """Each post joins the issue that the most similar posts vote for, or one asleep, or opens one.

    `found` counts the slots of these posts on from the live ones; `near` wakes an issue asleep.
    """
    live, known = groups.live, len(groups.live)
    posts = [reading.post for reading in members]
    issues = live.issues[np.minimum(found.slots, known)]
    agreed = (found.slots < known) & ((found.slots < 0) | (issues == issues[:, :1]))
    alone = (agreed.all(axis=1) & (found.slots[:, 0] >= 0)).tolist()
    fresh: list[int] = []
    placements = []
    ties = zip(
        posts, alone, found.slots.tolist(), found.products.tolist(), issues.tolist(), strict=True
    )
    for post, agree, slots, products, theirs in ties:
        if slots[0] < 0:
            asleep = groups.dormant.closest(rows[len(fresh)], near)
            issue, close = asleep or (new_issue(), UNIT**2)
            groups.total(issue)  # awake from the next post on
            fresh.append(issue)
            placements.append(Placement(post.id, issue, min(1.0, close / UNIT**2)))
            continue
        if agree:
            issue, first = theirs[0], 0
        else:
            there = [
                theirs[rank] if slot < known else fresh[slot - known]
                for rank, slot in enumerate(slots)
                if slot >= 0
            ]
            issue = _voted(there, products)
            first = there.index(issue)
        fresh.append(issue)
        slot = slots[first]
        nearest = int(live.ids[slot]) if slot < known else posts[slot - known].id
        close = min(1.0, products[first] / UNIT**2)
        placements.append(Placement(post.id, issue, close, nearest))
    return placements


def _voted(issues: Sequence[int], products: Sequence[float]) -> int:
    """The issue that most of the ties lead to, the lowest among equals."""
    votes: dict[int, float] = {}
    for issue, product in zip(issues, products, strict=False):
        votes[issue] = votes.get(issue, 0.0) + product
    return min(votes, key=lambda one: (-votes[one], one))
