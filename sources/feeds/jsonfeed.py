"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read as strangers write it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sources.errors import Unreadable
from sources.feeds.entry import Entry, Feed, read_moment
from sources.http.link import safe_link
from sources.text import clean, clean_line, html_text

Fields = Mapping[str, object]


def read_json_feed(text: str, url: str) -> Feed:
    """Read a JSON Feed; items that are no objects are rejected one by one.

    Raises Unreadable for JSON that is cut off, too deep, or something else than a feed.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the JSON cannot be read: {error}") from None
    items = document.get("items") if isinstance(document, dict) else None
    version = str(document.get("version", "")) if isinstance(document, dict) else ""
    if not isinstance(items, list) or "jsonfeed.org" not in version:
        raise Unreadable("a JSON document came that is no JSON Feed (jsonfeed.org)")
    language = _string(document, "language")
    rejected = []
    entries = []
    for place, item in enumerate(items, 1):
        if isinstance(item, dict):
            entries.append(_entry(place, item, url, language))
        else:
            rejected.append(f"entry {place} of {len(items)} could not be read: it is no object")
    return Feed(
        title=clean_line(_string(document, "title")),
        entries=tuple(entries),
        note=f"{len(rejected)} of {len(items)} items could not be read" if rejected else "",
        rejected=tuple(rejected),
        hub=_hub(document, url),
        own_link=safe_link(_string(document, "feed_url"), url),
        older=safe_link(_string(document, "next_url"), url),
    )


def _entry(place: int, item: Fields, url: str, language: str) -> Entry:
    author = _author(item)
    words = clean(_string(item, "content_text")) or html_text(_string(item, "content_html"))
    return Entry(
        place=place,
        id=clean_line(_identity(item.get("id")), 1_000),
        link=safe_link(_string(item, "url") or _string(item, "external_url"), url),
        title=clean_line(_string(item, "title")),
        text=words or clean(_string(item, "summary")),
        author=clean_line(_string(author, "name"), 200),
        author_link=safe_link(_string(author, "url"), url),
        published=read_moment(_string(item, "date_published"))
        or read_moment(_string(item, "date_modified")),
        language=(_string(item, "language") or language)[:35],
    )


def _hub(document: Fields, url: str) -> str:
    """The first hub that speaks WebSub; the standard knows others (rssCloud)."""
    hubs = document.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and _string(hub, "type").lower() in ("websub", "pubsubhubbub"):
            return safe_link(_string(hub, "url"), url)
    return ""


def _string(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _identity(value: object) -> str:
    """The id as text; the standard asks readers to accept numbers."""
    return str(value) if isinstance(value, str | int | float) else ""


def _author(item: Fields) -> Fields:
    authors = item.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else item.get("author")
    return first if isinstance(first, dict) else {}
