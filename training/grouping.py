"""Measures grouping on labelled public sets, shuffled with seed 7 and placed post by post.

    python -m training.grouping DATA [FIRST]

DATA is a folder of the sets named in `docs/grouping.md`; FIRST limits each set to its first posts.
Churn is the share of earlier posts that a refinement moves, as a mean and at most.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from triage.embedding import StaticEmbedder
from triage.evaluation import grouping
from triage.graph_clustering import UNGROUPED, GraphClusterer
from triage.protocols import Post
from triage.verdict import Lane

Row = dict[str, str]
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


def rows_of(data: Path, name: str) -> Iterator[tuple[str, str]]:
    """Text and label of every line of a set."""
    files, field, wanted = SETS[name]
    for file in files:
        with (data / f"{file}.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if wanted(row):
                    yield row["text"], row[field]


def placed(posts: Sequence[Post]) -> tuple[list[int], list[float], float]:
    """The issue of each post at the end, the churn of each refinement, CPU seconds."""
    ids, clusterer = count(1), GraphClusterer()
    started = time.process_time()
    placements = clusterer.place(posts, lambda: next(ids))
    seconds = time.process_time() - started
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
    return [issue_of[post.id] for post in posts], churn, seconds


def main(arguments: list[str]) -> None:
    """Print one line of figures a set."""
    data, first = Path(arguments[0]), int(arguments[1]) if len(arguments) > 1 else None
    embedder, day = StaticEmbedder(), datetime(2026, 1, 1, tzinfo=UTC)
    print(
        "| set | posts | groups (gold) | nobody's | ARI | NMI | B³ P | B³ R | B³ F1 | churn | µs a post |"
    )
    for name in SETS:
        rows = list(rows_of(data, name))
        random.Random(7).shuffle(rows)
        rows = rows[:first]
        vectors = embedder.embed([text for text, _ in rows])
        posts = [
            Post(number, text, vector, Lane.OTHER, day)
            for number, ((text, _), vector) in enumerate(zip(rows, vectors, strict=True), start=1)
        ]
        issues, churn, seconds = placed(posts)
        found = grouping([label for _, label in rows], issues, ungrouped=UNGROUPED)
        print(
            f"| {name} | {found.count:,} | {len(set(issues) - {UNGROUPED})} ({found.gold_groups}) "
            f"| {issues.count(UNGROUPED)} | {found.ari:.3f} "
            f"| {found.nmi:.3f} | {found.bcubed_precision:.2f} | {found.bcubed_recall:.2f} "
            f"| {found.bcubed_f1:.2f} | {sum(churn) / len(churn):.2%} ≤ {max(churn):.2%} "
            f"| {seconds / len(posts) * 1e6:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
