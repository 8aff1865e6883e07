"""A post of Bluesky, as its record says it, made into a mention."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sources.mention import NOTHING, Author, Mention, Thread
from sources.moments import moment
from sources.text import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sources.http.loosejson import Json

KIND = "bluesky"
COLLECTION = "app.bsky.feed.post"

_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,500}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9._:~-]{1,512}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)


def post_uri(did: str, key: str) -> str:
    """Return the `at://` address of a post, its id everywhere; "" when a part is malformed."""
    well = _DID.fullmatch(did) and _KEY.fullmatch(key) and key not in (".", "..")
    return f"at://{did}/{COLLECTION}/{key}" if well else ""


def parts_of(uri: str) -> tuple[str, str] | None:
    """Return the account and the key of a post's `at://` address; None for any other text."""
    did, _, rest = uri.removeprefix("at://").partition("/")
    collection, _, key = rest.partition("/")
    return (did, key) if collection == COLLECTION and post_uri(did, key) == uri else None


def mention_of(
    uri: str,
    record: Json,
    seen: datetime,
    author: Author | None = None,
    metrics: Mapping[str, float] = NOTHING,
) -> Mention | None:
    """Make a mention of a post's record; None when it has no words, not even on a picture.

    `uri` is from `post_uri`; `seen` is when the network saw the post: the author's own clock counts
    only when it is behind that.
    """
    did, key = parts_of(uri) or ("", "")
    text = clean(record.text("text")) or clean("\n".join(_pictures(record)))
    if not text:
        return None
    written = moment(record.text("createdAt"))
    languages = [one.value for one in record.each("langs") if isinstance(one.value, str)]
    lang = languages[0] if languages and _LANGUAGE.fullmatch(languages[0]) else ""
    return Mention(
        kind=KIND,
        external_id=uri,
        text=text,
        created_at=min(written, seen) if written else seen,
        author=author or Author(id=did),
        url=f"https://bsky.app/profile/{did}/post/{key}",
        lang=lang,
        thread=Thread(
            root=_post(record.text("reply", "root", "uri")),
            parent=_post(record.text("reply", "parent", "uri")),
        ),
        metrics=metrics,
    )


def author_of(view: Json) -> Author:
    """Return an account as the app shows it; a handle it could not confirm is none."""
    handle = clean_line(view.text("handle"))
    followers = view.whole("followersCount")
    return Author(
        id=view.text("did"),
        handle="" if handle == "handle.invalid" else handle,
        name=clean_line(view.text("displayName")),
        followers=followers if followers is not None and 0 <= followers < 1 << 40 else None,
    )


def words_of(record: Json) -> str:
    """All words of a post by which it may be found: text, link cards, pictures, tags, links."""
    return "\n".join(_words(record))


def _words(record: Json) -> Iterator[str]:
    yield record.text("text")
    for embed in _embeds(record):
        card = embed.at("external")
        yield from (card.text("uri"), card.text("title"), card.text("description"))
    yield from _pictures(record)
    for tag in record.each("tags"):
        yield tag.text()
    for facet in record.each("facets"):
        for feature in facet.each("features"):
            yield from (feature.text("uri"), feature.text("tag"), feature.text("did"))


def _pictures(record: Json) -> Iterator[str]:
    """What the author says about pictures and films, for those who cannot see them."""
    for embed in _embeds(record):
        for picture in embed.each("images"):
            yield picture.text("alt")
        yield embed.text("alt")


def _embeds(record: Json) -> Iterator[Json]:
    """What is attached to a post, and what is attached beside a quoted one; most have nothing."""
    embed = record.at("embed")
    if embed.is_object():
        yield embed
        yield embed.at("media")


def _post(uri: str) -> str:
    return uri if parts_of(uri) else ""
