"""A backup holds the data and the accounts, whichever database they are in, and gives them back."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from postgres_server import PostgresServer

from listener.errors import StoreError
from listener.store import open_store
from listener.store.accounts import Role, open_accounts
from listener.store.backup import back_up
from listener.store.copying import copy_store
from listener.store.rows import Collected, Span
from sources.mention import Mention

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/listener.db"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.fresh()


def fill(url: str) -> None:
    with open_store(url) as store:
        run = store.open_run("forum", AT)
        said = [Mention("forum", str(n), f"broken {n} \0", AT) for n in range(60)]
        store.collect(Collected(run, "forum", said, AT))
    with open_accounts(url, QUICK) as accounts:
        accounts.add_user("ann", Role.LEAD, "correct horse", AT)


def test_a_backup_is_restored_by_putting_it_in_place(url: str, tmp_path: Path) -> None:
    fill(url)
    written = back_up(url, tmp_path / "copy.db")
    assert written == (tmp_path / "copy.db", tmp_path / "copy-accounts.db")
    assert stat.S_IMODE(written[1].stat().st_mode) == 0o600
    for file in written:  # as an operator puts them where `store:` says
        file.rename(tmp_path / file.name.replace("copy", "restored"))
    restored = f"sqlite:///{tmp_path}/restored.db"
    with open_store(url) as before, open_store(restored) as after:
        assert list(after.mentions(Span())) == list(before.mentions(Span()))
        assert after.totals() == before.totals()
        run = after.open_run("forum", AT)
        after.collect(Collected(run, "forum", [Mention("forum", "60", "more", AT)], AT))
    with open_accounts(restored, QUICK) as accounts:
        assert accounts.verify_password("ann", "correct horse")


def test_into_postgres_and_out_again(postgres_server: PostgresServer, tmp_path: Path) -> None:
    first = f"sqlite:///{tmp_path}/listener.db"
    fill(first)
    postgres = postgres_server.database()
    copy_store(first, postgres, lambda stage, done, total: None)
    back_up(postgres, tmp_path / "copy.db")
    again = postgres_server.database()
    copy_store(f"sqlite:///{tmp_path}/copy.db", again, lambda stage, done, total: None)
    with open_store(first) as before, open_store(again) as after:
        assert list(after.mentions(Span())) == list(before.mentions(Span()))
    with open_accounts(again, QUICK) as accounts:
        assert accounts.verify_password("ann", "correct horse")


def test_nothing_is_left_of_a_backup_that_fails(url: str, tmp_path: Path) -> None:
    fill(url)
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(StoreError, match="exists already"):
        back_up(url, tmp_path / "copy.db")
    assert not (tmp_path / "copy-accounts.db").exists()
    (tmp_path / "other-accounts.db").write_text("mine")
    with pytest.raises(StoreError, match=r"other-accounts\.db exists already"):
        back_up(url, tmp_path / "other.db")
    assert not (tmp_path / "other.db").exists()
    assert not [file for file in tmp_path.iterdir() if "unfinished" in file.name]
