"""Deliveries over HTTP: stored before they are answered, harmless when repeated."""

from __future__ import annotations

import base64
import json
import socket
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

import listener.web.hooks
import listener.web.intake
from listener.app import open_app
from listener.config import Config
from listener.store import open_store
from listener.store.address import store_path
from listener.store.protocol import Store
from listener.store.sqlite import SqliteStore
from listener.web.server import Server
from sources.webhook.source import LARGEST_BODY
from sources.webhook.standard import Keys, sign

SECRET = "whsec_" + base64.b64encode(b"first key of twenty-four").decode()
KEYS = Keys.read([SECRET])
CONFIG = f"""
brands: [{{name: Acme}}]
sources:
  - {{name: crm / eu, type: webhook, secrets: ["{SECRET}"]}}
  - {{name: broken, type: webhook, secrets: ["whsec_short"]}}
  - {{name: sample, type: sample}}
web: {{port: 0}}
"""
NOW = datetime.now(UTC)
POSTS = {"data": [{"id": "7", "text": "on hold for hours"}, {"id": "8", "text": "me too"}]}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    with open_app(path) as app:
        return app.config


@pytest.fixture
def server(config: Config) -> Iterator[Server]:
    with Server(config, lambda: NOW) as running:
        yield running


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    with open_store(config.store) as opened:
        yield opened


def post(
    server: Server, body: bytes, source: str = "crm%20/%20eu", **changed: str
) -> httpx2.Response:
    headers = {**sign("msg_1", NOW, body, KEYS), **changed}
    address = f"{server.address}hooks/{source}"
    return httpx2.post(address, content=body, headers=headers, trust_env=False, timeout=20)


def texts(store: Store) -> list[str]:
    return sorted(one.mention.text for one in store.pending(100))


def test_what_is_answered_with_202_is_stored(server: Server, store: Store) -> None:
    answer = post(server, json.dumps(POSTS).encode())
    assert answer.status_code == 202
    assert answer.json() == {
        "delivery": "msg_1", "new": 2, "edited": 0, "erased": 0, "rejected": [],
    }  # fmt: skip
    assert texts(store) == ["me too", "on hold for hours"]
    (run,) = store.runs("crm / eu")
    assert (run.outcome, run.counted.new) == ("ok", 2)
    (state,) = store.health()
    assert (state.source, state.health, state.failures) == ("crm / eu", "healthy", 0)


def test_a_delivery_that_is_sent_again_changes_nothing(server: Server, store: Store) -> None:
    nameless = json.dumps({"data": [{"text": "no id"}, {"txt": "no text"}]}).encode()
    first = post(server, nameless).json()
    assert (first["new"], len(first["rejected"])) == (1, 1)
    assert post(server, nameless).json()["new"] == 0
    assert texts(store) == ["no id"]


def test_what_is_deleted_there_is_erased_here(server: Server, store: Store) -> None:
    post(server, json.dumps(POSTS).encode())
    gone = {"type": "mention.deleted", "data": [{"id": "7"}]}
    assert post(server, json.dumps(gone).encode()).json()["erased"] == 1
    assert texts(store) == ["me too"]


@pytest.mark.parametrize(
    ("source", "changed", "status"),
    [
        ("crm%20/%20eu", {"webhook-signature": "v1,AAAA"}, 401),
        ("crm%20/%20eu", {"webhook-timestamp": "1"}, 401),
        ("crm%20/%20eu", {"webhook-id": ""}, 400),
        ("nobody", {}, 404),
        ("sample", {}, 404),
        ("", {}, 404),
        ("broken", {}, 503),
    ],
)
def test_what_cannot_be_taken_is_refused_and_leaves_nothing(
    server: Server, store: Store, source: str, changed: dict[str, str], status: int
) -> None:
    answer = post(server, json.dumps(POSTS).encode(), source, **changed)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert ("retry-after" in answer.headers) is (status == 503)
    assert texts(store) == []
    assert store.runs() == []


def test_a_body_that_is_no_delivery_says_what_was_expected(server: Server) -> None:
    answer = post(server, b"words")
    assert answer.status_code == 400
    assert "mention.created" in answer.json()["error"]


def ask(server: Server, head: str, pieces: Iterator[bytes]) -> bytes:
    """Send until the server answers; returns the first words of its answer."""
    host, _, port = server.address.removeprefix("http://").rstrip("/").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(f"POST /hooks/crm%20/%20eu HTTP/1.1\r\nHost: a\r\n{head}\r\n\r\n".encode())
        try:
            for piece in pieces:
                line.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = b""
        try:
            while chunk := line.recv(65536):
                answer += chunk
        except ConnectionResetError:
            pass
        return answer


def test_a_large_body_is_refused_before_it_is_read(server: Server) -> None:
    answer = ask(server, f"Content-Length: {LARGEST_BODY + 1}", iter(()))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()


def test_an_endless_body_is_cut_off(server: Server, store: Store) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 20 * LARGEST_BODY:
            sent += 1 << 16
            yield b"10000\r\n" + b"x" * (1 << 16) + b"\r\n"

    ask(server, "Transfer-Encoding: chunked", endless())
    assert LARGEST_BODY < sent < 20 * LARGEST_BODY
    assert texts(store) == []


def test_a_body_that_does_not_come_is_given_up(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener.web.intake, "SECONDS_TO_SEND", 0.05)
    answer = ask(server, "Content-Length: 100", iter((b"{",)))
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_sender_that_hangs_up_leaves_nothing(server: Server, store: Store) -> None:
    host, _, port = server.address.removeprefix("http://").rstrip("/").rpartition(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(b"POST /hooks/crm%20/%20eu HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{")
    assert post(server, json.dumps(POSTS).encode()).status_code == 202
    assert len(store.runs()) == 1


def test_a_locked_store_asks_for_patience(
    server: Server, config: Config, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = store_path(config.store)
    monkeypatch.setattr(
        listener.web.hooks, "open_store", lambda _: SqliteStore(path, patience=0.02)
    )
    body = json.dumps(POSTS).encode()
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        answer = post(server, body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        other.execute("ROLLBACK")
    finally:
        other.close()
    assert post(server, body).json()["new"] == 2
    assert texts(store) == ["me too", "on hold for hours"]


def test_the_store_failing_in_the_middle_is_no_202(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "none").write_bytes(b"not a database, whatever its name says" * 50)
    monkeypatch.setattr(listener.web.hooks, "open_store", lambda _: SqliteStore(tmp_path / "none"))
    assert post(server, json.dumps(POSTS).encode()).status_code == 503
