"""A web server that is killed in the middle of moves leaves no half of one behind."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Semaphore
from typing import IO

import httpx2
import pytest

from listener.app import open_app
from listener.stages.cycle import Listening
from listener.store import open_store
from listener.store.accounts import open_accounts
from listener.store.rows import QueueQuery
from listener.store.users import Role, Scope

CONFIG = """
brands: [{name: Northgate Bank}]
sources: [{name: sample, type: sample}]
web: {port: 0}
queue: {lease: 20m}
"""
AGENTS = 4


@contextmanager
def serving(config: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A web server in a process of its own, and its address; killed at the end."""
    command = [sys.executable, "-m", "listener", "--config", str(config), "serve"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=config.parent)
    try:
        assert process.stderr is not None
        yield process, address(process.stderr)
    finally:
        process.kill()
        process.communicate()


def address(said: IO[str]) -> str:
    for line in said:
        if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
            return found.group()
    raise AssertionError("the server did not start")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    with open_app(path) as app, Listening(app.store, app.config, app.plugins, app.now) as listening:
        listening.cycle()
    return path


def work(base: str, key: str, cases: list[int], heard: Semaphore) -> list[int]:
    """Answer one case after the other until the server is gone; the moves it acknowledged."""
    done: list[int] = []
    headers = {"authorization": f"Bearer {key}"}

    with (
        httpx2.Client(base_url=base, headers=headers, trust_env=False, timeout=20) as client,
        suppress(httpx2.HTTPError),
    ):

        def post(path: str, body: dict[str, str]) -> int:
            moved = client.post(path, json=body)
            assert moved.status_code == 200, moved.text
            done.append(moved.json()["id"])
            heard.release()
            return int(moved.json()["entity_id"])

        for case in cases:
            path = f"api/v1/cases/{case}"
            post(f"{path}/claim", {})
            reply = post(f"{path}/replies", {"text": "We are on it."})
            post(f"{path}/replies/{reply}/approve", {})
            post(f"{path}/replies/{reply}/sent", {})
    return done


@pytest.mark.parametrize("acknowledged", [5, 23])
def test_no_half_move_is_left(config: Path, acknowledged: int) -> None:
    with open_app(config) as app:
        url = app.config.store
    with open_accounts(url) as accounts:
        at = datetime.now(UTC)
        accounts.add_user("ana", Role.LEAD, "correct horse battery", at)
        keys = [accounts.create_token("ana", f"t{n}", [Scope.WRITE], at)[1] for n in range(AGENTS)]
    with open_store(url) as store, ThreadPoolExecutor(AGENTS) as pool:
        cases = [case.id for case in store.queue(QueueQuery(limit=60))]
        heard = Semaphore(0)
        with serving(config) as (process, base):
            working = [
                pool.submit(work, base, key, cases[n::AGENTS], heard) for n, key in enumerate(keys)
            ]
            for _ in range(acknowledged):
                assert heard.acquire(timeout=60), process.poll()
            process.kill()
        told = [id for one in working for id in one.result()]
        written = {row.id for row in store.moves_since(0, 10_000)}
        assert set(told) <= written, "what was acknowledged is kept"
        for case in cases:
            file = store.case(case)
            assert file is not None
            actions = [row.action for row in file.history]
            sent = [reply for reply in file.replies if reply.state == "sent"]
            answered = actions.count("answer")
            assert len(sent) == answered == actions.count("reply sent") <= 1
            assert (file.case.state == "waiting") is bool(answered)
            drafted = [row for row in file.history if row.action == "reply"]
            assert len(drafted) == len(file.replies)
            ours = [row for row in file.history if row.entity == "case" and "state" in row.after]
            assert not ours or ours[0].after["state"] == file.case.state
