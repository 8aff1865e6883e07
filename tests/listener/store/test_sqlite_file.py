"""What can be wrong with a file: each a sentence with the path, and what to do."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from listener.errors import StoreBusy, StoreError, StoreNewer
from listener.store import open_store
from listener.store.address import store_path
from listener.store.rows import Collected, Span
from listener.store.sqlite import SqliteStore
from listener.store.sqlite.database import explain
from listener.store.sqlite.migrations import VERSION
from sources.mention import Mention

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def post(n: int, text: str = "text") -> Mention:
    return Mention("forum", str(n), text, NOW)


def collect(store: SqliteStore, *mentions: Mention) -> None:
    run = store.open_run("blog", NOW)
    store.collect(Collected(run, "blog", mentions, NOW))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "listener.db"


@pytest.mark.parametrize(
    ("url", "file"),
    [("sqlite:///listener.db", "listener.db"), ("sqlite:////var/lib/l.db", "/var/lib/l.db")],
)
def test_addresses(url: str, file: str) -> None:
    assert store_path(url) == Path(file)


@pytest.mark.parametrize("url", ["", "listener.db", "sqlite://x.db", "sqlite:///", "mysql://h/x"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(StoreError, match="no address of a store") as caught:
        open_store(url)
    assert repr(url) in str(caught.value)
    assert "sqlite:///" in caught.value.hint


def test_it_opens_again_with_everything(path: Path) -> None:
    with SqliteStore(path) as store:
        collect(store, post(1))
    with SqliteStore(path) as store:
        assert [row.id for row in store.mentions(Span())] == [1]
    assert [file.name for file in path.parent.iterdir()] == ["listener.db"]


def test_a_newer_store_is_refused_with_both_versions(path: Path) -> None:
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreNewer, match=f"version 99.* up to {VERSION}") as caught:
        SqliteStore(path)
    assert "upgrade" in caught.value.hint


def test_another_programs_database_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE recipes (id)")
    with pytest.raises(StoreError, match="another program's"):
        SqliteStore(path)
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.touch()
    SqliteStore(path).close()


def test_not_a_database(path: Path) -> None:
    path.write_text("<html>log in</html>" * 100)
    with pytest.raises(StoreError, match="is not a SQLite database") as caught:
        SqliteStore(path)
    assert str(path) in str(caught.value)
    assert path.read_text().startswith("<html>")


def test_a_folder_and_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        SqliteStore(tmp_path)
    with pytest.raises(StoreError, match="does not exist") as caught:
        SqliteStore(tmp_path / "no" / "listener.db")
    assert caught.value.hint == f"mkdir -p {tmp_path / 'no'}"


def test_a_folder_where_nothing_can_be_created() -> None:
    with pytest.raises(StoreError, match="can't be opened or created"):
        SqliteStore(Path("/proc/listener.db"))


def test_a_damaged_file(path: Path) -> None:
    with SqliteStore(path) as store:
        collect(store, *(post(n, "text " * 50) for n in range(500)))
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 40)
    with pytest.raises(StoreError, match="is damaged") as caught, SqliteStore(path) as store:
        list(store.mentions(Span()))
    assert "backup" in caught.value.hint


def test_a_full_disk_loses_nothing_and_can_go_on(path: Path) -> None:
    with SqliteStore(path) as store:
        collect(store, post(1))
        conn = store._db.conn
        pages = conn.execute("PRAGMA page_count").fetchone()[0]
        conn.execute(f"PRAGMA max_page_count = {pages + 20}")
        with pytest.raises(StoreError, match="the disk is full; nothing was half written"):
            collect(store, *(post(n, "text " * 1000) for n in range(2, 200)))
        assert [row.id for row in store.mentions(Span())] == [1]
        assert store.totals().mentions == 1
        conn.execute("PRAGMA max_page_count = 1000000")
        collect(store, *(post(n, "text " * 1000) for n in range(2, 200)))
        assert store.totals().mentions == 199


def test_a_locked_database_is_busy_not_broken(path: Path) -> None:
    with SqliteStore(path) as holder, SqliteStore(path, patience=0.05) as store:
        collect(store, post(1))
        with holder._db.writing():
            with pytest.raises(StoreBusy, match="locked by another program") as caught:
                collect(store, post(2))
            assert caught.value.exit_code == 75
            assert [row.id for row in store.mentions(Span())] == [1]  # reading goes on
        collect(store, post(2))
        assert store.totals().mentions == 2


def test_a_file_that_may_only_be_read(path: Path) -> None:
    SqliteStore(path).close()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
        with pytest.raises(sqlite3.Error) as caught:
            conn.execute("CREATE TABLE x (id)")
        told = explain(caught.value, path)
    assert "can't be written" in str(told)
    assert f"ls -ld {path.parent} {path}" in told.hint


def test_no_error_of_sqlite_gets_through(path: Path) -> None:
    store = SqliteStore(path)
    store.close()
    store.close()
    verbs: list[Callable[[], object]] = [
        lambda: store.pending(1),
        lambda: store.totals(),
        lambda: collect(store, post(1)),
        lambda: list(store.mentions(Span())),
    ]
    for verb in verbs:
        with pytest.raises(StoreError, match=r"listener\.db"):
            verb()


def test_only_a_current_store_is_opened_without_the_migration_library(path: Path) -> None:
    code = f"""
        import sys
        from listener.store import open_store
        open_store("sqlite:///{path}").close()
        print("sqlite_utils" in sys.modules)
        """
    run = [sys.executable, "-c", textwrap.dedent(code)]
    first = subprocess.run(run, capture_output=True, text=True, check=True)
    again = subprocess.run(run, capture_output=True, text=True, check=True)
    assert (first.stdout, again.stdout) == ("True\n", "False\n")


def test_the_log_stays_small_beside_a_reader(path: Path) -> None:
    with SqliteStore(path) as store, SqliteStore(path) as reader:
        for n in range(0, 3000, 500):
            collect(store, *(post(k, "word " * 60) for k in range(n, n + 500)))
        stream = reader.mentions(Span())
        next(stream)
        for n in range(3000, 9000, 500):
            collect(store, *(post(k, "word " * 60) for k in range(n, n + 500)))
        assert path.with_name("listener.db-wal").stat().st_size < 40_000_000
        assert sum(1 for _ in stream) == 8999


def test_two_processes_open_a_new_file_at_once(path: Path) -> None:
    code = f"""
        from pathlib import Path
        from listener.store.sqlite import SqliteStore
        print(SqliteStore(Path({str(path)!r})).totals().mentions)
        """
    run = [sys.executable, "-c", textwrap.dedent(code)]
    both = [subprocess.Popen(run, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate(timeout=60)[0] for process in both] == ["0\n"] * 3


def test_many_writers_lose_nothing(path: Path) -> None:
    SqliteStore(path).close()
    code = f"""
        import sys
        from datetime import UTC, datetime
        from pathlib import Path
        from listener.store.rows import Collected
        from listener.store.sqlite import SqliteStore
        from sources.mention import Mention
        now, me = datetime(2026, 11, 1, tzinfo=UTC), sys.argv[1]
        with SqliteStore(Path({str(path)!r})) as store:
            run = store.open_run(me, now)
            for n in range(30):
                said = [Mention("forum", key, "x", now) for key in (f"{{me}}-{{n}}", f"both-{{n}}")]
                store.collect(Collected(run, me, said, now))
        """
    run = [sys.executable, "-c", textwrap.dedent(code)]
    both = [subprocess.Popen([*run, name]) for name in ("one", "two")]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    with SqliteStore(path) as store:
        ids = [row.id for row in store.mentions(Span())]
        assert ids == list(range(1, 91))
        assert store.totals().mentions == 90


def test_killed_at_once_it_is_whole(path: Path) -> None:
    code = f"""
        import os, signal
        from datetime import UTC, datetime
        from pathlib import Path
        from listener.store.rows import Collected
        from listener.store.sqlite import SqliteStore
        from sources.mention import Mention
        now = datetime(2026, 11, 1, tzinfo=UTC)
        store = SqliteStore(Path({str(path)!r}))
        run = store.open_run("blog", now)
        store.collect(Collected(run, "blog", [Mention("forum", "1", "x", now)], now, cursor="1"))
        store._db.conn.execute("BEGIN IMMEDIATE")
        store._db.conn.execute("DELETE FROM pending")
        os.kill(os.getpid(), signal.SIGKILL)
        """
    died = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert died.returncode == -9
    with SqliteStore(path) as store:
        assert store.cursor("blog") == "1"
        assert len(store.pending(9)) == store.totals().pending == 1


def test_an_unfinished_backup_leaves_no_file(path: Path, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with SqliteStore(path) as store:
        collect(store, post(1))
        with pytest.raises(KeyboardInterrupt):
            store.backup(str(tmp_path / "copy.db"), stop)
        store.backup(str(tmp_path / "copy.db"))
    assert {file.name for file in tmp_path.iterdir()} == {"listener.db", "copy.db"}
