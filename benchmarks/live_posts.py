"""CPU time of a post (µs), embedding to refinements, as a brand's stream grows to POSTS (100,000).

    python -m benchmarks.live_posts [POSTS] [CHART]

Made-up complaints, each put together anew from a few hundred topics and some thousand details. CHART is an
SVG to be drawn; docs/grouping-cost.svg is the one of 1,000,000 posts.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import ParamSpec, TypeVar

from benchmarks.cost_chart import chart
from benchmarks.grouping import HOW, MORE, WHAT, WHO
from triage import graph_clustering
from triage.embedding import StaticEmbedder
from triage.graph_clustering import GraphClusterer
from triage.labels import LabelWriter
from triage.nearest import Nearest
from triage.protocols import Post
from triage.verdict import Lane

POSTS = 100_000
STEP = 10_000
ASIDE = [
    "I was at work",
    "my neighbour has the same",
    "the website said otherwise",
    "on the train home",
    "before my holiday",
    "with two small children",
    "your colleague was kind though",
    "it is raining too",
    "for a birthday present",
    "the manual is no help",
]
NOON = datetime(2026, 1, 1, tzinfo=UTC)

Given = ParamSpec("Given")
Result = TypeVar("Result")


def complaints(seed: int = 5) -> Iterator[str]:
    """Complaints without end, the same every time."""
    chance = random.Random(seed)
    while True:
        parts = [
            chance.choice(WHAT),
            chance.choice(HOW),
            *chance.sample(MORE, chance.randint(1, 2)),
            *chance.sample(ASIDE, chance.randint(0, 2)),
        ]
        yield f"{chance.choice(WHO)} {' '.join(parts)} order {chance.randrange(10**6)}"


class Clock:
    """Adds up the CPU time of what it is wrapped around, by name."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def around(self, name: str, work: Callable[Given, Result]) -> Callable[Given, Result]:
        self.spent[name] = 0.0

        def timed(*given: Given.args, **named: Given.kwargs) -> Result:
            started = time.process_time()
            try:
                return work(*given, **named)
            finally:
                self.spent[name] += time.process_time() - started

        return timed


def main(posts: float = POSTS, drawn: Path | None = None) -> None:
    """Print a line every 10,000 posts: each part alone, and all of it; draw all lines at the end."""
    clock, ids = Clock(), count(1)
    Nearest.find = clock.around("neighbours", Nearest.find)  # type: ignore[method-assign]
    Nearest.append = clock.around("cells", Nearest.append)  # type: ignore[method-assign]
    graph_clustering.refine = clock.around("refine", graph_clustering.refine)
    LabelWriter.add = clock.around("count words", LabelWriter.add)  # type: ignore[method-assign]
    LabelWriter.refresh = clock.around("name", LabelWriter.refresh)  # type: ignore[method-assign]
    embedder, clusterer, texts = StaticEmbedder(), GraphClusterer(), complaints()
    embed = clock.around("embed", embedder.embed)
    place = clock.around("place", clusterer.place)
    print(f"{'posts':>9} {'issues':>6} {'all':>5}  of which")
    issues: set[int] = set()
    lines: dict[str, list[float]] = {}
    for start in range(0, int(posts), STEP):
        before = dict(clock.spent)
        some = [next(texts) for _ in range(STEP)]
        vectors = embed(some)
        placed = place(
            [
                Post(start + number, text, vector, Lane.COMPLAINT, NOON)
                for number, (text, vector) in enumerate(zip(some, vectors, strict=True), 1)
            ],
            lambda: next(ids),
        )
        issues |= {placement.issue for placement in placed}
        gone = {each.issue for one in clusterer.refinements() for each in one.absorbed}
        issues -= gone
        clusterer.labels()
        cost = {name: (clock.spent[name] - before[name]) / STEP * 1e6 for name in before}
        whole = cost["embed"] + cost["place"]
        parts = ", ".join(f"{name} {cost[name]:.0f}" for name in cost if name != "place")
        print(f"{start + STEP:>9,} {len(issues):>6} {whole:>5.0f}  {parts}", flush=True)
        for name, value in {"all": whole, **cost}.items():
            lines.setdefault(name, []).append(value)
        if drawn is not None:
            drawn.write_text(_drawn(lines), encoding="utf-8")
    print(f"{posts / sum(lines['all']) / STEP * 1e6:,.0f} posts per CPU-second over all")


def _drawn(lines: Mapping[str, Sequence[float]]) -> str:
    """The chart of what is known so far."""
    shown = {name: line for name, line in lines.items() if name != "place"}
    placed = range(STEP, len(lines["all"]) * STEP + 1, STEP)
    return chart("CPU time of a post (µs), embedding to refinements", placed, shown)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else POSTS,
        Path(sys.argv[2]) if len(sys.argv) > 2 else None,
    )
