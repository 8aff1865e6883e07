"""A YouTube Data API on 127.0.0.1 with the real one's wire format: comment threads and comments."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from sources.testing.web import Answer, Asked, FakeWeb

if TYPE_CHECKING:
    from collections.abc import Mapping

THREADS = "/youtube/v3/commentThreads"
COMMENTS = "/youtube/v3/comments"
MOST_ANSWERS = 5


@dataclass(slots=True)
class Comment:
    """A comment that opened a thread, or an answer to one."""

    id: str
    video: str
    at: datetime
    text: str
    author: str
    answers: list[Comment] = field(default_factory=list)
    more: dict[str, object] = field(default_factory=dict)


class FakeYouTube(FakeWeb):
    """Serves `/youtube/v3/commentThreads` and `/youtube/v3/comments`; every request is a unit.

    Fill it with `comment` and `answer`; `delete` takes either away. `channel` owns all videos.
    `trouble` holds answers given instead of the next ones (None: the ordinary answer).
    """

    def __init__(self, key: str = "sesame", channel: str = "UC" + "a" * 22) -> None:
        """Begin empty."""
        super().__init__()
        self.key = key
        self.channel = channel
        self.threads: list[Comment] = []
        self.videos: set[str] = set()
        self.trouble: deque[Answer | None] = deque()
        self.units = 0
        self._tokens: dict[str, str] = {}

    def comment(self, video: str, at: datetime, text: str, author: str = "ada") -> str:
        """Comment on a video and return the comment's id."""
        self.videos.add(video)
        name = f"Ug{len(self.threads):06}AaABAg"
        self.threads.append(Comment(name, video, at, text, author))
        return name

    def answer(self, name: str, at: datetime, text: str, author: str = "bob") -> str:
        """Answer a comment and return the answer's id."""
        thread = self.thread(name)
        own = f"{name}.{len(thread.answers):04}"
        thread.answers.append(Comment(own, thread.video, at, text, author))
        return own

    def thread(self, name: str) -> Comment:
        """Find the thread a comment opened."""
        return next(one for one in self.threads if one.id == name)

    def delete(self, name: str) -> None:
        """Delete a comment with its answers, or an answer."""
        self.threads = [one for one in self.threads if one.id != name]
        for thread in self.threads:
            thread.answers = [one for one in thread.answers if one.id != name]

    def forget_tokens(self) -> None:
        """Make every token of a page worthless."""
        self._tokens.clear()

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        self.units += 1
        if self.trouble and (instead := self.trouble.popleft()) is not None:
            return instead
        if asked.headers.get("x-goog-api-key") != self.key:
            message = "API key not valid. Please pass a valid API key."
            return refused(400, "badRequest", message)
        parts = urlsplit(asked.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == THREADS:
            return self._threads(query)
        if parts.path == COMMENTS:
            known = [*self.threads, *(one for thread in self.threads for one in thread.answers)]
            wanted = query["id"].split(",")
            items = [_comment(one) for one in known if one.id in wanted]
            return _json({"kind": "youtube#commentListResponse", "items": items})
        return refused(404, "notFound", "Not Found")

    def _threads(self, query: Mapping[str, str]) -> Answer:
        video = query.get("videoId", "")
        if video and video not in self.videos:
            return refused(404, "videoNotFound", "The video could not be found.")
        if query.get("allThreadsRelatedToChannelId", self.channel) != self.channel:
            return refused(404, "channelNotFound", "The channel could not be found.")
        newest = sorted(self.threads, key=lambda one: (one.at, one.id), reverse=True)
        shown = [one for one in newest if not video or one.video == video]
        start = 0
        if "pageToken" in query:
            if query["pageToken"] not in self._tokens:
                return refused(400, "invalidPageToken", "The page token is not valid.")
            last = self._tokens[query["pageToken"]]
            start = next((n + 1 for n, one in enumerate(shown) if one.id == last), len(shown))
        size = int(query.get("maxResults", 20))
        page = shown[start : start + size]
        told: dict[str, object] = {
            "kind": "youtube#commentThreadListResponse",
            "pageInfo": {"totalResults": len(page), "resultsPerPage": size},
            "items": [_thread(one) for one in page],
        }
        if len(shown) > start + size:
            token = f"Z2V0X25ld2VzdF9maXJzdC0t{len(self._tokens)}=="
            self._tokens[token] = page[-1].id
            told["nextPageToken"] = token
        return _json(told)


def refused(status: int, reason: str, message: str) -> Answer:
    """What Google's interfaces answer to a request they refuse."""
    errors = [{"message": message, "domain": "youtube", "reason": reason}]
    return _json({"error": {"code": status, "message": message, "errors": errors}}, status)


def _thread(comment: Comment) -> dict[str, object]:
    told: dict[str, object] = {
        "kind": "youtube#commentThread",
        "id": comment.id,
        "snippet": {
            "videoId": comment.video,
            "topLevelComment": _comment(comment),
            "canReply": True,
            "totalReplyCount": len(comment.answers),
        },
    }
    if comment.answers:
        newest = comment.answers[::-1][:MOST_ANSWERS]
        told["replies"] = {"comments": [_comment(one, comment.id) for one in newest]}
    return told


def _comment(comment: Comment, parent: str = "") -> dict[str, object]:
    at = comment.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    snippet: dict[str, object] = {
        "videoId": comment.video,
        "textDisplay": comment.text,
        "textOriginal": comment.text,
        "authorDisplayName": f"@{comment.author}",
        "authorChannelId": {"value": f"UC-{comment.author}"},
        "likeCount": 3,
        "publishedAt": at,
        "updatedAt": at,
        **({"parentId": parent} if parent else {}),
        **comment.more,
    }
    return {"kind": "youtube#comment", "id": comment.id, "snippet": snippet}


def _json(told: object, status: int = 200) -> Answer:
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    return Answer(json.dumps(told).encode(), status=status, headers=headers)
