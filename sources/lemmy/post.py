"""Posts and comments of Lemmy as items of a listing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sources.http.json_answer import Fields, date, fields, metrics, string
from sources.http.link import host_of, safe_link
from sources.mention import Author, Mention, Thread
from sources.text import clean, clean_line
from sources.walks.listing import Item

KIND = "lemmy"
LONGEST_ID = 1_000


def post_item(view: Fields) -> Item | None:
    """Read a post view; None when it has no address or no date."""
    post = fields(view.get("post"))
    address, published = _address(post), date(post, "published")
    if not address or published is None:
        return None
    title, body = string(post, "name"), string(post, "body")
    shared = safe_link(string(post, "url"))
    words = "\n\n".join(part for part in (body, shared) if part)
    counts = fields(view.get("counts"))

    def read() -> Mention | None:
        text = clean(words)
        line = clean_line(title)
        if not text and not line:
            return None
        return _mention(view, address, published, text, line, Thread(), counts)

    return Item(
        id=address,
        moment=published,
        version=f"{title}\x1f{words}",
        read=read,
        pinned=post.get("featured_community") is True or post.get("featured_local") is True,
        deleted=_is_gone(post),
    )


def comment_item(view: Fields, addresses: Mapping[object, str]) -> Item | None:
    """Read a comment view; `addresses` maps the instance's own ids of comments to those of all.

    A comment whose parent is not among them is known to belong to its post only.
    """
    comment = fields(view.get("comment"))
    address, published = _address(comment), date(comment, "published")
    if not address or published is None:
        return None
    words = string(comment, "content")
    thread = _thread(comment, _address(fields(view.get("post"))), addresses)
    counts = fields(view.get("counts"))

    def read() -> Mention | None:
        text = clean(words)
        return _mention(view, address, published, text, "", thread, counts) if text else None

    return Item(address, published, words, read, deleted=_is_gone(comment))


def _mention(
    view: Fields,
    address: str,
    published: datetime,
    text: str,
    title: str,
    thread: Thread,
    counts: Fields,
) -> Mention:
    return Mention(
        kind=KIND,
        external_id=address,
        text=text,
        title=title,
        created_at=published,
        author=_author(fields(view.get("creator"))),
        url=safe_link(address),
        thread=thread,
        metrics=metrics(
            score=counts.get("score"), replies=counts.get("comments", counts.get("child_count"))
        ),
    )


def _thread(comment: Fields, root: str, addresses: Mapping[object, str]) -> Thread:
    """Read the path `0.12.34`: the comments above this one, by the instance's own ids."""
    above = string(comment, "path")[:10_000].split(".")[1:-1]
    if not above:
        return Thread(root, root)
    parent = int(above[-1]) if above[-1].isascii() and above[-1].isdigit() else 0
    return Thread(root, clean_line(addresses.get(parent, ""), LONGEST_ID))


def _address(entry: Fields) -> str:
    address = clean_line(string(entry, "ap_id"), LONGEST_ID)
    return address if host_of(address) else ""


def _author(creator: Fields) -> Author:
    actor = clean_line(string(creator, "actor_id"), LONGEST_ID)
    name, host = clean_line(string(creator, "name"), 200), host_of(actor)
    return Author(
        id=actor,
        handle=f"@{name}@{host}" if name and host else name,
        name=clean_line(string(creator, "display_name"), 200) or name,
    )


def _is_gone(entry: Fields) -> bool:
    return entry.get("deleted") is True or entry.get("removed") is True
