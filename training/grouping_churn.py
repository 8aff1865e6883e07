"""The trade between calm ids and quality: ARI by how many settled posts a look may move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from training.grouping_sets import WHOLE, Data, placed, stream_of
from triage import refinement
from triage.evaluation import grouping
from triage.graph_clustering import UNGROUPED, GraphClusterer
from triage.protocols import Embedder

BUDGETS = (0.0, 0.0025, 0.01, 0.03, 1.0)
FIRST = 3_000


def churn(data: Data, embedder: Embedder) -> Iterator[str]:
    """A line a budget: ARI and the mean churn a look, by set, of the first 3,000 posts of each."""
    few = replace(data, first=min(FIRST, data.first or FIRST))
    streams = [stream_of(few, name, embedder) for name in WHOLE]
    shipped = refinement.CHURN
    yield "| may move | " + " | ".join(WHOLE) + " |"
    try:
        for budget in BUDGETS:
            refinement.CHURN = budget
            cells = []
            for stream in streams:
                issues, moved = placed(stream.posts, GraphClusterer())
                found = grouping(stream.labels, issues, ungrouped=UNGROUPED)
                cells.append(f"{found.ari:.3f} ({sum(moved) / len(moved):.1%})")
            yield f"| {budget:.2%} | " + " | ".join(cells) + " |"
    finally:
        refinement.CHURN = shipped
