"""A feed as bytes turned into entries, or a sentence that says what came instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sources.errors import Unreadable
from sources.feeds.jsonfeed import read_json_feed
from sources.feeds.wellformed import LATEST_ROOT, decoded, well_formed
from sources.feeds.xmlfeed import read_xml_feed
from sources.http.link import safe_link
from sources.text import clean_line, html_text

if TYPE_CHECKING:
    from sources.feeds.entry import Feed

_FIRST = re.compile(r"<(?:!doctype\s+html|html|((?:\w+:)?(?:rss|feed|rdf)))\b", re.IGNORECASE)
_PAGE_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)
_FEED_LINK = re.compile(
    r"<link\s(?=[^>]{0,500}application/(?:rss|atom|feed)\+(?:xml|json))[^>]{0,500}?"
    r"href\s*=\s*[\"']([^\"'>]{1,500})",
    re.IGNORECASE,
)


def read_feed(body: bytes, content_type: str, url: str) -> Feed:
    """Read RSS, Atom or JSON Feed from bytes, whatever the content type claims.

    `url` is where it was found: relative links are resolved against it. Raises Unreadable, naming
    what came instead, for everything that is no feed: an empty body, a web page, other XML or JSON;
    Transient for a feed that breaks off before its first entry is whole.
    """
    if not body.strip():
        raise Unreadable("the answer is empty; a feed was expected")
    text = decoded(body, content_type)
    if text.lstrip()[:1] in ("{", "["):
        return read_json_feed(text, url)
    first = _FIRST.search(text, 0, LATEST_ROOT)
    document = well_formed(text) if first and first[1] else None
    if document is None:
        raise Unreadable(_what_came(text, content_type, url))
    return read_xml_feed(document, url)


def _what_came(text: str, content_type: str, url: str) -> str:
    """Say what came instead of a feed, so that a person sees a log-in page at once."""
    start = text[:64_000]
    title = _PAGE_TITLE.search(start)
    name = f" titled {clean_line(html_text(title[1]), 80)!r}" if title else ""
    if title or re.search(r"<html|<body|<!doctype html", start, re.IGNORECASE):
        elsewhere = _FEED_LINK.search(start)
        hint = safe_link(html_text(elsewhere[1]), url) if elsewhere else ""
        advice = f"; that page names this feed: {hint}" if hint else "; is a log-in in the way?"
        return f"a web page{name} came instead of a feed{advice}"
    first = re.search(r"<([A-Za-z_][\w:.-]{0,60})", start)
    if first:
        return f"a document that starts with <{first[1]}> came instead of a feed"
    kind = clean_line(content_type, 60) or "no content type"
    return f"something that is no feed came ({kind}): {clean_line(start[:300], 60)!r}"
