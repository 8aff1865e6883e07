"""Rows of the public Customer Support on Twitter files ("twcs") as mentions."""

from __future__ import annotations

import html
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

from sources.mention import Author, Mention, Thread
from sources.remarks import Remarks
from sources.rows import BadRow, Dates, Row, identifier, listed, short
from sources.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

KIND = "twitter"
COLUMNS = ("tweet_id", "author_id", "inbound", "created_at", "text")
OUTBOUND = "row(s) written by the brand itself (inbound is False), not taken in"
LONGEST_NUMBER = 18  # digits that fit 64 bits
TRUE = frozenset(("true", "1", "t", "yes"))
FALSE = frozenset(("false", "0", "f", "no"))


class Conversations:
    """Who answered whom in a twcs file, and which post opened each conversation.

    A customer's second post answers the brand's post, which is often not in the file; the
    customer's first post names it as its response. Both edges together tie the two. Needs the whole
    file once before the first mention; keeps 16 bytes a post (and about 150 while it reads).
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        """Read the edges of every row; ids that are no whole numbers stand alone."""
        edges: dict[int, int] = {}
        for row in rows:
            post = _whole(_id(row.get("tweet_id")))
            if post is None:
                continue
            parent = _whole(_id(row.get("in_response_to_tweet_id")))
            if parent is not None and parent != post:
                edges[post] = parent
            answers = row.get("response_tweet_id")
            for answer in str(answers).split(",") if answers else ():
                number = _whole(_id(answer))
                if number is not None and number != post:
                    edges.setdefault(number, post)
        _point_to_roots(edges)
        self._posts = array("q", sorted(edges))
        self._roots = array("q", (edges[post] for post in self._posts))

    def root(self, post: str) -> str:
        """The id of the post that opened the conversation of `post`; its own when it opened one."""
        number = _whole(post)
        if number is None:
            return post
        place = bisect_left(self._posts, number)
        found = place < len(self._posts) and self._posts[place] == number
        return str(self._roots[place]) if found else post


def _point_to_roots(edges: dict[int, int]) -> None:
    """Let every post point at the opener of its conversation; of a ring, at its smallest id."""
    for post in edges:
        path: dict[int, None] = {}
        node = post
        while node in edges and node not in path:
            path[node] = None
            node = edges[node]
        if node in path:
            ring = list(path)
            node = min(ring[ring.index(node) :])
        for step in path:
            edges[step] = node


class TwcsRows:
    """Reads twcs rows: customers' posts become mentions, the brand's own are counted and skipped.

    Texts lose one layer of HTML entities (`&amp;`), which the public files carry.
    """

    def __init__(self, now: datetime, fallback: datetime, conversations: Conversations) -> None:
        """`now` bounds the dates, `fallback` stands for missing ones."""
        self.remarks = Remarks()
        self._dates = Dates(now, fallback, self.remarks)
        self._conversations = conversations

    def read(self, row: Row, line: int) -> Mention | None:
        """The mention of an inbound row, None for an outbound one. Raises BadRow."""
        post = _id(row.get("tweet_id"))
        if not post:
            raise BadRow(f"no tweet_id: found {listed(tuple(row))}")
        written = row.get("inbound")
        inbound = "true" if written == "True" else str(written).strip().lower()
        if inbound not in TRUE:
            if inbound not in FALSE:
                raise BadRow(f"inbound is “{inbound[:40]}”, expected True or False")
            self.remarks.add(OUTBOUND, line)
            return None
        raw = row.get("text")
        text = clean(html.unescape(raw)) if isinstance(raw, str) else ""
        if not text:
            raise BadRow("“text” is empty")
        author = short(row.get("author_id"))
        parent = _id(row.get("in_response_to_tweet_id"))
        root = self._conversations.root(post)
        return Mention(
            kind=KIND,
            external_id=post,
            text=text,
            created_at=self._dates.read(row.get("created_at"), line),
            author=Author(author, author),
            thread=Thread("" if root == post else root, parent),
        )


def _id(value: object) -> str:
    """A post's id as text; `848.0` is how pandas writes 848 beside a missing value."""
    if isinstance(value, str):
        text = value.strip()
        text = text[:-2] if text.endswith(".0") else text
        return text if text.isalnum() and len(text) <= LONGEST_NUMBER else identifier(text)
    return identifier(value)


def _whole(text: str) -> int | None:
    if text.isdigit() and text.isascii() and len(text) <= LONGEST_NUMBER:
        return int(text)
    return None
