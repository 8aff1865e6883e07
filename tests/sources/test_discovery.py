from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.errors import Blocked, Gone, Unreadable
from sources.feeds.discovery import FoundFeed, discover, feed_links
from sources.http.fetch import Fetcher
from sources.testing.web import Answer, FakeWeb, redirect

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = """<!doctype html><html><head><title>Acme</title>
<!-- <link rel="alternate" type="application/rss+xml" href="/commented"> -->
<script>var x = '<link rel="alternate" type="application/rss+xml" href="/script">';</script>
<link rel="stylesheet" href="/style.css">
<link rel="alternate" hreflang="de" href="/de">
<LINK REL='feed ALTERNATE' TYPE='application/rss+xml; charset=utf-8' TITLE='News &amp; more' HREF='/feed?a=1&amp;b=2'>
<link rel="alternate" type="application/atom+xml" href="https://other.example/atom">
<link rel=alternate type=application/feed+json href=feed.json>
<link rel="alternate" type="application/rss+xml" href="/feed?a=1&amp;b=2" title="again">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
</head><body>Words</body></html>"""
FEED = b"<rss version='2.0'><channel><title>Acme news</title></channel></rss>"
URL = "https://acme.example/about/"


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as server:
        yield server


def test_reads_the_links_a_page_gives_to_programs() -> None:
    assert feed_links(PAGE.encode(), "text/html", URL) == (
        FoundFeed("https://acme.example/feed?a=1&b=2", "News & more", "RSS"),
        FoundFeed("https://other.example/atom", "", "Atom"),
        FoundFeed("https://acme.example/about/feed.json", "", "JSON Feed"),
    )


def test_keeps_to_the_base_of_the_page() -> None:
    page = PAGE.replace("<head>", "<head><base href='/blog/'>").encode("utf-16")
    assert feed_links(page, "text/html", URL)[2].url == "https://acme.example/blog/feed.json"


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<link rel=alternate type=application/rss+xml>",
        "<link rel=alternate type=application/rss+xml href='http://[bad'>",
        "<" * 500_000,
        "<link " * 100_000,
        "<link rel='" + "x" * 1_000_000,
        "<!--" * 100_000,
        "<![CDATA[" * 100_000,
        "<!x [" * 100_000,
        "&#" * 300_000,
        "<script>" * 50_000,
        "<a b" + "=" * 400_000,
        "<link " + "a" * 400_000 + ">",
        "<link " + " " * 3_000 + ">" + "<link a='" * 50_000,
        "<style></style " * 30_000,
        "<script " * 60_000,
    ],
)
def test_hostile_pages_cost_little_and_give_nothing(page: str) -> None:
    assert feed_links(page.encode(), "text/html", URL) == ()


def test_a_page_of_links_gives_at_most_fifty() -> None:
    links = "".join(
        f"<link rel=alternate type=application/rss+xml href=/{number}>" for number in range(5_000)
    )
    assert len(feed_links(links.encode(), "text/html", URL)) == 50


@given(st.text(max_size=300) | st.text(alphabet="<!-[]>=\"'/ lina\n&;#", max_size=200))
def test_never_raises(page: str) -> None:
    assert feed_links(page.encode("utf-8", "surrogatepass"), "", URL) == ()


def test_finds_the_feeds_of_a_site(web: FakeWeb) -> None:
    web.routes["/"] = redirect("/home")
    web.routes["/home"] = Answer(PAGE.encode(), headers={"Content-Type": "text/html"})
    with Fetcher(allow_private=True) as fetcher:
        found = discover(fetcher, web.url("/"))
    assert found[0] == FoundFeed(web.url("/feed?a=1&b=2"), "News & more", "RSS")
    assert [one.path for one in web.asked] == ["/", "/home"], "nothing found is fetched"


def test_an_address_that_is_a_feed_is_its_own(web: FakeWeb) -> None:
    web.routes["/feed"] = Answer(FEED)
    with Fetcher(allow_private=True) as fetcher:
        (found,) = discover(fetcher, web.url("/feed"))
    assert found == FoundFeed(web.url("/feed"), "Acme news", "the address itself")


def test_a_site_without_a_feed_says_so(web: FakeWeb) -> None:
    web.routes["/"] = Answer(b"<html><title>Parked</title></html>")
    web.routes["/gone"] = Answer(status=410)
    with Fetcher(allow_private=True) as fetcher:
        with pytest.raises(Unreadable, match="'Parked' came instead"):
            discover(fetcher, web.url("/"))
        with pytest.raises(Gone):
            discover(fetcher, web.url("/gone"))
    with Fetcher() as guarded, pytest.raises(Blocked):
        discover(guarded, web.url("/"))
