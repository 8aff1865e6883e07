"""What a look proposes, on graphs made by hand: knots of posts that are tied to each other alone."""

from __future__ import annotations

from itertools import count

import numpy as np

from triage.refinement import Live, Outcome, refine

KNOT = 60
KNOTS = 70
TIES = 10


def look(issues: list[int], touched: set[int]) -> Outcome:
    """Look at knots of 60 posts each, whose issues are given by knot; nothing is young."""
    size = KNOT * len(issues)
    slots = np.full((size, TIES), -1, np.int32)
    for slot in range(size):
        first = slot - slot % KNOT
        earlier = list(range(max(first, slot - TIES), slot))
        slots[slot, : len(earlier)] = earlier
    products = np.where(slots >= 0, 50_000.0, 0.0).astype(np.float32)
    live = Live(
        np.repeat(np.asarray(issues, np.int64), KNOT), slots, products, size, frozenset(touched)
    )
    ids = count(1_000)
    return refine(live, lambda: next(ids))


def test_a_touched_issue_that_holds_two_things_is_suggested_to_be_split() -> None:
    outcome = look([1, 1, *range(2, KNOTS)], touched={1, 5})
    [one] = outcome.suggestions
    assert (one.issue, one.into, one.posts) == (1, 0, 2 * KNOT)
    assert len(one.parted) == KNOT
    assert set(one.parted) in ({*range(KNOT)}, {*range(KNOT, 2 * KNOT)})
    assert "60 of its 120 latest posts are tied to each other more than to the rest" in one.reason
    assert outcome.moves == ()


def test_an_untouched_one_is_not_asked_about() -> None:
    assert look([1, 1, *range(2, KNOTS)], touched=set()).suggestions == ()


def test_a_touched_issue_that_is_a_part_of_another_is_suggested_to_be_merged() -> None:
    size = KNOT * KNOTS
    issues = np.repeat(np.arange(1, KNOTS + 1), KNOT)
    issues[: KNOT // 4] = 99  # a quarter of the first knot is an issue that somebody touched
    slots = np.full((size, TIES), -1, np.int32)
    for slot in range(size):
        first = slot - slot % KNOT
        for rank, earlier in enumerate(range(max(first, slot - TIES), slot)):
            slots[slot, rank] = earlier
    products = np.where(slots >= 0, 50_000.0, 0.0).astype(np.float32)
    outcome = refine(Live(issues, slots, products, size, frozenset({99})), lambda: 1_000)
    [one] = outcome.suggestions
    assert (one.issue, one.into, one.posts, one.share) == (1, 99, KNOT - KNOT // 4, 1.0)
    assert one.reason == "100% of its 45 latest posts belong with the posts there"
    assert (outcome.issues[: KNOT // 4] == 99).all()


def knots(issues: np.ndarray, settled: int, **said: object) -> Outcome:
    size = KNOT * KNOTS
    slots = np.full((size, TIES), -1, np.int32)
    for slot in range(size):
        for rank, earlier in enumerate(range(max(slot - slot % KNOT, slot - TIES), slot)):
            slots[slot, rank] = earlier
    products = np.where(slots >= 0, 50_000.0, 0.0).astype(np.float32)
    ids = count(1_000)
    live = Live(issues, slots, products, settled, **said)  # type: ignore[arg-type]
    return refine(live, lambda: next(ids))


def test_a_young_post_that_a_person_put_somewhere_stays_there() -> None:
    issues = np.repeat(np.arange(1, KNOTS + 1), KNOT)
    last = len(issues) - 1
    issues[last] = 1  # like the posts of the last knot, but a person said otherwise
    free = knots(issues, len(issues) - 10)
    assert free.issues[last] == KNOTS
    held = knots(issues, len(issues) - 10, touched=frozenset({1}), together=[(0, last)])
    assert held.issues[last] == held.issues[0] == 1


def test_links_hold_whoever_is_not_allowed_to_move() -> None:
    issues = np.repeat(np.arange(1, KNOTS + 1), KNOT)
    young = len(issues) - 5
    together, apart = [(0, young), (70, young + 1)], [(young - 1, young + 2)]
    outcome = knots(issues, young, touched=frozenset({1, 2}), together=together, apart=apart).issues
    assert all(outcome[one] == outcome[other] for one, other in together)
    assert all(outcome[one] != outcome[other] for one, other in apart)
    assert (outcome[:120] == issues[:120]).all()
