"""CPU time of grouping a stream of 15,000 short complaints, stage by stage (µs a post)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

from triage.duplicates import fingerprint
from triage.embedding import StaticEmbedder
from triage.graph_clustering import GraphClusterer
from triage.labels import plain
from triage.protocols import Post
from triage.titles import telling_words
from triage.verdict import Lane

POSTS = 15_000
WHO = ["@acme", "hey @acme", "so @acme", "RT @ann: @acme", "@acme hi guys"]
WHAT = [
    "my card",
    "the parcel",
    "your app",
    "this invoice",
    "the new playlist",
    "a refund",
    "my password",
    "the hotline",
    "the delivery van",
    "my booking",
    "the website",
    "the engineer",
    "my contract",
    "the router",
    "the update",
]
HOW = [
    "was declined twice",
    "never arrived",
    "crashes as soon as I open it",
    "shows the wrong amount",
    "takes far too long",
    "has been cancelled without a word",
    "keeps hanging up on me",
    "was sent to somebody else",
    "does not let me log in",
    "costs more than last month",
    "came damaged",
    "is useless",
]
MORE = [
    "in the shop",
    "since Monday",
    "on my old phone",
    "abroad",
    "again",
    "after the update",
    "and nobody answers",
    "third time this week",
    "I want my money back",
    "please fix it",
    "what a joke",
    "is that normal?",
]


def stream() -> list[str]:
    """Complaints put together from parts, the same every time."""
    chance = random.Random(5)
    return [
        " ".join(
            [chance.choice(WHO), chance.choice(WHAT), chance.choice(HOW), *chance.sample(MORE, 3)]
        )
        + f" {chance.randrange(10_000)}"
        for _ in range(POSTS)
    ]


def timed(name: str, work: Callable[[], object]) -> float:
    """Print and return what a stage costs a post, in µs of CPU time."""
    started = time.process_time()
    work()
    cost = (time.process_time() - started) / POSTS * 1e6
    print(f"{name:34s}{cost:8.1f}")
    return cost


def main() -> None:
    """Print the cost of each stage and how it compares with embedding."""
    texts, embedder, ids = stream(), StaticEmbedder(), count(1)
    words = [telling_words(plain(text)) for text in texts]
    embed = timed("embed", lambda: embedder.embed(texts))
    timed("fingerprint", lambda: [fingerprint(each) for each in words])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    posts = [
        Post(number, text, vector, Lane.COMPLAINT, now)
        for number, (text, vector) in enumerate(zip(texts, embedder.embed(texts), strict=True), 1)
    ]
    clusterer = GraphClusterer()
    placements = []
    place = timed(
        "place (fold, join, label)",
        lambda: placements.extend(clusterer.place(posts, lambda: next(ids))),
    )
    again = GraphClusterer()
    timed("restore", lambda: again.restore(zip(posts, placements, strict=True)))
    issues = len({placement.issue for placement in placements})
    print(f"{issues} issues; placing costs {place / embed:.1f} times what embedding does")


if __name__ == "__main__":
    main()
