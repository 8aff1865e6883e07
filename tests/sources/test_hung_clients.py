"""Whatever library asks: a server that never answers, or never ends, is left in time."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sources.bluesky import jetstream
from sources.bluesky.settings import BlueskySettings
from sources.bluesky.source import BlueskySource
from sources.errors import Transient
from sources.http.cutoff import Cutoff
from sources.http.fetch import Limits
from sources.imap.settings import ImapSettings
from sources.imap.source import ImapSource
from sources.protocols import Source
from sources.reddit.settings import RedditSettings
from sources.reddit.source import RedditSource
from sources.testing.hung import HungServer
from sources.x.settings import XSettings
from sources.x.source import XSource

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
IN_ALL = 0.3  # seconds
# A byte comes long before a step's time is over: only the time for all of it can end a drip.
SILENT, DRIPPING = Limits(seconds=30, step_seconds=IN_ALL), Limits(seconds=IN_ALL)

HTTP_HEADER = b"HTTP/1.1 200 OK\r\nX-Slow: "
HTTP_CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"
HTTP_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
Make = Callable[[HungServer, Limits], Source]


def now() -> datetime:
    return NOON


def through_praw(server: HungServer, limits: Limits) -> Source:
    settings = RedditSettings.model_validate(
        {
            "name": "reddit",
            "subreddits": ["banking"],
            "client_id": "id",
            "client_secret": "secret",
            "base_url": server.url(""),
            "allow_private": True,
        }
    )
    return RedditSource(settings, now, limits)


def through_tweepy(server: HungServer, limits: Limits) -> Source:
    settings = XSettings.model_validate(
        {
            "name": "x",
            "query": "acme",
            "bearer_token": "token",
            "base_url": server.url(""),
            "allow_private": True,
        }
    )
    return XSource(settings, now, limits)


def through_imaplib(server: HungServer, limits: Limits) -> Source:
    settings = ImapSettings.model_validate(
        {
            "name": "mail",
            "host": "127.0.0.1",
            "port": server.port,
            "security": "none",
            "username": "desk",
            "password": "secret",
            "allow_private": True,
        }
    )
    return ImapSource(settings, now, limits=limits)


def through_websockets(server: HungServer, limits: Limits) -> Source:
    settings = BlueskySettings.model_validate(
        {
            "name": "sky",
            "terms": ["acme"],
            "base_url": server.url("", "ws"),
            "allow_private": True,
        }
    )
    return BlueskySource(settings, now)


@pytest.mark.parametrize(
    ("make", "drip"),
    [
        (through_praw, b""),
        (through_praw, HTTP_HEADER),
        (through_praw, HTTP_CHUNK),
        (through_praw, HTTP_BODY),
        (through_tweepy, b""),
        (through_tweepy, HTTP_HEADER),
        (through_tweepy, HTTP_CHUNK),
        (through_tweepy, HTTP_BODY),
        (through_imaplib, b""),
        (through_imaplib, b"* OK "),
        (through_imaplib, b"* OK ready\r\n* CAPABILITY IMAP4rev1\r\nx"),
        (through_websockets, b""),
        (through_websockets, HTTP_HEADER.replace(b"200 OK", b"101 Switching Protocols")),
    ],
)
def test_a_server_that_never_ends_is_left_in_time(
    make: Make, drip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jetstream, "DIAL_SECONDS", IN_ALL)
    with HungServer(drip) as server:
        source = make(server, DRIPPING if drip else SILENT)
        with pytest.raises(Transient, match=rf"127\.0\.0\.1:{server.port}"):
            list(source.collect(None))
        assert server.asked.is_set()


def test_what_was_cut_off_is_said_and_the_next_block_begins_afresh() -> None:
    with HungServer() as server:
        cutoff = Cutoff(0.05)
        place = ("127.0.0.1", server.port)
        with socket.create_connection(place) as early, socket.create_connection(place) as late:
            cutoff.watch(early)
            with cutoff:
                assert early.recv(1) == b""
                cutoff.watch(late)
                assert late.recv(1) == b""
            assert cutoff.passed
            with cutoff:
                assert not cutoff.passed
