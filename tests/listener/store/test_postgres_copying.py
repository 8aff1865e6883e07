"""A store moves from SQLite to PostgreSQL whole, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner
from postgres_server import PostgresServer

from listener.cli import cli
from listener.errors import StoreBusy, StoreError
from listener.store import open_store, run_lock
from listener.store.accounts import Role, open_accounts
from listener.store.copying import copy_store
from listener.store.postgres import moving
from listener.store.rows import Collected, QueueQuery, Span
from sources.mention import Author, Mention

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def take(url: str, first: int, count: int) -> None:
    with open_store(url) as store:
        run = store.open_run("forum", AT)
        said = [
            Mention("forum", str(n), f"Überweisung {n} \0", AT, Author(f"u{n}"))
            for n in range(first, first + count)
        ]
        store.collect(Collected(run, "forum", said, AT, cursor=str(first)))
        store.close_run(run, "ok", "", AT)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/listener.db"
    take(url, 0, 120)
    take(url, 100, 40)
    with open_accounts(url, QUICK) as accounts:
        accounts.add_user("ann", Role.LEAD, "correct horse", AT)
    return url


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> str:
    return postgres_server.database()


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "PAGE", 25)


class Stops:
    """Breaks the copy off after so many pages."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, stage: str, done: int, total: int) -> None:
        assert 0 < done <= total
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def silent(stage: str, done: int, total: int) -> None:
    assert stage in ("copy", "compare")


def test_everything_moves_and_work_goes_on(sqlite: str, postgres: str) -> None:
    counted = copy_store(sqlite, postgres, silent)
    assert (counted["mentions"], counted["runs"], counted["users"]) == (140, 2, 1)
    with open_store(sqlite) as before, open_store(postgres) as after:
        assert list(after.mentions(Span())) == list(before.mentions(Span()))
        assert after.runs() == before.runs()
        assert after.totals() == before.totals()
        assert after.cursor("forum") == "100"
    with open_accounts(postgres, QUICK) as accounts:
        assert accounts.verify_password("ann", "correct horse")
    take(postgres, 130, 40)
    with open_store(postgres) as store:
        assert [row.id for row in store.mentions(Span())] == list(range(1, 171))
        assert store.queue(QueueQuery(view="all", search="uberweisung")) == []


@pytest.mark.parametrize("pages", [1, 3, 7, 20])
def test_a_copy_that_broke_off_is_no_store_and_goes_on(
    sqlite: str, postgres: str, pages: int
) -> None:
    with pytest.raises(KeyboardInterrupt):
        copy_store(sqlite, postgres, Stops(pages))
    with pytest.raises(StoreError, match="not finished yet") as caught:
        open_store(postgres)
    assert "listener store copy" in caught.value.hint
    copied: list[int] = []
    copy_store(sqlite, postgres, lambda stage, done, total: copied.append(done))
    assert copied[0] > 1
    with open_store(sqlite) as before, open_store(postgres) as after:
        assert list(after.mentions(Span())) == list(before.mentions(Span()))


def test_what_changed_since_it_broke_off_is_copied_too(sqlite: str, postgres: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        copy_store(sqlite, postgres, Stops(6))
    with open_store(sqlite) as store:
        run = store.open_run("forum", AT)
        edited = Mention("forum", "3", "paid back", AT, Author("u3"))
        store.collect(Collected(run, "forum", [edited], AT))
    copy_store(sqlite, postgres, silent)
    with open_store(postgres) as store:
        row = store.mention("forum", "3")
        assert row is not None
        assert row.mention.text == "paid back"


def test_a_store_is_not_overwritten(sqlite: str, postgres: str) -> None:
    take(postgres, 0, 1)
    with pytest.raises(StoreError, match="holds a store already"):
        copy_store(sqlite, postgres, silent)


def test_two_copies_are_not_mixed(tmp_path: Path, sqlite: str, postgres: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        copy_store(sqlite, postgres, Stops(2))
    other = f"sqlite:///{tmp_path}/other.db"
    take(other, 0, 1)
    with pytest.raises(StoreError, match=r"unfinished copy of .*/listener\.db"):
        copy_store(other, postgres, silent)


def test_not_while_a_run_is_at_work(sqlite: str, postgres: str) -> None:
    with run_lock(sqlite), pytest.raises(StoreBusy):
        copy_store(sqlite, postgres, silent)


def test_the_command(sqlite: str, postgres: str) -> None:
    file = sqlite.removeprefix("sqlite:///")
    done = CliRunner().invoke(cli, ["store", "copy", file, postgres])
    assert done.exit_code == 0, done.output
    assert "compared row by row: 140 mentions" in done.output
    again = CliRunner().invoke(cli, ["store", "copy", file, postgres])
    assert "holds a store already" in str(again.exception)
    wrong = CliRunner().invoke(cli, ["store", "copy", postgres, file])
    assert "from SQLite to PostgreSQL" in str(wrong.exception)
    missing = CliRunner().invoke(cli, ["store", "copy", f"{file}x", postgres])
    assert "there is no store" in str(missing.exception)
