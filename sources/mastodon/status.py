"""A status, as Mastodon's interface shows it, made into a mention."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sources.http.json_answer import metrics
from sources.http.link import host_of, safe_link
from sources.mention import Author, Mention
from sources.moments import moment
from sources.text import clean, clean_line, html_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sources.http.loosejson import Json

KIND = "mastodon"
SHOWN_TO_ALL = frozenset({"", "public", "unlisted"})

_URI = re.compile(r"(?:https?|tag|urn):[^\s\x00-\x1f\x7f]{1,1990}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)


def uri_of(status: Json) -> str:
    """Return the id a status has on every server; "" when it has none."""
    uri = status.text("uri")
    return uri if _URI.fullmatch(uri) and clean(uri) == uri else ""


def mention_of(status: Json, now: datetime) -> Mention | None:
    """Make a mention of a status; None when it is not for everybody or has no words.

    What it answers is known only by an id of the server, so its thread is left to the caller. Raises
    ValueError when it has no usable uri or date.
    """
    uri, written = uri_of(status), moment(status.text("created_at"))
    if not uri or written is None:
        raise ValueError(f"a post has no usable uri or date: {status.text('id')[:40]!r}")
    text = clean("\n".join(_words(status)))
    title = clean_line(status.text("spoiler_text"))
    if status.text("visibility") not in SHOWN_TO_ALL or not (text or title):
        return None
    lang = status.text("language")
    return Mention(
        kind=KIND,
        external_id=uri,
        text=text,
        title=title,
        created_at=min(written, now),
        author=author_of(status.at("account")),
        url=safe_link(status.text("url")) or safe_link(uri),
        lang=lang if _LANGUAGE.fullmatch(lang) else "",
        metrics=metrics(
            likes=status.whole("favourites_count"),
            reposts=status.whole("reblogs_count"),
            replies=status.whole("replies_count"),
        ),
    )


def author_of(account: Json) -> Author:
    """Return who wrote it; the page of the account is its id, the same on every server."""
    page, acct = safe_link(account.text("url")), clean_line(account.text("acct"))
    handle = acct if "@" in acct or not acct else f"{acct}@{host_of(page)}"
    followers = account.whole("followers_count")
    return Author(
        id=page,
        handle=f"@{handle}" if handle else "",
        name=clean_line(account.text("display_name")),
        followers=followers if followers is not None and 0 <= followers < 1 << 40 else None,
    )


def _words(status: Json) -> Iterator[str]:
    """The words a reader sees: the post, the choices of its poll; else what its pictures show."""
    said = html_text(status.text("content"))
    yield said
    for choice in status.each("poll", "options"):
        yield f"- {clean_line(choice.text('title'))}"
    if not said:
        for picture in status.each("media_attachments"):
            yield picture.text("description")
