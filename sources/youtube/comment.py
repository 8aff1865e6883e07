"""What the YouTube Data API answers: threads of comments, and its errors."""

from __future__ import annotations

import html
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from sources.errors import CredentialsRejected, Gone, RateLimited, SourceError, Unreadable
from sources.http.json_answer import (
    Fields,
    date,
    fields,
    identity,
    listed,
    metrics,
    read_object,
    string,
    whole,
)
from sources.http.link import shown
from sources.mention import Author, Mention, Thread
from sources.text import clean, clean_line
from sources.walks.listing import Item, Page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sources.http.fetch import Response

KIND = "youtube"
WATCH = "https://www.youtube.com/watch?v="
_WRONG_KEY = ("keyInvalid", "badRequest", "accessNotConfigured", "ipRefererBlocked")
_USED_UP = ("quotaExceeded", "dailyLimitExceeded")
_TOO_FAST = ("rateLimitExceeded", "userRateLimitExceeded")
_NOT_THERE = ("videoNotFound", "channelNotFound", "commentsDisabled")


def read_threads(response: Response, resets: datetime) -> Page:
    """Read one page of comment threads, newest first, each with the answers it shows.

    Raises RateLimited until `resets` when the quota is used up, CredentialsRejected, Gone and
    Unreadable for the other errors the body names.
    """
    found = read_object(response)
    if response.status >= 400:
        raise _refusal(found, shown(response.url), response.status, resets)
    items: list[Item] = []
    rejected: list[str] = []
    for place, thread in enumerate(listed(found, "items", response.url), start=1):
        comments = list(_comments(fields(thread)))
        readable = [item for item in comments if item is not None]
        items += readable
        if len(readable) < len(comments):
            rejected.append(f"thread {place} holds a comment without id, date or words")
    return Page(items, string(found, "nextPageToken"), rejected=rejected)


def single_comment(comment: Fields) -> Mention | None:
    """Read a comment that was looked up by its id; None when it has no words or no date."""
    parent = string(fields(comment.get("snippet")), "parentId")
    item = _item(comment, "", parent, 0)
    return item.read() if item is not None else None


def _comments(thread: Fields) -> Iterator[Item | None]:
    """Yield the comment that opened a thread, then its answers, which stand in no order."""
    about = fields(thread.get("snippet"))
    top = fields(about.get("topLevelComment"))
    replies = whole(about, "totalReplyCount") or 0
    yield _item(top, string(about, "videoId"), "", replies)
    shown_replies = fields(thread.get("replies")).get("comments")
    for reply in shown_replies if isinstance(shown_replies, list) else ():
        item = _item(fields(reply), string(about, "videoId"), identity(top, "id"), 0)
        yield None if item is None else replace(item, pinned=True)


def _item(comment: Fields, video: str, root: str, replies: int) -> Item | None:
    about = fields(comment.get("snippet"))
    name = identity(comment, "id")
    created = date(about, "publishedAt")
    text = _words(about)
    if not name or created is None or not text:
        return None
    read = partial(_mention, name, about, text, created, video, root, replies)
    return Item(name, created, text, read)


def _words(about: Fields) -> str:
    """Return the words as written; `textDisplay` has its signs escaped even as plain text."""
    return clean(string(about, "textOriginal") or html.unescape(string(about, "textDisplay")))


def _mention(
    name: str, about: Fields, text: str, created: datetime, video: str, root: str, replies: int
) -> Mention:
    video = video or string(about, "videoId")
    handle = clean_line(string(about, "authorDisplayName"), 100)
    return Mention(
        kind=KIND,
        external_id=name,
        text=text,
        created_at=created,
        author=Author(
            id=identity(fields(about.get("authorChannelId")), "value"),
            handle=handle if handle.startswith("@") else "",
            name=handle,
        ),
        url=f"{WATCH}{quote(video, safe='')}&lc={quote(name, safe='.')}" if video else "",
        thread=Thread(root, root) if root else Thread(),
        metrics=metrics(likes=about.get("likeCount"), replies=replies),
    )


def _refusal(found: Fields, where: str, status: int, resets: datetime) -> SourceError:
    error = fields(found.get("error"))
    listed_errors = error.get("errors")
    first = fields(listed_errors[0]) if isinstance(listed_errors, list) and listed_errors else {}
    reason = clean_line(string(first, "reason"), 60)
    if reason in _USED_UP:
        return RateLimited(f"{where}: the quota of the key is used up", resets)
    if reason in _TOO_FAST or status == 429:
        return RateLimited(f"{where}: asks for patience ({status}, {reason})")
    if reason in _NOT_THERE:
        return Gone(f"{where}: {reason}")
    if (reason in _WRONG_KEY and "key" in string(error, "message").casefold()) or status == 401:
        return CredentialsRejected(f"{where} refuses the key ({reason}); check api_key")
    if status == 403:
        return CredentialsRejected(f"{where} refuses access (403, {reason}); check api_key")
    return Unreadable(f"{where} answered with status {status}, {reason or 'no reason given'}")
