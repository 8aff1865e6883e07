"""BERTopic beside us: the first 5,000 posts of each set, the same vectors for both, one run.

BERTopic (Grootendorst 2022) as it comes: UMAP, HDBSCAN, then every outlier given to the nearest topic
by `reduce_outliers`; without that step too, outliers then being groups of one. It sees all posts at
once, we see them one by one. UMAP's seed is fixed, so that a second run gives the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from training.grouping_sets import WHOLE, Data, Stream, placed, stream_of
from triage.evaluation import grouping
from triage.graph_clustering import UNGROUPED, GraphClusterer
from triage.protocols import Embedder
from triage.space import Space

FIRST = 5_000
SEED = 7


def peers(data: Data, embedder: Embedder, space: Space) -> Iterator[str]:
    """Three lines a set: ours, BERTopic's with outliers given away, and without."""
    few = replace(data, first=min(FIRST, data.first or FIRST))
    yield "| set | who | groups (gold) | ARI | NMI | B³ P | B³ R | B³ F1 | CPU s |"
    for name in WHOLE:
        stream = stream_of(few, name, embedder)
        started = time.process_time()
        issues, _ = placed(stream.posts, GraphClusterer(space))
        yield _line(name, "listener", stream, issues, UNGROUPED, time.process_time() - started)
        started = time.process_time()
        topics, given = _topics(stream)
        seconds = time.process_time() - started
        yield _line(name, "BERTopic", stream, given, -1, seconds)
        yield _line(name, "BERTopic, outliers left", stream, topics, -1, seconds)


def _topics(stream: Stream) -> tuple[list[int], list[int]]:
    """The topic of every post (-1: an outlier), and after outliers were given to topics."""
    from bertopic import BERTopic
    from umap import UMAP

    texts = [post.text for post in stream.posts]
    rows = np.frombuffer(b"".join(post.vector for post in stream.posts), np.int8)
    vectors = rows.reshape(len(texts), -1).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=SEED)
    model: Any = BERTopic(umap_model=umap, calculate_probabilities=False)
    topics, _ = model.fit_transform(texts, embeddings=vectors)
    if -1 not in topics or len(set(topics)) < 2:
        return topics, topics
    given = model.reduce_outliers(texts, topics, strategy="embeddings", embeddings=vectors)
    return topics, given


def _line(
    name: str, who: str, stream: Stream, groups: Sequence[int], nobody: int, seconds: float
) -> str:
    found = grouping(stream.labels, list(map(int, groups)), ungrouped=nobody)
    count = len({int(group) for group in groups} - {nobody})
    return (
        f"| {name} | {who} | {count} ({found.gold_groups}) | {found.ari:.3f} | {found.nmi:.3f} "
        f"| {found.bcubed_precision:.2f} | {found.bcubed_recall:.2f} | {found.bcubed_f1:.2f} "
        f"| {seconds:.0f} |"
    )
