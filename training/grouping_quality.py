"""How well whole sets are grouped: ARI, NMI, B-cubed, number of groups, churn a look, time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from training.grouping_sets import SETS, Data, placed, stream_of
from triage.evaluation import grouping
from triage.graph_clustering import UNGROUPED, GraphClusterer
from triage.protocols import Embedder
from triage.space import Space

HEAD = "| set | posts | groups (gold) | nobody's | ARI | NMI | B³ P | B³ R | B³ F1 | churn | µs a post |"


def quality(
    data: Data,
    embedder: Embedder,
    space: Space,
    names: Sequence[str] = tuple(SETS),
    *,
    held_out: bool = False,
) -> Iterator[str]:
    """A line of figures a set. Churn is the share of earlier posts that a look moves: mean ≤ most."""
    yield HEAD
    for name in names:
        stream = stream_of(data, name, embedder, held_out=held_out)
        started = time.process_time()
        issues, churn = placed(stream.posts, GraphClusterer(space))
        seconds = time.process_time() - started
        found = grouping(stream.labels, issues, ungrouped=UNGROUPED)
        yield (
            f"| {name} | {found.count:,} | {len(set(issues) - {UNGROUPED})} ({found.gold_groups}) "
            f"| {issues.count(UNGROUPED)} | {found.ari:.3f} "
            f"| {found.nmi:.3f} | {found.bcubed_precision:.2f} | {found.bcubed_recall:.2f} "
            f"| {found.bcubed_f1:.2f} | {sum(churn) / len(churn):.2%} ≤ {max(churn):.2%} "
            f"| {seconds / len(issues) * 1e6:.0f} |"
        )
