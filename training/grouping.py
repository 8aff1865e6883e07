"""Measures grouping on labelled public sets, shuffled with seed 7 and placed post by post.

    python -m training.grouping DATA [FIRST]

DATA is a folder of the sets named in `docs/grouping.md`; FIRST limits each set to its first posts.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from triage.clustering import UNGROUPED, OnlineClusterer
from triage.embedding import StaticEmbedder
from triage.evaluation import grouping
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


def main(arguments: list[str]) -> None:
    """Print one line of figures a set."""
    data, first = Path(arguments[0]), int(arguments[1]) if len(arguments) > 1 else None
    embedder, day = StaticEmbedder(), datetime(2026, 1, 1, tzinfo=UTC)
    print("| set | posts | groups (gold) | ARI | NMI | B³ P | B³ R | B³ F1 | µs a post |")
    for name in SETS:
        rows = list(rows_of(data, name))
        random.Random(7).shuffle(rows)
        rows = rows[:first]
        vectors = embedder.embed([text for text, _ in rows])
        posts = [
            Post(number, text, vector, Lane.OTHER, day)
            for number, ((text, _), vector) in enumerate(zip(rows, vectors, strict=True), start=1)
        ]
        ids = count(1)
        started = time.process_time()
        placements = OnlineClusterer().place(posts, lambda ids=ids: next(ids))  # type: ignore[misc]
        cost = (time.process_time() - started) / len(posts) * 1e6
        found = grouping(
            [label for _, label in rows], [p.issue for p in placements], ungrouped=UNGROUPED
        )
        print(
            f"| {name} | {found.count:,} | {found.groups} ({found.gold_groups}) | {found.ari:.3f} "
            f"| {found.nmi:.3f} | {found.bcubed_precision:.2f} | {found.bcubed_recall:.2f} "
            f"| {found.bcubed_f1:.2f} | {cost:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
