"""From file to queue: posts a second with everything on, beside the loop a user would write.

`python -m benchmarks pipeline` uses generated posts; `python -m benchmarks.pipeline FILE` any file
that `listener import` reads. Both ways run in this process, alternating, each into a new store; the
plain loop reads the same lines, scores them with vaderSentiment and upserts with sqlite-utils.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from listener.process import tune

POSTS = 15_000
ROUNDS = 3


def generate(path: Path, posts: int = POSTS, seed: int = 5) -> None:
    """Posts mixed from the sample's sentences: one to four of them, 900 authors, a month."""
    dice = random.Random(seed)
    sample = Path(__file__).parents[1] / "samples" / "banking77.jsonl"
    sentences = [json.loads(line)["text"] for line in sample.read_text("utf-8").splitlines()]
    with path.open("w", encoding="utf-8") as file:
        for number in range(posts):
            text = " ".join(dice.choices(sentences, k=dice.choice((1, 1, 2, 4))))
            row = {
                "id": str(number),
                "text": text,
                "author": f"person{dice.randrange(posts // 3)}",
                "created_at": f"2026-10-{dice.randrange(1, 29):02}T{dice.randrange(24):02}:15:00Z",
            }
            file.write(json.dumps(row) + "\n")


def listener(posts: Path, folder: Path) -> int:
    """The product: collect, judge, group, queue, durable."""
    from listener.app import open_app
    from listener.stages.cycle import Listening
    from sources.files.source import FilesSource

    config = folder / "config.yaml"
    config.write_text("brands: [{name: Benchmark}]\n", encoding="utf-8")
    with open_app(config) as app:
        source = FilesSource("benchmark", [posts], "", app.now)
        with Listening(app.store, app.config, app.plugins, app.now) as listening:
            return listening.take_in([source], "Benchmark").triaged


def plain(posts: Path, folder: Path) -> int:
    """What a user would write: one loop, one score, one upsert a post."""
    import sqlite_utils
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    db = sqlite_utils.Database(folder / "plain.db")
    count = 0
    for line in posts.open(encoding="utf-8"):
        row = json.loads(line)
        row["compound"] = analyser.polarity_scores(row["text"])["compound"]
        key = "tweet_id" if "tweet_id" in row else "id"
        db["posts"].upsert(row, pk=key)
        count += 1
    return count


def timed(way: Callable[[Path, Path], int], posts: Path) -> tuple[float, float]:
    """Posts per second of wall time and of processor time."""
    with tempfile.TemporaryDirectory() as folder:
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        count = way(posts, Path(folder))
        return count / (time.perf_counter() - wall), count / (time.process_time() - cpu)


def main(posts: Path | None = None) -> None:
    """Print the medians and the ratio."""
    tune()
    with tempfile.TemporaryDirectory() as folder:
        if posts is None:
            posts = Path(folder) / "posts.jsonl"
            generate(posts)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(timed(listener, posts))
            theirs.append(timed(plain, posts))
        for name, runs in (("listener", ours), ("plain loop", theirs)):
            wall, cpu = (statistics.median(run[i] for run in runs) for i in (0, 1))
            print(f"{name:12} {wall:8,.0f} posts/s   {cpu:8,.0f} posts per CPU-second")
        ratio = statistics.median(a[0] / b[0] for a, b in zip(ours, theirs, strict=True))
        print(f"listener / plain loop: {ratio:.2f}, with judging, grouping, queue and search")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
