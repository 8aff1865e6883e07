"""Accounts, sessions and subscriptions in a PostgreSQL database, in a schema of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from postgres_server import PostgresServer

from listener.errors import Conflict
from listener.store import has_private, open_store
from listener.store.accounts import Accounts, Role, Scope, open_accounts
from listener.store.subscriptions import State, open_subscriptions
from sources.feeds.websub import Offer

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def url(postgres_server: PostgresServer) -> str:
    return postgres_server.fresh()


@pytest.fixture
def accounts(url: str) -> Iterator[Accounts]:
    with open_accounts(url, QUICK) as accounts:
        yield accounts


def test_people_sign_in_however_their_name_is_written(url: str, accounts: Accounts) -> None:
    added = accounts.add_user("Ann Éva", Role.LEAD, "correct horse", AT)
    with pytest.raises(Conflict):
        accounts.add_user("ANN Éva", Role.AGENT, "battery staple", AT)
    with open_accounts(url, QUICK) as later:
        assert later.verify_password("ann Éva", "correct horse") == added
        assert later.verify_password("ann Éva", "wrong horse") is None
    accounts.add_user("bob", Role.AGENT, "battery staple", AT)
    accounts.disable_user("BOB", AT)
    assert [(one.name, one.role, one.disabled) for one in accounts.users()] == [
        ("Ann Éva", Role.LEAD, False),
        ("bob", Role.AGENT, True),
    ]


def test_keys_and_sessions_are_known_by_their_hash(
    postgres_server: PostgresServer, accounts: Accounts
) -> None:
    accounts.add_user("ann", Role.LEAD, "correct horse", AT)
    token, key = accounts.create_token("ann", "script", [Scope.READ, Scope.WRITE], AT)
    found = accounts.verify_token(key)
    assert found is not None
    assert found[1] == token
    session, cookie = accounts.sessions.open("ann", "Firefox \0", AT)
    assert accounts.sessions.find(cookie, AT) == (found[0], session)
    accounts.sessions.end(session.id, AT)
    assert accounts.sessions.find(cookie, AT) is None
    accounts.revoke_token(token.id, AT)
    assert accounts.verify_token(key) is None
    kept = repr(postgres_server.execute("SELECT * FROM accounts.tokens, accounts.sessions"))
    assert "script" in kept
    assert key not in kept
    assert cookie not in kept


def test_subscriptions(url: str) -> None:
    assert has_private(url)
    with open_subscriptions(url) as kept:
        kept.add(
            "blog",
            Offer("https://hub.example/", "https://blog.example/feed", ""),
            "https://us/",
            AT,
        )
        [due] = kept.due(AT)
        kept.verified(due.token, AT, AT + timedelta(days=10), AT + timedelta(days=9))
        kept.postpone("https://hub.example/", AT + timedelta(days=12))
        found = kept.current("blog")
    assert found is not None
    assert (found.state, found.private, found.ask_at) == (
        State.ACTIVE,
        False,
        AT + timedelta(days=12),
    )


def test_who_may_read_the_data_may_not_read_the_accounts(
    postgres_server: PostgresServer, url: str, accounts: Accounts
) -> None:
    open_store(url).close()
    postgres_server.ask("DROP ROLE IF EXISTS analyst")
    postgres_server.ask("CREATE ROLE analyst")
    postgres_server.execute("GRANT USAGE ON SCHEMA listener TO analyst")
    rights = postgres_server.execute(
        "SELECT has_schema_privilege('analyst', 'listener', 'USAGE'),"
        " has_schema_privilege('analyst', 'accounts', 'USAGE')"
    )
    postgres_server.execute("DROP OWNED BY analyst")
    assert rights == [(True, False)]
