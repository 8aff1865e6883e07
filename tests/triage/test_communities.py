from __future__ import annotations

import numpy as np

from triage.communities import communities, joined, tied_together


def ring(start: int, size: int) -> list[tuple[int, int, int]]:
    """Ties of every pair among `size` nodes."""
    nodes = range(start, start + size)
    return [(one, other, 10) for one in nodes for other in nodes if one < other]


def found(ties: list[tuple[int, int, int]], nodes: int, resolution: float = 1.0) -> list[int]:
    columns = np.asarray(ties, np.int64).reshape(-1, 3).T
    return communities(*columns, nodes, resolution).tolist()


def test_two_knots_with_a_thread_between_them_are_two() -> None:
    labels = found([*ring(0, 5), *ring(5, 5), (0, 5, 1)], 10)
    assert len(set(labels[:5])) == len(set(labels[5:])) == 1
    assert labels[0] != labels[5]


def test_an_untied_node_is_alone() -> None:
    labels = found(ring(0, 4), 6)
    assert len({labels[0], labels[4], labels[5]}) == 3
    assert len(set(found([], 3))) == 3


def test_a_contracted_knot_weighs_as_much_as_its_posts() -> None:
    apart = [*ring(0, 6), *ring(6, 6), (0, 6, 10), (1, 7, 10)]
    whole = found(apart, 12)
    together = [
        (0 if one < 6 else one, 0 if other < 6 else other, weight) for one, other, weight in apart
    ]
    contracted = found(together, 12)
    assert (whole[0] == whole[6]) == (contracted[0] == contracted[6])
    assert len({contracted[node] for node in range(6, 12)}) == len({*whole[6:]})


def test_ties_that_repeat_add_up() -> None:
    light = [*ring(0, 3), *ring(3, 3), (0, 3, 10)]
    heavy = light + [(0, 3, 10)] * 30
    assert found(light, 6)[0] != found(light, 6)[3]
    assert found(heavy, 6)[0] == found(heavy, 6)[3]


def test_pairs_tie_nodes_to_the_smallest() -> None:
    assert tied_together(6, [(4, 2), (5, 4), (0, 1)]).tolist() == [0, 0, 2, 3, 2, 2]


def together(labels: list[int], ties: list[tuple[int, int, int]], share: float) -> list[int]:
    """Beside a far larger community that nothing is tied to, so that chance gives no share."""
    far = len(labels)
    columns = np.asarray([*ties, (far, far, 10**6)], np.int64).T
    whole = np.asarray([*labels, max(labels, default=-1) + 1], np.int64)
    return joined(whole, *columns, share).tolist()[:-1]


def test_communities_with_a_good_share_of_their_ties_in_each_other_are_joined() -> None:
    ties = [(0, 1, 10), (2, 3, 10), (4, 5, 10), (1, 2, 5), (3, 4, 1)]
    assert together([0, 0, 1, 1, 2, 2], ties, 0.19) == [0, 0, 0, 0, 2, 2]
    assert together([0, 0, 1, 1, 2, 2], ties, 0.3) == [0, 0, 1, 1, 2, 2]
    assert together([0, 0, 1, 1, 2, 2], ties, 0.01) == [0, 0, 0, 0, 0, 0]


def test_what_is_joined_counts_as_one_from_then_on() -> None:
    # 2 has two sevenths of its ties in 0 and in 1 each: too little in one, enough in both.
    ties = [(0, 0, 10), (1, 1, 10), (0, 1, 20), (2, 0, 2), (2, 1, 2), (2, 3, 3), (3, 3, 10)]
    assert together([0, 1, 2, 3], ties, 0.44) == [0, 0, 0, 3]


def test_what_is_large_does_not_draw_in_what_is_small() -> None:
    # 1 and 2 have a fifth of their ties in 0, where two thirds of all ties are: less than chance.
    ties = [(0, 0, 100), (1, 1, 20), (2, 2, 20), (0, 1, 10), (0, 2, 10)]
    columns = np.asarray(ties, np.int64).T
    assert joined(np.arange(3), *columns, 0.1).tolist() == [0, 1, 2]


def test_joining_nothing_is_nothing() -> None:
    assert together([], [], 0.1) == []
