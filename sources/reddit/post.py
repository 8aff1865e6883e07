"""One item of a Reddit listing turned into a mention, a tombstone or a sentence of regret."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from sources.errors import Unreadable
from sources.http.link import safe_link
from sources.mention import NOTHING, Author, Mention, Thread
from sources.moments import moment
from sources.protocols import Tombstone
from sources.text import clean, clean_line, html_text
from sources.walks.walk import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "reddit"
SITE = "https://www.reddit.com"
FULL_NAME = re.compile(r"t[13]_[0-9a-z]{1,13}", re.ASCII)
WITHDRAWN = frozenset({"[deleted]", "[removed]", "[deleted by user]"})

_IN_THREAD = re.compile(r"/comments/([0-9a-z]{1,13})/", re.ASCII)


def read_listing(answer: object, now: datetime) -> Page:
    """Read a listing (`{"kind": "Listing", "data": {"children": …, "after": …}}`), newest first.

    Raises Unreadable when the answer is no listing; an item that cannot be read is in `rejected`.
    """
    data = answer.get("data") if isinstance(answer, dict) else None
    children = data.get("children") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(children, list):
        raise Unreadable("the answer is no listing of Reddit")
    mentions: dict[str, Mention] = {}
    tombstones: list[Tombstone] = []
    rejected: list[str] = []
    dates: list[datetime] = []
    for place, child in enumerate(children, start=1):
        own = child.get("data") if isinstance(child, dict) else None
        if not isinstance(own, dict):
            rejected.append(f"item {place} of {len(children)} has no data")
            continue
        created = moment(own.get("created_utc"))
        if created is not None:
            dates.append(min(created, now))
        name = _text(own, "name")
        if not FULL_NAME.fullmatch(name):
            continue  # private messages (t4_) stand between the mentions of an inbox
        if withdrawn(own):
            tombstones.append(Tombstone(KIND, name))
        elif created is None or not (_text(own, "title") or _text(own, "body")):
            rejected.append(f"{name} has no date or no words")
        else:
            mentions[name] = _mention(own, name, min(created, now))
    after = data.get("after")
    return Page(
        mentions=tuple(mentions.values()),
        tombstones=tuple(tombstones),
        rejected=tuple(rejected),
        count=len(children),
        dates=tuple(dates),
        after=after if isinstance(after, str) else "",
    )


def withdrawn(own: Mapping[str, object]) -> bool:
    """Say whether its author or a moderator has withdrawn an item: then it is erased here too."""
    author = own.get("author")
    words = _text(own, "body") or _text(own, "selftext")
    return author is None or author in WITHDRAWN or words.strip() in WITHDRAWN


def _mention(own: Mapping[str, object], name: str, created: datetime) -> Mention:
    author = clean_line(_text(own, "author"), 80)
    permalink = _text(own, "permalink") or _text(own, "context").partition("?")[0]
    return Mention(
        kind=KIND,
        external_id=name,
        text=_words(own),
        title=clean_line(_text(own, "title")),
        created_at=created,
        author=Author(id=f"u/{author}", handle=f"u/{author}", name=author),
        url=safe_link(permalink, SITE) if permalink else "",
        thread=_thread(own, name, permalink),
        metrics=_metrics(own),
    )


def _words(own: Mapping[str, object]) -> str:
    """Return the words from the HTML form, as feeds have only that, else from the Markdown."""
    html = _text(own, "body_html") or _text(own, "selftext_html")
    return html_text(html) if html else clean(_text(own, "body") or _text(own, "selftext"))


def _thread(own: Mapping[str, object], name: str, permalink: str) -> Thread:
    if name.startswith("t3_"):
        return Thread()
    opened = _IN_THREAD.search(permalink)
    root = _text(own, "link_id") or (f"t3_{opened[1]}" if opened else "")
    return Thread(root=root, parent=_text(own, "parent_id") or root)


def _metrics(own: Mapping[str, object]) -> Mapping[str, float]:
    named = {"likes": own.get("score"), "replies": own.get("num_comments")}
    found = {
        name: float(number)
        for name, number in named.items()
        if isinstance(number, int) and not isinstance(number, bool) and abs(number) < 1 << 53
    }
    return found or NOTHING


def _text(own: Mapping[str, object], name: str) -> str:
    found = own.get(name)
    return found if isinstance(found, str) else ""
