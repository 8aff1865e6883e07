"""All links to one article have one address; links to different things never share one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.mention import Mention, Thread
from triage.canonical import LONGEST_URL, canonical, story_of

ARTICLE = "paper.example/2026/11/bank-outage"


@pytest.mark.parametrize(
    "url",
    [
        "https://paper.example/2026/11/bank-outage",
        "http://paper.example/2026/11/bank-outage",
        "https://PAPER.example/2026/11/bank-outage/",
        "https://www.paper.example/2026/11/bank-outage",
        "https://m.paper.example/2026/11/bank-outage",
        "https://mobile.paper.example/2026/11/bank-outage",
        "https://amp.paper.example/2026/11/bank-outage",
        "https://paper.example:443/2026/11/bank-outage",
        "http://paper.example:80/2026/11/bank-outage",
        "https://paper.example./2026/11/bank-outage",
        "https://paper.example//2026/11//bank-outage",
        "https://paper.example/2026/11/bank%2Doutage",
        "https://paper.example/2026/11/bank-outage/index.html",
        "https://paper.example/2026/11/bank-outage/amp",
        "https://paper.example/2026/11/bank-outage/amp/",
        "https://paper.example/2026/11/bank-outage.amp",
        "https://paper.example/2026/11/bank-outage?amp=1",
        "https://paper.example/2026/11/bank-outage?outputType=amp",
        "https://paper.example/2026/11/bank-outage?utm_source=rss&utm_medium=feed",
        "https://paper.example/2026/11/bank-outage?UTM_Campaign=x&fbclid=y&gclid=z&msclkid=1",
        "https://paper.example/2026/11/bank-outage?at_medium=RSS&at_campaign=KARANGA",
        "https://paper.example/2026/11/bank-outage?mc_cid=1&mc_eid=2&_hsenc=3&mkt_tok=4",
        "https://paper.example/2026/11/bank-outage?ref=rss&cmpid=7&ocid=8&smid=tw-share",
        "https://paper.example/2026/11/bank-outage#top",
        "https://paper.example/2026/11/bank-outage#:~:text=nobody%20answers",
        "  https://user:secret@paper.example/2026/11/bank-outage  ",
        "https://www.google.com/amp/s/paper.example/2026/11/bank-outage",
        "https://paper-example.cdn.ampproject.org/c/s/paper.example/2026/11/bank-outage",
    ],
)
def test_links_to_one_article_have_one_address(url: str) -> None:
    assert canonical(url) == ARTICLE


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://paper.example/story?id=7&page=2", "paper.example/story?id=7&page=2"),
        ("https://paper.example/story?page=2&id=7&utm_term=x", "paper.example/story?id=7&page=2"),
        ("https://paper.example/story?id=", "paper.example/story?id="),
        ("https://paper.example:8080/story", "paper.example:8080/story"),
        ("https://paper.example/Story", "paper.example/Story"),
        ("https://paper.example/story#comment-17", "paper.example/story#comment-17"),
        ("https://paper.example/t/4#post_9", "paper.example/t/4#post_9"),
        ("https://paper.example/t/4#p9", "paper.example/t/4#p9"),
        ("https://paper.example/#!/story/7", "paper.example#!/story/7"),
        ("https://paper.example/amplifier", "paper.example/amplifier"),
        ("https://paper.example/story.amp.html", "paper.example/story.html"),
        ("https://en.m.encyclopedia.example/wiki/Bank", "en.encyclopedia.example/wiki/Bank"),
        ("https://m.example/a", "m.example/a"),
        ("https://news.paper.example/a", "news.paper.example/a"),
        ("https://paper.example/caf%C3%A9", "paper.example/caf%C3%A9"),
        ("https://paper.example/café", "paper.example/caf%C3%A9"),
        ("https://[2001:db8::1]/a", "2001:db8::1/a"),
        ("https://paper.example", "paper.example"),
        ("https://paper.example/", "paper.example"),
    ],
)
def test_what_tells_pages_apart_stays(url: str, address: str) -> None:
    assert canonical(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "paper.example/story",
        "/story",
        "ftp://paper.example/story",
        "mailto:desk@paper.example",
        "javascript:alert(1)",
        "https://",
        "https://[::1",
        "https://paper.example:99999/a",
        "https://paper.example/\ud83d",
        f"https://paper.example/{'a' * LONGEST_URL}",
    ],
)
def test_what_is_no_address_of_a_page_has_none(url: str) -> None:
    assert canonical(url) == ""


@given(st.text(max_size=200) | st.text(max_size=200).map("https://paper.example/".__add__))
def test_it_never_raises_and_an_address_is_its_own(text: str) -> None:
    address = canonical(text)
    if address and "[" not in text and "@" not in address and ":" not in address.split("/")[0]:
        assert canonical(f"https://{address}") == address


def mention(url: str, kind: str = "rss", thread: Thread | None = None) -> Mention:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return Mention(kind, "1", "text", at, url=url, thread=thread or Thread())


def test_only_articles_are_stories() -> None:
    assert story_of(mention(f"https://{ARTICLE}?utm_source=x")) == ARTICLE
    assert story_of(mention("https://paper.example/?p=7")) == "paper.example?p=7"
    assert story_of(mention("https://paper.example/")) == "", "the whole site is no story"
    assert story_of(mention(f"https://{ARTICLE}", "appstore")) == "", "one page for all reviews"
    assert story_of(mention(f"https://{ARTICLE}", thread=Thread("a", "a"))) == "", "an answer"
    assert story_of(mention("")) == ""
