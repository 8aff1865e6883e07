"""Subscriptions lie with the accounts: an older file gets them, and verbs do not tread on others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from listener.store.accounts import Accounts, Role
from listener.store.subscriptions import State, Subscription, Subscriptions
from sources.feeds.websub import Offer

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
OFFER = Offer("https://hub.example/", "https://blog.example/topic", "https://blog.example/feed")
BASE = "https://listen.example/websub/"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "listener-accounts.db"


@pytest.fixture
def kept(path: Path) -> Iterator[Subscriptions]:
    with Subscriptions(path) as kept:
        kept.add("blog", OFFER, BASE, NOW)
        yield kept


def the_one(kept: Subscriptions) -> Subscription:
    found = kept.current("blog")
    assert found is not None
    return found


def test_an_older_file_of_accounts_keeps_its_users(path: Path) -> None:
    with Accounts(path, QUICK) as accounts:
        accounts.add_user("ann", Role.LEAD, "correct horse battery", NOW)
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:  # as version 1 left it
        for table in (
            "subscriptions",
            "sessions",
            "invitations",
            "attempts",
            "requests",
            "presence",
            "identities",
            "oidc_begun",
        ):
            conn.execute(f"DROP TABLE {table}")
        conn.execute("PRAGMA user_version = 1")
    with Subscriptions(path) as kept:
        kept.add("blog", OFFER, BASE, NOW)
        assert the_one(kept).offer == OFFER
    with Accounts(path, QUICK) as accounts:
        assert [user.name for user in accounts.users()] == ["ann"]


def test_callback_and_secret_are_new_each_time_and_never_shown(kept: Subscriptions) -> None:
    first = the_one(kept)
    kept.add("blog", OFFER, BASE, LATER)
    second = the_one(kept)
    assert first.callback == BASE + first.token
    assert len({first.token, second.token, first.secret, second.secret}) == 4
    for private in (first.token, first.secret, "example"):
        assert private not in repr(first)
    assert [one.state for one in kept.all()] == [State.ASKED, State.LEAVING]


def test_a_refusal_that_comes_after_the_hub_has_settled_it_changes_nothing(
    kept: Subscriptions,
) -> None:
    token = the_one(kept).token
    kept.asking(token, NOW, LATER)
    kept.verified(token, NOW, LATER, NOW + timedelta(hours=16))
    before = the_one(kept)
    kept.refused(token, "500", LATER + timedelta(days=9))
    assert the_one(kept) == before
    assert (before.state, before.failures, before.expires_at) == (State.ACTIVE, 0, LATER)


def test_what_is_being_left_is_neither_verified_nor_denied(kept: Subscriptions) -> None:
    token = the_one(kept).token
    kept.leave("blog", NOW)
    kept.verified(token, NOW, LATER, LATER)
    kept.denied(token, "no", NOW, LATER)
    assert kept.current("blog") is None
    assert [one.state for one in kept.due(NOW)] == [State.LEAVING]
    kept.drop(token)
    assert kept.by_token(token) is None


def test_a_hub_is_left_alone_for_all_its_feeds(kept: Subscriptions) -> None:
    kept.add("other", Offer("https://other.example/", "https://o.example/"), BASE, NOW)
    kept.postpone(OFFER.hub, LATER)
    assert [one.source for one in kept.due(NOW)] == ["other"]
    assert {one.source for one in kept.due(LATER)} == {"blog", "other"}


def test_strange_tokens_are_nobodys(kept: Subscriptions) -> None:
    for token in ("", "x", "\udc80", "'", "\0", "x" * 100_000):
        assert kept.by_token(token) is None
