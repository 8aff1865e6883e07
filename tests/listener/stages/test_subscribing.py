"""Hubs are asked politely, over https, and never stand in the way of a source."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.config import Config, load
from listener.plugins import load_plugins
from listener.stages.cycle import Cycle, Listening
from listener.stages.subscribing import Subscribing, renew_at
from listener.store import accounts_path, open_store
from listener.subscribed import subscribed
from sources.feeds.websub import Offer
from sources.rss.settings import RssSettings
from sources.rss.source import RssSource
from sources.testing.hub import FakeHub
from sources.testing.web import Answer, FakeWeb

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as web:
        yield web


def configured(folder: Path, *addresses: str) -> Config:
    feeds = "".join(
        f"  - {{name: f{number}, type: rss, url: '{address}', allow_private: true}}\n"
        for number, address in enumerate(addresses)
    )
    path = folder / "config.yaml"
    path.write_text(
        "brands: [{name: Acme}]\nweb: {public_url: 'https://listen.example'}\n"
        f"sources:\n{feeds}",
        encoding="utf-8",
    )
    return load(path, load_plugins().source_settings())


def publish(web: FakeWeb, hub: FakeHub, *paths: str) -> None:
    for path in paths:
        body = (
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>B</title>"
            f"<link rel='hub' href='{hub.url}'/><link rel='self' href='{web.url(path)}'/>"
            f"<entry><id>{web.url(path)}#1</id><title>On hold</title></entry></feed>"
        )
        web.routes[path] = Answer(body.encode())


def cycle(config: Config, at: datetime) -> Cycle:
    with (
        open_store(config.store) as store,
        Listening(store, config, load_plugins(), lambda: at) as listening,
    ):
        return listening.cycle((), force=True)


def test_a_hub_that_is_down_is_asked_once_for_all_its_feeds(web: FakeWeb, tmp_path: Path) -> None:
    hub = FakeHub(web, answer=Answer(status=503))
    publish(web, hub, "/a", "/b", "/c")
    config = configured(tmp_path, *map(web.url, ("/a", "/b", "/c")))
    done = cycle(config, NOW)
    assert sum(one.counted.new for one in done.collections) == 3
    assert not done.failed
    assert len(hub.requests) == 1
    cycle(config, NOW + timedelta(minutes=9))
    assert len(hub.requests) == 1
    hub.answer = Answer(status=202)
    cycle(config, NOW + timedelta(minutes=31))
    assert {one.topic for one in hub.requests} == set(map(web.url, ("/a", "/b", "/c")))
    assert len({one.secret for one in hub.requests}) == 3


def test_a_hub_that_asks_for_patience_gets_it(web: FakeWeb, tmp_path: Path) -> None:
    hub = FakeHub(web, answer=Answer(status=429, headers={"Retry-After": "7200"}))
    publish(web, hub, "/a")
    config = configured(tmp_path, web.url("/a"))
    for minutes in (0, 60, 119):
        cycle(config, NOW + timedelta(minutes=minutes))
    assert len(hub.requests) == 1
    cycle(config, NOW + timedelta(minutes=121))
    assert len(hub.requests) == 2


def test_a_secret_is_not_told_where_others_can_hear_it(tmp_path: Path) -> None:
    config = configured(tmp_path, "https://blog.example/feed")
    settings = RssSettings(name="f0", url="https://blog.example/feed")
    source = RssSource(settings)
    source.offer = Offer("http://hub.example:8000/", "https://blog.example/feed")
    subscribing = Subscribing(config, lambda: NOW)
    subscribing.notice(settings, source)
    subscribing.tend(lambda: False)
    subscribing.close()
    about = subscribed(config, NOW)["f0"].about
    assert about.endswith("hub.example speaks no https, so its pushes could be forged")


def test_a_file_of_accounts_that_cannot_be_used_stops_nothing(web: FakeWeb, tmp_path: Path) -> None:
    hub = FakeHub(web)
    publish(web, hub, "/a")
    config = configured(tmp_path, web.url("/a"))
    with closing(sqlite3.connect(accounts_path(config.store))) as other:
        other.execute("CREATE TABLE somebody_elses (x)")
    done = cycle(config, NOW)
    assert [one.counted.new for one in done.collections] == [1]
    assert hub.requests == []


def test_nothing_is_asked_once_the_program_is_to_end(web: FakeWeb, tmp_path: Path) -> None:
    hub = FakeHub(web)
    config = configured(tmp_path, web.url("/a"))
    settings = config.sources[0]
    assert isinstance(settings, RssSettings)
    source = RssSource(settings)
    source.offer = Offer(hub.url, web.url("/a"))
    subscribing = Subscribing(config, lambda: NOW)
    subscribing.notice(settings, source)
    subscribing.tend(lambda: True)
    assert hub.requests == []
    subscribing.tend(lambda: False)
    subscribing.close()
    assert len(hub.requests) == 1


@pytest.mark.parametrize(
    ("lease", "after"),
    [
        (timedelta(days=9), timedelta(days=6)),
        (timedelta(hours=3), timedelta(hours=2)),
        (timedelta(minutes=1), timedelta(minutes=1)),
    ],
)
def test_a_third_of_a_lease_is_left_to_renew_it(lease: timedelta, after: timedelta) -> None:
    assert renew_at(NOW, lease) == NOW + after
