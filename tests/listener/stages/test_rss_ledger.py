"""What the ledger says of a feed in trouble: every kind of trouble in words of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.stages.collect import collect
from listener.store import open_store
from listener.store.protocol import Store
from sources.http.fetch import Fetcher, Limits
from sources.protocols import Health
from sources.rss.settings import RssSettings
from sources.rss.source import RssSource
from sources.testing.web import Answer, FakeWeb, conditional

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def feed(*numbers: int, date: str = "Fri, 20 Nov 2026 10:00:00 +0000") -> bytes:
    items = "".join(
        f"<item><guid>{n}</guid><title>Post {n}</title><pubDate>{date}</pubDate></item>"
        for n in numbers
    )
    return f"<rss version='2.0'><channel><title>Blog</title>{items}</channel></rss>".encode()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/listener.db") as opened:
        yield opened


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb({"/feed": conditional(feed(1, 2), '"v1"')}) as server:
        yield server


def visit(store: Store, web: FakeWeb, hours: int = 0) -> tuple[str, Health, str]:
    """Ask the feed once; what the ledger and the health say."""
    at = AT + timedelta(hours=hours)
    settings = RssSettings(name="blog", url=web.url("/feed"), allow_private=True)

    def fetcher() -> Fetcher:
        return Fetcher(allow_private=True, limits=Limits(step_seconds=0.2), now=lambda: at)

    collect(store, RssSource(settings, lambda: at, fetcher), lambda: at)
    return store.runs()[0].outcome, store.health()[0].health, store.runs()[0].note


@pytest.mark.parametrize(
    ("answer", "outcome", "health", "words"),
    [
        (Answer(feed(2, 1)), "ok", Health.QUIET, ""),
        (Answer(feed()), "ok", Health.DEGRADED, "the feed is empty; it held 2 entries before"),
        (Answer(b""), "failed", Health.BLIND, "empty"),
        (
            Answer(b"<html><title>Log in</title>"),
            "failed",
            Health.BLIND,
            "a web page titled 'Log in'",
        ),
        (Answer(feed(1, 2, 3)[:-50]), "ok", Health.DEGRADED, "cut off"),
        (Answer(feed(1, 2, 3), length=9_999), "failed", Health.DEGRADED, "broke off"),
        (Answer(status=401), "failed", Health.BLIND, "refuses access (401)"),
        (Answer(status=404), "failed", Health.BLIND, "404"),
        (Answer(status=410), "failed", Health.BLIND, "given up for good (410)"),
        (Answer(status=429), "failed", Health.DEGRADED, "asks for patience (429)"),
        (Answer(status=502), "failed", Health.DEGRADED, "trouble of its own (502)"),
        (
            Answer(feed(1, 2, 3, date="Fri, 27 Nov 2026 10:00:00 +0000")),
            "ok",
            Health.HEALTHY,
            "dates in the future",
        ),
    ],
)
def test_trouble_is_told_apart(
    store: Store, web: FakeWeb, answer: Answer, outcome: str, health: Health, words: str
) -> None:
    assert visit(store, web) == ("ok", Health.HEALTHY, "")
    web.routes["/feed"] = answer
    found = visit(store, web, hours=1)
    assert found[:2] == (outcome, health)
    assert words in found[2]
    assert bool(words) == bool(found[2])


def test_not_modified_is_not_the_same_as_nothing_new(store: Store, web: FakeWeb) -> None:
    visit(store, web)
    assert visit(store, web, hours=1) == ("ok", Health.QUIET, "not modified (304)")


def test_a_socket_that_hangs_is_given_up(store: Store, web: FakeWeb) -> None:
    over = threading.Event()

    def hang(_: object) -> Answer:
        over.wait(30)
        return Answer()

    web.routes["/feed"] = hang
    try:
        outcome, health, note = visit(store, web)
    finally:
        over.set()
    assert (outcome, health) == ("failed", Health.DEGRADED)
    assert "no answer within 0.2 seconds" in note


def test_patience_is_kept_to_the_second(store: Store, web: FakeWeb) -> None:
    web.routes["/feed"] = Answer(status=429, headers={"Retry-After": "420"})
    visit(store, web)
    assert store.health()[0].retry_at == AT + timedelta(minutes=7)
