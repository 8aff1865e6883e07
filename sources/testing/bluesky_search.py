"""A Bluesky server on 127.0.0.1: it signs accounts in, searches, looks posts and people up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from sources.testing.platform import FakePlatform
from sources.testing.web import Answer, Asked, FakeWeb

COLLECTION = "app.bsky.feed.post"


@dataclass(slots=True)
class Posted:
    """One post: where it is, its record, and when the index got it."""

    uri: str
    record: dict[str, object]
    indexed: datetime

    @property
    def sorted_at(self) -> datetime:
        """Where it stands in the search."""
        return min(datetime.fromisoformat(str(self.record["createdAt"])), self.indexed)


@dataclass(slots=True)
class FakeBluesky(FakePlatform):
    """Answers createSession, searchPosts, getPosts and getProfiles in a `with`.

    Search matches words anywhere, newest first, `since` inclusive and `until` exclusive, with
    positions as cursors. `password` is the one that is good; `expire` makes all tokens worthless.
    `now` stamps what is posted. `handles` are the handles of accounts; others are not known.
    `instead` answers every search with something else; `before_search` is called before each.
    """

    now: Callable[[], datetime]
    handle: str = "acme.bsky.social"
    password: str = "abcd-efgh"  # noqa: S105  nobody's
    handles: dict[str, str] = field(default_factory=lambda: {"did:plc:ada": "ada.example"})
    posts: list[Posted] = field(default_factory=list)
    instead: Answer | None = None
    before_search: Callable[[], None] | None = None
    sign_ins: int = 0
    web: FakeWeb = field(default_factory=FakeWeb)
    _good: set[str] = field(default_factory=set)

    def post(
        self,
        text: str,
        *,
        did: str = "did:plc:ada",
        at: datetime | None = None,
        indexed: datetime | None = None,
        **record: object,
    ) -> str:
        """Let somebody post; returns the `at://` address."""
        written = at or self.now()
        uri = f"at://{did}/{COLLECTION}/3k{len(self.posts):011d}"
        body = {"text": text, "createdAt": written.isoformat(), "langs": ["en"], **record}
        self.posts.append(Posted(uri, body, indexed or written))
        return uri

    def delete(self, uri: str) -> None:
        """Let the author delete a post."""
        self.posts = [post for post in self.posts if post.uri != uri]

    def expire(self) -> None:
        """Make every token worthless."""
        self._good.clear()

    def __post_init__(self) -> None:
        """Open the routes."""
        start = "/xrpc/"
        self.web.routes[f"{start}com.atproto.server.createSession"] = self._sign_in
        self.web.routes[f"{start}app.bsky.feed.searchPosts"] = self._search
        self.web.routes[f"{start}app.bsky.feed.getPosts"] = self._look_up
        self.web.routes[f"{start}app.bsky.actor.getProfiles"] = self._profiles

    def _sign_in(self, asked: Asked) -> Answer:
        account = json.loads(asked.body)
        if account != {"identifier": self.handle, "password": self.password}:
            return _error(401, "AuthenticationRequired", "Invalid identifier or password")
        self.sign_ins += 1
        token = f"token-{self.sign_ins}"
        self._good.add(token)
        return _json({"accessJwt": token, "refreshJwt": "r", "handle": self.handle, "did": "d"})

    def _search(self, asked: Asked) -> Answer:
        if self.before_search is not None:
            self.before_search()
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self._good:
            return _error(400, "ExpiredToken", "Token has expired")
        if self.instead is not None:
            return self.instead
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        words = query["q"].strip('"').casefold()
        found = [post for post in self.posts if words in str(post.record["text"]).casefold()]
        if "since" in query:
            start = datetime.fromisoformat(query["since"])
            found = [post for post in found if post.sorted_at >= start]
        if "until" in query:
            end = datetime.fromisoformat(query["until"])
            found = [post for post in found if post.sorted_at < end]
        found.sort(key=lambda post: post.sorted_at, reverse=True)
        begin, limit = int(query.get("cursor", "0")), int(query["limit"])
        page = found[begin : begin + limit]
        answer: dict[str, object] = {"posts": [_view(post) for post in page], "hitsTotal": 1}
        if begin + limit < len(found):
            answer["cursor"] = str(begin + limit)
        return _json(answer)

    def _look_up(self, asked: Asked) -> Answer:
        uris = set(parse_qs(urlsplit(asked.path).query)["uris"])
        if len(uris) > 25:
            return _error(400, "InvalidRequest", "uris must not have more than 25 elements")
        return _json({"posts": [_view(post) for post in self.posts if post.uri in uris]})

    def _profiles(self, asked: Asked) -> Answer:
        actors = parse_qs(urlsplit(asked.path).query)["actors"]
        if len(actors) > 25:
            return _error(400, "InvalidRequest", "actors must not have more than 25 elements")
        found = [
            {"did": did, "handle": self.handles[did], "displayName": "Ada", "followersCount": 42}
            for did in actors
            if did in self.handles
        ]
        return _json({"profiles": found})


def _view(post: Posted) -> dict[str, object]:
    did = post.uri.removeprefix("at://").split("/")[0]
    return {
        "uri": post.uri,
        "cid": "bafyrei",
        "author": {"did": did, "handle": "ada.example", "displayName": "Ada ☕", "labels": []},
        "record": {"$type": COLLECTION, **post.record},
        "replyCount": 1,
        "repostCount": 0,
        "likeCount": 3,
        "quoteCount": 0,
        "indexedAt": post.indexed.isoformat(),
        "viewer": {"threadMuted": False},
    }


def _json(value: object) -> Answer:
    return Answer(json.dumps(value).encode(), headers={"Content-Type": "application/json"})


def _error(status: int, name: str, message: str) -> Answer:
    body = json.dumps({"error": name, "message": message}).encode()
    return Answer(body, status, {"Content-Type": "application/json"})
