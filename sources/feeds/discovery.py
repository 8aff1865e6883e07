"""Finding the feeds of a web site: by the links its page gives to programs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sources.errors import Unreadable
from sources.feeds.feed import read_feed
from sources.feeds.wellformed import decoded
from sources.http.link import safe_link, shown
from sources.text import clean_line

if TYPE_CHECKING:
    from sources.http.fetch import Fetcher

FEED_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "application/rss+xml": "RSS",
        "application/atom+xml": "Atom",
        "application/feed+json": "JSON Feed",
        "application/rdf+xml": "RDF",
    }
)
HEAD = 512 << 10  # characters of a page that are looked at: links to feeds stand at its top
MOST_FEEDS = 50

_OPENING = re.compile(
    r"<!--|<script(?=[\s>/])|<style(?=[\s>/])|<(link|base)\s([^<>]{0,4000}+)>", re.IGNORECASE
)
_CLOSING: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "<!--": re.compile("-->"),
        "<script": re.compile("</script", re.IGNORECASE),
        "<style": re.compile("</style", re.IGNORECASE),
    }
)
_ATTRIBUTE = re.compile(
    r"([^\s=/\"']{1,100}+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"']++)))?+"
)


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """One feed a page names: its address, what the page calls it, and its format in words."""

    url: str
    title: str = ""
    form: str = ""


def feed_links(body: bytes, content_type: str, url: str) -> tuple[FoundFeed, ...]:
    """Return the feeds the page in `body` names by `<link rel=alternate>`, in its order.

    `url` is where the page was found: relative links are resolved against it or the page's own
    `<base>`. Links that are not http or https are left out, repeats too; at most 50 come back.
    Never raises, linear in the length of the page.
    """
    found: dict[str, FoundFeed] = {}
    base = url
    for tag, given in _tags(decoded(body[: 4 * HEAD], content_type)[:HEAD]):
        if tag == "base":
            base = safe_link(given.get("href", ""), url) or base
            continue
        form = FEED_TYPES.get(given.get("type", "").partition(";")[0].strip().lower(), "")
        if not form or "alternate" not in given.get("rel", "").lower().split():
            continue
        address = safe_link(given.get("href", ""), base) if given.get("href") else ""
        if address and len(found) < MOST_FEEDS:
            title = clean_line(given.get("title", ""), 200)
            found.setdefault(address, FoundFeed(address, title, form))
    return tuple(found.values())


def discover(fetcher: Fetcher, url: str) -> tuple[FoundFeed, ...]:
    """Fetch `url` and return the feeds of that site: itself when it is one, else what it names.

    Raises Unreadable when it is neither a feed nor a page that names one, and the errors of the
    fetcher. Nothing that was found is fetched: choose one and let `check` try it.
    """
    response = fetcher.get(url)
    content_type = response.headers.get("content-type", "")
    try:
        feed = read_feed(response.body, content_type, response.url)
    except Unreadable as error:
        found = feed_links(response.body, content_type, response.url)
        if not found:
            raise Unreadable(f"{shown(url)}: {error}") from None
        return found
    return (FoundFeed(response.permanent_url, feed.title, "the address itself"),)


def _tags(page: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the `link` and `base` tags of a page with their attributes, in one pass forward.

    Python's own parser of HTML is quadratic for hostile pages. What stands in comments, scripts
    and styles is none of our business; one that is never closed swallows the rest.
    """
    position = 0
    while found := _OPENING.search(page, position):
        position = found.end()
        closing = _CLOSING.get(found[0].lower())
        if closing is None:
            yield found[1].lower(), _attributes(found[2])
            continue
        end = closing.search(page, position)
        if end is None:
            return
        position = end.end()


def _attributes(written: str) -> Mapping[str, str]:
    """Read what stands in a tag; of two attributes with one name the first counts."""
    found: dict[str, str] = {}
    for attribute in _ATTRIBUTE.finditer(written):
        name, *values = attribute.groups()
        found.setdefault(name.lower(), html.unescape(next(filter(None, values), "")))
    return found
