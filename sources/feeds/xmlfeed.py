"""RSS and Atom, read by feedparser from bytes that are known to be well-formed."""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from time import struct_time
from typing import TYPE_CHECKING, cast

from feedparser.api import parse

from sources.errors import Unreadable
from sources.feeds.entry import EARLIEST, Entry, Feed, read_moment
from sources.http.link import safe_link
from sources.text import clean, clean_line, html_text

if TYPE_CHECKING:
    from sources.feeds.wellformed import Document

Fields = Mapping[str, object]


def read_xml_feed(document: Document, url: str) -> Feed:
    """Read RSS 0.9 to 2.0, RDF or Atom; `url` is where it was found.

    Raises Unreadable when feedparser gives up, which it does for some broken input by assertions.
    """
    try:
        parsed = parse(
            io.BytesIO(document.xml),  # bytes alone could be taken for the name of a local file
            # Without a location feedparser leaves guids alone, which it would take for links and
            # resolve against wherever the feed was found today.
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (AssertionError, ValueError, LookupError, RecursionError, OverflowError) as error:
        raise Unreadable(f"the feed cannot be read: {type(error).__name__} {error}") from error
    about = _fields(parsed.get("feed"))
    language = _string(about, "language")
    return Feed(
        title=clean_line(html_text(_string(about, "title")[:5_000])),
        entries=tuple(
            _entry(place, _fields(found), url, language)
            for place, found in enumerate(_list(parsed.get("entries")), 1)
        ),
        updated=_dated(about, "updated", "published"),
        note=document.note,
        truncated=document.truncated,
        rejected=document.rejected,
        hub=_related(about, "hub", url),
        own_link=_related(about, "self", url),
        older=_related(about, "prev-archive", url) or _related(about, "next", url),
    )


def _entry(place: int, found: Fields, url: str, language: str) -> Entry:
    author = _fields(found.get("author_detail"))
    reply = _fields(found.get("thr_in-reply-to"))
    content = _content(found)
    return Entry(
        place=place,
        id=clean_line(_string(found, "id"), 1_000),
        link=_link(found, url),
        title=clean_line(_words(_fields(found.get("title_detail")))),
        text=_words(content),
        author=_author_name(author, _string(found, "author")),
        author_link=safe_link(_string(author, "href")),
        published=_dated(found, "published", "created", "updated"),
        language=(_string(content, "language") or language)[:35],
        parent=clean_line(_string(reply, "ref"), 1_000),
        replies=_count(_string(found, "slash_comments") or _string(found, "thr_total")),
    )


def _link(found: Fields, url: str) -> str:
    """Return the entry's page; a guid that is no address is not one, though RSS calls it so."""
    link = _string(found, "feedburner_origlink") or _string(found, "link")
    mere_id = link == _string(found, "id") and "://" not in link
    return "" if mere_id else safe_link(link, url)


def _related(about: Fields, relation: str, url: str) -> str:
    """The first link of the feed itself with this relation; "" when it has none."""
    for link in map(_fields, _list(about.get("links"))):
        if relation in _string(link, "rel").lower().split():
            return safe_link(_string(link, "href"), url)
    return ""


def _content(found: Fields) -> Fields:
    """Choose the fullest text an entry offers: content before summary, words before files."""
    for detail in (
        *map(_fields, _list(found.get("content"))),
        _fields(found.get("summary_detail")),
    ):
        kind = _string(detail, "type") or "text/plain"
        if _string(detail, "value").strip() and (kind.startswith("text/") or "html" in kind):
            return detail
    return {}


def _words(detail: Fields) -> str:
    value = _string(detail, "value")
    return html_text(value) if "html" in _string(detail, "type") else clean(value)


def _author_name(author: Fields, plain: str) -> str:
    """Return the author's name; of an e-mail address only what stands before the @."""
    name = clean_line(_string(author, "name") or plain, 200)
    if not name or re.fullmatch(r"\S+@\S+", name):
        name = clean_line(_string(author, "email") or name, 200).partition("@")[0]
    return name


def _dated(found: Fields, *names: str) -> datetime | None:
    """Return the first date that can be read.

    `dict.get`, because feedparser's own look-up answers for a missing date with another one.
    """
    fields = cast("dict[str, object]", found)
    for name in names:
        moment = _from_struct(dict.get(fields, f"{name}_parsed"))
        moment = moment or read_moment(str(dict.get(fields, name) or ""))
        if moment is not None:
            return moment
    return None


def _from_struct(parsed: object) -> datetime | None:
    if not isinstance(parsed, struct_time):
        return None
    try:
        moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment > EARLIEST else None


def _count(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _fields(value: object) -> Fields:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()


def _string(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
