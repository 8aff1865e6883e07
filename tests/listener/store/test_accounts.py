"""Accounts: passwords and tokens are never kept, and what is shut stays shut."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from listener.errors import Conflict, DeskError, NotFound, StoreError, StoreNewer
from listener.store import accounts_path
from listener.store.accounts import Accounts, Role, Scope, open_accounts

NOW = datetime(2026, 11, 1, tzinfo=UTC)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "listener-accounts.db"


@pytest.fixture
def accounts(path: Path) -> Iterator[Accounts]:
    with Accounts(path, QUICK) as accounts:
        yield accounts


def test_the_file_lies_beside_the_store_and_is_private(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/listener.db"
    with open_accounts(url, QUICK):
        path = accounts_path(url)
        assert path == tmp_path / "listener-accounts.db"
        assert path.stat().st_mode & 0o077 == 0


def test_a_password_lets_its_owner_in(accounts: Accounts) -> None:
    user = accounts.add_user(" Ann ", Role.LEAD, PASSWORD, NOW)
    assert (user.name, user.role, user.created_at, user.disabled) == ("Ann", Role.LEAD, NOW, False)
    assert accounts.verify_password("ann", PASSWORD) == user
    assert accounts.verify_password("ann", PASSWORD + "x") is None
    assert accounts.verify_password("bob", PASSWORD) is None
    assert accounts.users() == [user]


def test_a_hash_of_an_older_strength_is_renewed(path: Path, accounts: Accounts) -> None:
    accounts.add_user("ann", Role.AGENT, PASSWORD, NOW)
    stronger = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    with Accounts(path, stronger) as later:
        for _ in range(2):
            assert later.verify_password("ann", PASSWORD) is not None
    with closing(sqlite3.connect(path)) as conn:
        assert ",t=2," in conn.execute("SELECT password_hash FROM users").fetchone()[0]


@pytest.mark.parametrize("name", ["", "  ", "a\nb"])
def test_names_can_be_printed(accounts: Accounts, name: str) -> None:
    with pytest.raises(DeskError, match="needs a name"):
        accounts.add_user(name, Role.VIEWER, PASSWORD, NOW)


def test_a_short_password_and_a_taken_name(accounts: Accounts) -> None:
    with pytest.raises(DeskError, match="10 characters"):
        accounts.add_user("ann", Role.VIEWER, "short", NOW)
    accounts.add_user("ann", Role.VIEWER, PASSWORD, NOW)
    with pytest.raises(Conflict, match="already"):
        accounts.add_user("ANN", Role.ADMIN, PASSWORD, NOW)


def test_who_is_disabled_is_out_with_all_tokens(accounts: Accounts) -> None:
    accounts.add_user("ann", Role.AGENT, PASSWORD, NOW)
    _, key = accounts.create_token("ann", "bot", [Scope.READ], NOW)
    assert accounts.disable_user("ann", NOW).disabled
    assert accounts.disable_user("ann", NOW).disabled
    assert accounts.verify_password("ann", PASSWORD) is None
    assert accounts.verify_token(key) is None
    with pytest.raises(DeskError, match="disabled"):
        accounts.create_token("ann", "bot", [Scope.READ], NOW)
    with pytest.raises(NotFound, match="no user"):
        accounts.disable_user("bob", NOW)


def test_a_token_is_shown_once_and_kept_as_a_hash(accounts: Accounts, path: Path) -> None:
    user = accounts.add_user("ann", Role.AGENT, PASSWORD, NOW)
    token, key = accounts.create_token("ann", "bot", [Scope.READ, Scope.WRITE], NOW)
    assert accounts.verify_token(key) == (user, token)
    assert (token.user, token.name, token.scopes) == ("ann", "bot", (Scope.READ, Scope.WRITE))
    assert accounts.tokens() == [token]
    assert accounts.verify_token(key[:-1]) is None
    assert accounts.verify_token("\ud800") is None
    accounts.close()
    assert key.encode() not in path.read_bytes()
    assert PASSWORD.encode() not in path.read_bytes()


def test_a_revoked_token_is_over(accounts: Accounts) -> None:
    accounts.add_user("ann", Role.AGENT, PASSWORD, NOW)
    token, key = accounts.create_token("ann", "bot", [Scope.READ], NOW)
    assert accounts.revoke_token(token.id, NOW).revoked
    assert accounts.verify_token(key) is None
    with pytest.raises(NotFound, match="no token 9"):
        accounts.revoke_token(9, NOW)
    with pytest.raises(DeskError, match="needs a scope: read, write, admin"):
        accounts.create_token("ann", "bot", [], NOW)
    with pytest.raises(NotFound):
        accounts.create_token("bob", "bot", [Scope.READ], NOW)


def test_roles_cover_those_before_them() -> None:
    assert Role.LEAD.covers(Role.AGENT)
    assert Role.LEAD.covers(Role.LEAD)
    assert not Role.AGENT.covers(Role.LEAD)


def test_other_files_are_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE x (id)")
    with pytest.raises(StoreError, match="not a file of accounts"):
        Accounts(path, QUICK)
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA user_version = 9")
    with pytest.raises(StoreNewer, match="version 9"):
        Accounts(path, QUICK)
