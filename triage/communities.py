"""Communities of a neighbour graph: Leiden (Traag, Waltman and van Eck 2019), some nodes tied together.

A node is a post or, contracted, many posts that must stay together. Modularity weighs a contracted
node by all its ties; those inside it hang on it as a leaf, which changes no partition's value as long
as leaf and node are together. Weights are whole numbers, the seed is fixed, the code runs in one
thread: the same ties give the same communities, always on one machine, and on others with the same
version of `graspologic-native` as far as its logarithm and exponential round alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

import graspologic_native
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

SEED = 1
ROUNDS = 2


def communities(
    sources: Numbers, targets: Numbers, weights: Numbers, nodes: int, resolution: float
) -> Numbers:
    """The community of each of the nodes 0…nodes-1; every untied node has one of its own.

    Ties may repeat, then they add up; a tie of a node with itself is one inside a contracted node.
    """
    labels = np.arange(nodes) + nodes
    if not len(sources):
        return labels
    inside = sources == targets
    within = np.bincount(sources[inside], weights=weights[inside], minlength=nodes)
    full = np.flatnonzero(within)
    leaves = nodes + np.arange(len(full))
    heads = np.concatenate([sources[~inside], targets[~inside], full, leaves])
    tails = np.concatenate([targets[~inside], sources[~inside], leaves, full])
    values = np.concatenate([weights[~inside], weights[~inside], within[full], within[full]])
    size = nodes + len(full)
    cells, sums = _summed(heads, tails, values, size)
    _, found = graspologic_native.leiden_csr(
        np.searchsorted(cells, np.arange(size + 1) * size),  # where the ties of each node begin
        (cells % size).astype(np.int32),
        sums.astype(np.float64),
        size,
        resolution=resolution,
        iterations=ROUNDS,
        seed=SEED,
    )
    for node, community in found.items():
        if node < nodes:
            labels[node] = community
    return labels


def joined(
    labels: Numbers, sources: Numbers, targets: Numbers, weights: Numbers, share: float
) -> Numbers:
    """Labels after joining communities one of which has this share of its ties in the other.

    The largest share first, less what chance would give it (the other's share of all ties):
    otherwise whatever has grown large draws in all that is small, as one's own posts about anything
    have some ties everywhere. Ties and shares of what is joined add up. `labels` are per node and
    count from 0. Modularity cannot tell two topics apart that are small beside all posts (Fortunato
    and Barthélemy 2007); a share does not know how many others there are.
    """
    count = int(labels.max(initial=-1)) + 1
    between, inside = _between(labels[sources], labels[targets], weights, count)
    ties = [sum(others.values()) + 2 * own for others, own in zip(between, inside, strict=True)]
    whole = max(1, sum(ties))

    def beyond_chance(weight: int, one: int, other: int) -> float:
        few, many = sorted((ties[one], ties[other]))
        return weight / few - many / whole

    parent = np.arange(count)
    waiting = [
        (-beyond_chance(weight, one, other), one, other)
        for one, others in enumerate(between)
        for other, weight in others.items()
        if one < other
    ]
    heapify(waiting)
    while waiting and -waiting[0][0] >= share:
        value, one, other = heappop(waiting)
        now = between[one].get(other)
        if now is None or value != -beyond_chance(now, one, other):
            continue  # one of them has been joined with another since
        ties[one] += ties[other]
        parent[other] = one
        del between[one][other]
        for third, more in between[other].items():
            if third != one:
                del between[third][other]
                both = between[one].get(third, 0) + more
                between[one][third] = between[third][one] = both
        between[other].clear()
        for third, weight in between[one].items():
            value = -beyond_chance(weight, one, third)
            heappush(waiting, (value, min(one, third), max(one, third)))
    for label in range(count):  # a parent is smaller, so it is settled already
        parent[label] = parent[parent[label]]
    return np.asarray(parent[labels], np.int64)


def _between(
    heads: Numbers, tails: Numbers, weights: Numbers, count: int
) -> tuple[list[dict[int, int]], list[int]]:
    """The sums of ties from each community to every other, and within each."""
    cells, sums = _summed(heads, tails, weights, count)
    between: list[dict[int, int]] = [{} for _ in range(count)]
    inside = [0] * count
    for cell, total in zip(cells.tolist(), sums.tolist(), strict=True):
        head, tail = divmod(cell, count)
        if head == tail:
            inside[head] += total
        else:
            between[head][tail] = between[head].get(tail, 0) + total
            between[tail][head] = between[tail].get(head, 0) + total
    return between, inside


def _summed(heads: Numbers, tails: Numbers, weights: Numbers, size: int) -> tuple[Numbers, Numbers]:
    """The cells of a square matrix that have ties, in order, and the sum of each.

    As quick as scipy's sparse matrices, which would take 23 MB for the life of a listener.
    """
    cells = heads * size + tails
    order = np.argsort(cells)
    cells = cells[order]
    first = np.flatnonzero(np.diff(cells, prepend=-1))
    return cells[first], np.add.reduceat(weights[order], first) if len(first) else weights[:0]


def tied_together(nodes: int, pairs: Iterable[tuple[int, int]]) -> Numbers:
    """The smallest node each node is tied to by the pairs, itself when by none (union-find)."""
    parent = np.arange(nodes)

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = int(parent[node])
        return node

    for one, other in pairs:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    return np.fromiter((root(node) for node in range(nodes)), np.int64, nodes)
