"""Reddit's feeds: what can be had without an approved application, as a best effort.

Many addresses get 429 there, and a feed shows a hundred posts at most; whoever needs more has to
ask Reddit for an application.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sources.errors import Transient, Unreadable
from sources.feeds.feed import read_feed
from sources.http.link import shown
from sources.mention import Author, Mention, Thread
from sources.reddit.post import FULL_NAME, KIND, WITHDRAWN
from sources.walks.walk import Page

if TYPE_CHECKING:
    from datetime import datetime

    from sources.feeds.entry import Entry
    from sources.http.fetch import Response

# "submitted by /u/name [link] [comments]" stands under every post and is not what was said.
_SIGNED = re.compile(
    r"(?:^|\s)submitted by\s+/u/\S{1,40}(?:\s+to\s+r/\S{1,60})?\s*\[link\]\s*\[comments\]\s*$"
)
_LONGEST_SIGNED = 300
_IN_THREAD = re.compile(r"/comments/([0-9a-z]{1,13})/", re.ASCII)


def read_reddit_feed(response: Response, now: datetime) -> Page:
    """Read a feed of posts or comments as one page, newest first.

    Raises Unreadable, naming the address, when something else came, Transient when it is cut off.
    The ids are those of the interface, so that a post met in both ways is one mention.
    """
    try:
        feed = read_feed(response.body, response.headers.get("content-type", ""), response.url)
    except (Transient, Unreadable) as error:
        raise type(error)(f"{shown(response.url)}: {error}") from error
    if feed.truncated:
        raise Transient(f"{shown(response.url)}: the feed is cut off")
    mentions: dict[str, Mention] = {}
    rejected = list(feed.rejected)
    dates: list[datetime] = []
    for entry in feed.entries:
        published = min(entry.published or now, now)
        if not FULL_NAME.fullmatch(entry.id):
            continue  # subreddits (t5_) stand between the posts a search finds
        dates.append(published)
        if entry.author.removeprefix("/") in WITHDRAWN or entry.text.strip() in WITHDRAWN:
            continue
        mention = _mention(entry, published)
        if mention.full_text:
            mentions[entry.id] = mention
        else:
            rejected.append(f"{entry.id} has no words")
    return Page(
        mentions=tuple(mentions.values()),
        rejected=tuple(rejected),
        count=len(feed.entries),
        dates=tuple(dates),
    )


def _mention(entry: Entry, published: datetime) -> Mention:
    author = entry.author.removeprefix("/").removeprefix("u/")
    comment = entry.id.startswith("t1_")
    opened = _IN_THREAD.search(entry.link)
    root = f"t3_{opened[1]}" if opened and comment else ""
    return Mention(
        kind=KIND,
        external_id=entry.id,
        text=_said(entry.text),
        title="" if comment else entry.title,  # "/u/name on title" is not what was said either
        created_at=published,
        author=Author(f"u/{author}", f"u/{author}", author) if author else Author(),
        url=entry.link,
        thread=Thread(root=root),
    )


def _said(text: str) -> str:
    """Return the words without the line Reddit puts under them."""
    cut = max(len(text) - _LONGEST_SIGNED, 0)
    return (text[:cut] + _SIGNED.sub("", text[cut:])).strip()
