"""The web server shows how everything is, and says why when it cannot."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from listener.app import open_app
from listener.config import Config
from listener.errors import ListenerError
from listener.stages.cycle import Listening
from listener.store import open_store
from listener.store.rows import SourceState
from listener.web.server import Server, take_port
from sources.protocols import Health

CONFIG = """
brands: [{name: Northgate Bank}]
sources: [{name: sample, type: sample}]
web: {port: 0}
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    with open_app(path) as app:
        with Listening(app.store, app.config, app.plugins, app.now) as listening:
            listening.cycle()
        return app.config


@pytest.fixture
def server(config: Config) -> Iterator[Server]:
    with Server(config) as running:
        yield running


def get(server: Server, path: str) -> httpx2.Response:
    return httpx2.get(server.address.rstrip("/") + path, trust_env=False, timeout=60)


def test_health(server: Server) -> None:
    assert get(server, "/healthz").json() == {"ok": True}
    answer = get(server, "/readyz")
    found = answer.json()
    assert answer.status_code == 200
    assert (found["ok"], found["sources"], found["blind"], found["pending"]) == (True, 1, 0, 0)
    assert get(server, "/nowhere").status_code == 404


def test_a_source_that_nobody_asks_any_more(server: Server, config: Config) -> None:
    with open_store(config.store) as store:
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        for hours in range(3):
            store.open_run("sample", long_ago + timedelta(hours=hours))
        at = long_ago + timedelta(hours=2)
        store.set_health(SourceState("sample", Health.QUIET, at, "", last_attempt_at=at))
    found = get(server, "/readyz").json()
    assert (found["ok"], found["not_asked"], found["blind"]) == (False, 1, 0)


def test_strangers_learn_nothing_but_that_it_runs(server: Server) -> None:
    assert "sample" not in get(server, "/readyz").text
    answer = get(server, "/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    answer = get(server, "/queue?view=mine&x=%0a")
    assert answer.headers["location"] == "/login?next=%2Fqueue%3Fview%3Dmine%26x%3D%250a"


def test_a_store_that_cannot_be_read_is_said(server: Server, config: Config) -> None:
    Path(config.store.removeprefix("sqlite:///")).write_bytes(
        b"not a database, whatever its name says"
    )
    answer = get(server, "/readyz")
    assert answer.status_code == 503
    assert not answer.json()["ok"]
    assert get(server, "/healthz").status_code == 200


def test_an_address_that_is_taken_is_said_before_anything_begins(config: Config) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        web = config.web.model_copy(update={"port": other.getsockname()[1]})
        with pytest.raises(ListenerError, match=r"cannot listen on 127\.0\.0\.1"):
            Server(config.model_copy(update={"web": web}))


def test_others_are_let_in_only_once_there_is_an_account(config: Config) -> None:
    web = config.web.model_copy(update={"host": "0.0.0.0"})
    with pytest.raises(ListenerError, match="there is no account yet"):
        Server(config.model_copy(update={"web": web}))


def test_a_page_does_not_wait_until_its_head_is_confirmed() -> None:
    with (
        take_port("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
