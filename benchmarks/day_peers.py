"""What people use instead, each as its documentation shows it, over the same fakes at the same moments.

Each is given the best of what it offers: it remembers its place durably after every post, resumes
from there, and polls at its own pace. Where a library sleeps, the fake clock goes on instead.
"""

from __future__ import annotations

import time
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from unittest import mock

from benchmarks.day_world import MIDNIGHT, SUBREDDIT

REMEMBERED = 500


class Killed(BaseException):
    """The process died here."""


class Asleep(BaseException):
    """A library would now sleep beyond its next poll."""


class Busy(Exception):
    """The store refused a write."""


class Shelf:
    """Where a peer keeps posts for good: it may die after some writes, or refuse some."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.dies_after: int | None = None
        self.refuses: range = range(0)
        self._writes = 0

    def begin(self) -> None:
        """Count the writes of a poll from here."""
        self._writes = 0

    def keep(self, name: str) -> None:
        """Keep a post. Raises Killed and Busy as it was told to."""
        self._writes += 1
        if self._writes in self.refuses:
            raise Busy
        self.seen.add(name)
        if self.dies_after is not None and self._writes > self.dies_after:
            raise Killed


@contextmanager
def no_real_sleep(module: Any, seconds: float) -> Iterator[None]:
    """Let a module sleep in no time, and raise Asleep when it has slept longer than `seconds`."""
    slept = 0.0

    def sleep(length: float) -> None:
        nonlocal slept
        slept += length
        if slept > seconds:
            raise Asleep

    real = {name: getattr(time, name) for name in ("monotonic", "monotonic_ns", "time")}
    with mock.patch.object(module, "time", SimpleNamespace(sleep=sleep, **real)):
        yield


class PrawStream:
    """praw: `subreddit.stream.submissions(pause_after=0)`, going on after the last post kept."""

    name = "praw's stream"
    place = "reddit"
    pace = 0.25  # minutes; its own longest pause is 16 seconds

    def __init__(self, address: str, posts: Callable[[], int]) -> None:
        """`posts` is how many there are: while none is new, it need not be asked what it would say."""
        import praw

        self.shelf = Shelf()
        self._posts = posts
        self._asked_at = -1
        self._newest: str | None = None
        self._stream: Iterator[Any] | None = None
        reddit = praw.Reddit(
            client_id="reader",
            client_secret="sesame",
            user_agent="day",
            reddit_url=address,
            oauth_url=address,
            check_for_updates=False,
            check_for_async=False,
        )
        reddit.read_only = True
        self._subreddit = reddit.subreddit(SUBREDDIT)

    def restart(self) -> None:
        """Only what is kept survives."""
        self._stream = None
        self._asked_at = -1

    def poll(self) -> None:
        """Take what the stream has until it pauses."""
        import praw.models.util
        import prawcore.sessions

        if self._asked_at == self._posts():
            return
        if self._stream is None:
            self._stream = self._subreddit.stream.submissions(
                pause_after=0,
                continue_after_id=self._newest,
                exception_handler=lambda error: None,
            )
        with no_real_sleep(praw.models.util, 15), no_real_sleep(prawcore.sessions, 15):
            for post in self._stream:
                if post is None:
                    self._asked_at = self._posts()
                    return
                self.shelf.keep(post.fullname)
                self._newest = post.fullname
        self._stream = None


class RememberedReader:
    """feedparser in a loop that remembers the last 500 ids, with ETag and Last-Modified."""

    name = "a remembered-500 reader"
    place = "feed"
    pace = 15.0

    def __init__(self, address: str) -> None:
        self.shelf = Shelf()
        self._address = address
        self._remembered: deque[str] = deque(maxlen=REMEMBERED)
        self._etag: str | None = None
        self._modified: str | None = None

    def restart(self) -> None:
        """Its memory is in a file."""

    def poll(self) -> None:
        """Parse the address and keep what is not remembered."""
        import feedparser

        try:
            feed = feedparser.parse(
                self._address,
                etag=self._etag,
                modified=self._modified,
                handlers=[urllib.request.ProxyHandler({})],
            )
        except Exception:  # noqa: BLE001  it logs and tries again next time
            return
        for entry in reversed(feed.entries):
            name = entry.get("id", entry.get("link", ""))
            if name not in self._remembered:
                self.shelf.keep(name)
                self._remembered.append(name)
        if feed.get("status") == 200:
            self._etag, self._modified = feed.get("etag"), feed.get("modified")


class AtprotoStream:
    """atproto's JetstreamClient, which keeps its `cursor` after every post it has handed on."""

    name = "atproto's JetstreamClient"
    place = "bluesky"
    pace = 5.0

    def __init__(self, address: str, now: Callable[[], datetime]) -> None:
        self.shelf = Shelf()
        self._address = address
        self._now = now
        self._cursor = _microseconds(MIDNIGHT)

    def restart(self) -> None:
        """The cursor is in a file."""

    def poll(self) -> None:
        """Listen until the stream has caught up with the clock."""
        import atproto_subscription.websocket
        from atproto import JetstreamClient
        from atproto_jetstream.exceptions import JetstreamError

        client = JetstreamClient(
            {"kinds": ["commit"], "collections": ["app.bsky.feed.post"], "cursor": self._cursor},
            base_uri=f"{self._address}/xrpc",
            compress=False,
            recv_timeout=5,
        )

        def handle(message: Any) -> None:
            seen = getattr(message, "time", None)
            if seen is not None and datetime.fromisoformat(seen) > self._now():
                client.stop()
                return
            record = getattr(message, "record", None)
            if record is not None and "acme" in str(record["text"]):
                self.shelf.keep(f"at://{message.did}/{message.collection}/{message.rkey}")
            self._cursor = client.cursor or self._cursor

        try:
            with no_real_sleep(atproto_subscription.websocket, 60 * self.pace):
                client.start(handle, lambda error: None)
        except JetstreamError:  # its cursor is too old: it goes on with what comes now
            self._cursor = _microseconds(self._now())


def _microseconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp()) * 1_000_000


Peer = PrawStream | RememberedReader | AtprotoStream
