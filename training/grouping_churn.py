"""The trade between calm ids and quality: ARI by how many settled posts a look may move.

    python -m training.grouping_churn DATA [FIRST]

The first FIRST (4,000) posts of each set, shuffled with seed 7.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from training.grouping import placed, rows_of
from triage import refinement
from triage.embedding import StaticEmbedder
from triage.evaluation import grouping
from triage.graph_clustering import UNGROUPED
from triage.protocols import Post
from triage.verdict import Lane

SETS = ("Banking77", "CLINC150", "StackOverflow titles", "news titles")
BUDGETS = (0.0, 0.0025, 0.01, 0.03, 1.0)
NOON = datetime(2026, 1, 1, tzinfo=UTC)


def main(arguments: list[str]) -> None:
    """Print a line a budget: ARI and the mean churn a look, by set."""
    data, first = Path(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 4_000
    embedder = StaticEmbedder()
    print("| may move | " + " | ".join(SETS) + " |")
    for budget in BUDGETS:
        refinement.CHURN = budget
        cells = []
        for name in SETS:
            rows = list(rows_of(data, name))
            random.Random(7).shuffle(rows)
            rows = rows[:first]
            vectors = embedder.embed([text for text, _ in rows])
            posts = [
                Post(number, text, vector, Lane.OTHER, NOON)
                for number, ((text, _), vector) in enumerate(zip(rows, vectors, strict=True), 1)
            ]
            issues, churn, _ = placed(posts)
            found = grouping([label for _, label in rows], issues, ungrouped=UNGROUPED)
            cells.append(f"{found.ari:.3f} ({sum(churn) / len(churn):.1%})")
        print(f"| {budget:.2%} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
