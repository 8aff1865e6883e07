"""The labelled sets that grouping is measured on, as streams: shuffled with seed 7."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from training.vectors import PAGE, vectors_of
from triage.graph_clustering import GraphClusterer
from triage.protocols import Embedder, Post
from triage.verdict import Lane

Row = dict[str, str]
NOON = datetime(2026, 1, 1, tzinfo=UTC)
SETS: dict[str, tuple[tuple[str, ...], str, Callable[[Row], bool]]] = {
    "Banking77": (
        ("intents/banking77_train", "intents/banking77_test"),
        "label",
        lambda row: True,
    ),
    "Banking77 test": (("intents/banking77_test",), "label", lambda row: True),
    "CLINC150": (("intents/clinc150",), "label", lambda row: row["label"] != "oos"),
    "CLINC150 test": (
        ("intents/clinc150",),
        "label",
        lambda row: row["label"] != "oos" and row["split"] == "test",
    ),
    "StackOverflow titles": (("clusters/stackoverflow_titles",), "cluster", lambda row: True),
    "news titles": (("clusters/news_titles",), "cluster", lambda row: True),
}
WHOLE = ("Banking77", "CLINC150", "StackOverflow titles", "news titles")


@dataclass(frozen=True, slots=True)
class Data:
    """Where the sets lie, how many posts of each are taken, and where vectors are kept."""

    folder: Path
    first: int | None = None
    vectors: Path | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """A set as a stream: posts numbered from 1, and the label of each."""

    posts: Sequence[Post]
    labels: Sequence[str]


def stream_of(data: Data, name: str, embedder: Embedder, *, held_out: bool = False) -> Stream:
    """A set, shuffled, its first posts; or the second half, by which the encoder's thresholds were not found."""
    rows = list(rows_of(data.folder, name))
    random.Random(7).shuffle(rows)
    # Vectors are kept by page: a shorter run reads the pages of the whole set.
    pages = None if data.first is None else -(-data.first // PAGE) * PAGE
    texts = [text for text, _ in rows[: pages if data.vectors else data.first]]
    vectors = vectors_of(embedder, texts, data.vectors)
    kept = [
        (text, label, vector)
        for (text, label), vector in zip(rows[: data.first], vectors, strict=False)
    ]
    if held_out:
        kept = kept[len(kept) // 2 :]
    posts = [
        Post(number, text, vector, Lane.OTHER, NOON)
        for number, (text, _, vector) in enumerate(kept, 1)
    ]
    return Stream(posts, [label for _, label, _ in kept])


def rows_of(data: Path, name: str) -> Iterator[tuple[str, str]]:
    """Text and label of every line of a set."""
    files, field, wanted = SETS[name]
    for file in files:
        with (data / f"{file}.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if wanted(row):
                    yield row["text"], row[field]


def placed(posts: Sequence[Post], clusterer: GraphClusterer) -> tuple[list[int], list[float]]:
    """The issue of each post at the end, and the churn of each look."""
    ids = count(1)
    placements = clusterer.place(posts, lambda: next(ids))
    issue_of = {placement.post: placement.issue for placement in placements}
    repeats = defaultdict(list)
    for placement in placements:
        repeats[placement.duplicate_of].append(placement.post)
    churn = []
    for refinement in clusterer.refinements():
        into = {absorbed.issue: absorbed.into for absorbed in refinement.absorbed}
        for post, issue in issue_of.items():
            issue_of[post] = into.get(issue, issue)
        for move in refinement.moves:
            for post in (move.post, *repeats[move.post]):
                if post <= refinement.after:
                    issue_of[post] = move.target
        if refinement.settled:
            churn.append(refinement.churn)
    return [issue_of[post.id] for post in posts], churn
