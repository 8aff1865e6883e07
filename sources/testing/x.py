"""An X on 127.0.0.1 that speaks the real one's wire format: recent search and look-up, version 2."""

from __future__ import annotations

import html
import json
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from sources.snowflake import first_id, made_at
from sources.testing.web import Answer, Asked, FakeWeb

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SEARCH = "/2/tweets/search/recent"
LOOKUP = "/2/tweets"
SEARCHED = timedelta(days=7)
PROBLEM = "https://api.twitter.com/2/problems/"


@dataclass(slots=True)
class Post:
    """One version of a post."""

    id: int
    text: str
    author: str
    conversation: int
    answers: int = 0
    versions: list[int] = field(default_factory=list)
    gone: str = ""
    more: dict[str, object] = field(default_factory=dict)


class FakeX(FakeWeb):
    """Serves `/2/tweets/search/recent` and `/2/tweets`, at the moment `now()` says.

    Fill it with `post`, then `edit`, `delete`. A query matches posts that hold its words, or a
    conversation. `trouble` holds answers given instead of the next ones (None: the ordinary answer).
    `sent` lists the ids of every post sent, as X would bill them. `forget_tokens` makes the tokens of
    pages worthless.
    """

    def __init__(self, now: Callable[[], datetime], bearer: str = "sesame") -> None:
        """Begin empty."""
        super().__init__()
        self.now = now
        self.bearer = bearer
        self.posts: dict[int, Post] = {}
        self.trouble: deque[Answer | None] = deque()
        self.sent: list[int] = []
        self.left = 450
        self._tokens: dict[str, int] = {}

    def post(self, at: datetime, text: str, author: str = "ada", answers: int = 0) -> int:
        """Add a post made at a moment and return its id."""
        number = first_id(at)
        while number in self.posts:
            number += 1
        conversation = self.posts[answers].conversation if answers else number
        self.posts[number] = Post(number, text, author, conversation, answers, [number])
        return number

    def edit(self, number: int, at: datetime, text: str) -> int:
        """Put a new version in the place of a post and return its id."""
        old = self.posts.pop(number)
        new = self.post(at, text, old.author)
        self.posts[new].versions = [*old.versions, new]
        self.posts[new].conversation = old.conversation
        return new

    def delete(self, number: int, problem: str = "resource-not-found") -> None:
        """Take a post away, for a reason X gives on look-up."""
        self.posts[number].gone = problem

    def forget_tokens(self) -> None:
        """Make every token of a page worthless."""
        self._tokens.clear()

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if self.trouble and (instead := self.trouble.popleft()) is not None:
            return instead
        if asked.headers.get("authorization") != f"Bearer {self.bearer}":
            told = {"title": "Unauthorized", "type": "about:blank", "status": 401}
            return _json({**told, "detail": "Unauthorized"}, 401)
        parts = urlsplit(asked.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == SEARCH:
            return self._search(query)
        if parts.path == LOOKUP:
            return self._look_up(query["ids"].split(","))
        return _json({"title": "Not Found Error"}, 404)

    def _search(self, query: Mapping[str, str]) -> Answer:
        earliest = self.now() - SEARCHED
        size = int(query.get("max_results", 10))
        if not 10 <= size <= 100:
            return _refused("max_results", f"The 'max_results' query parameter value [{size}]")
        if query["query"].count('"') % 2:
            return _refused("query", "There were errors processing your request: missing quote")
        if "next_token" in query and query["next_token"] not in self._tokens:
            return _refused("next_token", "The 'next_token' query parameter value is not valid")
        if "since_id" in query and made_at(int(query["since_id"])) < earliest:
            return _refused("since_id", "'since_id' must be a tweet id created after [7 days ago]")
        if "start_time" in query and datetime.fromisoformat(query["start_time"]) < earliest:
            return _refused("start_time", "'start_time' must be on or after [7 days ago]")
        found = [one for one in self._matching(query) if made_at(one.id) >= earliest]
        page, rest = found[:size], found[size:]
        meta: dict[str, object] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": str(page[0].id), "oldest_id": str(page[-1].id)}
        if rest:
            token = f"b26v89c19zqg8o3f{page[-1].id:x}"
            self._tokens[token] = page[-1].id
            meta["next_token"] = token
        return self._page(page, meta)

    def _matching(self, query: Mapping[str, str]) -> list[Post]:
        words = query["query"]
        newest = sorted(self.posts.values(), key=lambda one: -one.id)
        below = self._tokens[query["next_token"]] if "next_token" in query else 1 << 63
        below = min(below, int(query.get("until_id", 1 << 63)))
        above = int(query.get("since_id", 0))
        if "start_time" in query:
            above = max(above, first_id(datetime.fromisoformat(query["start_time"])) - 1)
        return [
            one
            for one in newest
            if above < one.id < below
            and not one.gone
            and (words in one.text or words == f"conversation_id:{one.conversation}")
        ]

    def _page(self, page: list[Post], meta: Mapping[str, object]) -> Answer:
        self.left -= 1
        self.sent += [one.id for one in page]
        told: dict[str, object] = {"meta": meta}
        if page:  # an empty page has no data at all
            names = {one.author for one in page}
            told["data"] = [_data(one) for one in page]
            told["includes"] = {"users": [_user(name) for name in sorted(names)]}
        reset = int((self.now() + timedelta(minutes=15)).timestamp())
        limits = {
            "x-rate-limit-limit": "450",
            "x-rate-limit-remaining": str(self.left),
            "x-rate-limit-reset": str(reset),
        }
        if self.left < 0:
            return _json({"title": "Too Many Requests", "status": 429}, 429, limits)
        return _json(told, 200, limits)

    def _look_up(self, names: list[str]) -> Answer:
        data, errors = [], []
        for name in names:
            post = self.posts.get(int(name))
            problem = post.gone if post else "resource-not-found"
            if post is not None and not problem:
                data.append({"id": name, "text": post.text, "edit_history_tweet_ids": [name]})
                self.sent.append(post.id)
                continue
            errors.append(
                {
                    "value": name,
                    "resource_id": name,
                    "parameter": "ids",
                    "resource_type": "tweet",
                    "title": "Not Found Error",
                    "detail": f"Could not find tweet with ids: [{name}].",
                    "type": f"{PROBLEM}{problem}",
                }
            )
        told: dict[str, object] = {"data": data} if data else {}
        return _json({**told, **({"errors": errors} if errors else {})})


def _data(post: Post) -> dict[str, object]:
    """One post as version 2 writes it."""
    referenced = [{"type": "replied_to", "id": str(post.answers)}] if post.answers else None
    told: dict[str, object] = {
        "id": str(post.id),
        "text": html.escape(post.text, quote=False),
        "author_id": _number(post.author),
        "conversation_id": str(post.conversation),
        "created_at": made_at(post.id).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "edit_history_tweet_ids": [str(one) for one in post.versions],
        "lang": "en",
        "public_metrics": {"like_count": 2, "reply_count": 1, "retweet_count": 0},
    }
    if referenced:
        told["referenced_tweets"] = referenced
    return {**told, **post.more}


def _user(name: str) -> dict[str, object]:
    counted = {"followers_count": 1_200, "following_count": 3}
    return {"id": _number(name), "name": name.title(), "username": name, "public_metrics": counted}


def _number(name: str) -> str:
    return str(int.from_bytes(name.encode()[:6], "big"))


def _refused(parameter: str, message: str) -> Answer:
    """What X answers to a parameter it does not accept."""
    told = {
        "errors": [{"parameters": {parameter: ["…"]}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEM}invalid-request",
    }
    return _json(told, 400)


def _json(told: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(json.dumps(told).encode(), status=status, headers={**kind, **(headers or {})})
