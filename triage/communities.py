"""Communities of a neighbour graph: Leiden (Traag, Waltman and van Eck 2019), some nodes tied together.

A node is a post or, contracted, many posts that must stay together. Modularity weighs a contracted
node by all its ties; those inside it hang on it as a leaf, which changes no partition's value as long
as leaf and node are together. Weights are whole numbers, the seed is fixed, the code runs in one
thread: the same ties give the same communities, always on one machine, and on others with the same
version of `graspologic-native` as far as its logarithm and exponential round alike.
"""

from __future__ import annotations

from collections.abc import Iterable

import graspologic_native
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

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
    ties = coo_array((values.astype(np.float64), (heads, tails)), shape=(size, size)).tocsr()
    ties.sort_indices()
    _, found = graspologic_native.leiden_csr(
        ties.indptr.astype(np.int64),
        ties.indices.astype(np.int32),
        ties.data,
        size,
        resolution=resolution,
        iterations=ROUNDS,
        seed=SEED,
    )
    for node, community in found.items():
        if node < nodes:
            labels[node] = community
    return labels


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
