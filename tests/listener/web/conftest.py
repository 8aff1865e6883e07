"""A desk in the browser without a browser: the application of a house, and people signed in to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from listener.store.accounts import open_accounts
from listener.store.users import Role, Scope
from listener.web.app import create_app
from listener.web.pool import Pool

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"
OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def app(house: Any) -> Iterator[FastAPI]:
    app = create_app(house.config, house.clock)
    object.__setattr__(
        app.state.parts, "accounts", Pool(lambda: open_accounts(house.config.store, QUICK))
    )
    yield app
    app.state.parts.close()


@pytest.fixture
def browser(app: FastAPI) -> Iterator[Callable[[], TestClient]]:
    """A browser that nobody is signed in to; every call makes another one."""
    opened: list[TestClient] = []

    def make() -> TestClient:
        client = TestClient(app, headers=OURS, follow_redirects=False)
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def member(app: FastAPI, house: Any) -> Callable[..., None]:
    """Make an account."""

    def add(name: str, role: Role = Role.AGENT) -> None:
        with app.state.parts.accounts.lend() as accounts:
            accounts.add_user(name, role, PASSWORD, house.clock())

    return add


@pytest.fixture
def signed_in(
    browser: Callable[[], TestClient], member: Callable[..., None]
) -> Callable[..., TestClient]:
    """The browser of a new person of the desk, signed in."""

    def enter(name: str = "ana", role: Role = Role.AGENT) -> TestClient:
        member(name, role)
        client = browser()
        answer = client.post("/login", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    return enter


@pytest.fixture
def program(
    app: FastAPI, house: Any, member: Callable[..., None]
) -> Iterator[Callable[..., TestClient]]:
    """A program with a token of a new person."""
    opened: list[TestClient] = []

    def make(
        name: str = "bot", role: Role = Role.AGENT, scopes: tuple[Scope, ...] = tuple(Scope)
    ) -> TestClient:
        member(name, role)
        with app.state.parts.accounts.lend() as accounts:
            _, key = accounts.create_token(name, "test", scopes, house.clock())
        client = TestClient(app, headers={"authorization": f"Bearer {key}"}, follow_redirects=False)
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()
