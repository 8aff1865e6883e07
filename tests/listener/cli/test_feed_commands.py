"""`listener sources import-opml` and `discover`: feeds become entries that load."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from listener.cli import cli
from listener.config import load
from listener.errors import ListenerError
from listener.feed_entries import FeedEntries
from listener.plugins import load_plugins
from sources.rss.settings import RssSettings
from sources.testing.web import Answer, FakeWeb

OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>My feeds</title></head><body>
<outline text="Banks"><outline text="Ann's &quot;blog&quot;: a {b} ${HOME} #1" xmlUrl="https://ann.example/feed?a=1&amp;b={x}"/>
<outline text="News" xmlUrl="https://news.example/rss"/></outline>
<outline text="News" xmlUrl="https://other.example/rss"/>
<outline xmlUrl="https://nameless.example/rss"/>
<outline text="Known" xmlUrl="https://known.example/feed"/>
<outline text="Bad" xmlUrl="javascript:alert(1)"/>
</body></opml>"""
CONFIG = """\
brands: [{name: Acme}]
sources:
  - {name: News, type: rss, url: "https://known.example/feed"}
"""
PAGE = b"""<html><head><title>Acme</title>
<link rel="alternate" type="application/rss+xml" title="Acme news" href="/feed">
<link rel="alternate" type="application/atom+xml" href="/atom"></head></html>"""

Invoke = Callable[..., Result]


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LISTENER_CONFIG", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    Path("config.yaml").write_text(CONFIG, encoding="utf-8")
    Path("feeds.opml").write_text(OPML, encoding="utf-8")
    return lambda *arguments: CliRunner().invoke(cli, ["sources", *arguments])


def test_entries_of_a_list_are_put_below_the_others_and_load(invoke: Invoke) -> None:
    done = invoke("import-opml", "feeds.opml")
    assert done.exit_code == 0
    assert "the feed 'Bad' has no http or https address" in done.stderr
    assert "configured already: News" in done.stderr
    Path("config.yaml").write_text(CONFIG + done.stdout, encoding="utf-8")
    sources = load(None, load_plugins().source_settings()).sources
    found = [(own.name, own.url) for own in sources if isinstance(own, RssSettings)]
    assert found == [
        ("News", "https://known.example/feed"),
        ('Ann\'s "blog": a {b} ${HOME} #1', "https://ann.example/feed?a=1&b=%7Bx%7D"),
        ("News 2", "https://news.example/rss"),
        ("News 3", "https://other.example/rss"),
        ("nameless.example", "https://nameless.example/rss"),
    ]
    again = invoke("import-opml", "feeds.opml", "--json")
    plain = json.loads(again.stdout)
    assert plain["sources"] == []
    assert len(plain["known"]) == 5
    assert len(plain["rejected"]) == 1


def test_without_a_configuration_all_feeds_are_new(invoke: Invoke) -> None:
    Path("config.yaml").unlink()
    done = invoke("import-opml", "feeds.opml", "--json")
    assert [one["name"] for one in json.loads(done.stdout)["sources"]][1:3] == ["News", "News 2"]
    assert "nothing is known of what is configured already" in done.stderr


def test_what_is_no_list_is_an_error(invoke: Invoke) -> None:
    Path("feeds.opml").write_text("<html></html>", encoding="utf-8")
    done = invoke("import-opml", "feeds.opml")
    assert isinstance(done.exception, ListenerError)
    assert "feeds.opml: line 1: an OPML file was expected" in str(done.exception)


def test_a_list_that_is_not_there_is_named(invoke: Invoke) -> None:
    done = invoke("import-opml", "none.opml")
    assert isinstance(done.exception, ListenerError)
    assert "cannot read none.opml: No such file" in str(done.exception)


def test_more_feeds_than_a_configuration_holds_are_said(invoke: Invoke) -> None:
    feeds = "".join(f'<outline xmlUrl="https://a.example/{n:0900}"/>' for n in range(300))
    Path("feeds.opml").write_text(f"<opml><body>{feeds}</body></opml>", encoding="utf-8")
    done = invoke("import-opml", "feeds.opml")
    assert len(done.stdout.splitlines()) == 300
    assert "262,144 are read" in done.stderr


def test_the_feeds_of_a_site_become_entries(invoke: Invoke) -> None:
    with FakeWeb({"/": Answer(PAGE, headers={"content-type": "text/html"})}) as web:
        refused = invoke("discover", web.url("/"))
        done = invoke("discover", "--allow-private", web.url("/"))
        feed, atom = web.url("/feed"), web.url("/atom")
    assert isinstance(refused.exception, ListenerError)
    assert "--allow-private" in refused.exception.hint
    Path("config.yaml").write_text(CONFIG + done.stdout, encoding="utf-8")
    _, first, second = load(None, load_plugins().source_settings()).sources
    assert isinstance(first, RssSettings)
    assert isinstance(second, RssSettings)
    assert (first.name, first.url, first.allow_private) == ("Acme news", feed, True)
    assert (second.name, second.url) == ("127.0.0.1", atom)


def test_a_site_without_feeds_is_an_error(invoke: Invoke) -> None:
    with FakeWeb({"/": Answer(b"<html><title>Nothing</title></html>")}) as web:
        done = invoke("discover", "--allow-private", web.url("/"))
    assert isinstance(done.exception, ListenerError)
    assert "a web page titled 'Nothing' came instead of a feed" in str(done.exception)


@given(st.text(max_size=200), st.text(max_size=100))
def test_any_title_and_address_load_as_they_are_or_are_rejected(title: str, path: str) -> None:
    entries = FeedEntries()
    entries.add(f"https://a.example/{path}", title)
    assert len(entries.entries) + len(entries.rejected) == 1
    for entry in entries.entries:
        assert "\n" not in entry.yaml()
