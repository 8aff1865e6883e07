"""A Discourse forum on 127.0.0.1, with the paging of old and of new versions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from sources.testing.platform import FakePlatform
from sources.testing.web import Answer, Asked, FakeWeb

PAGE = 50
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_NOT_FOUND = {
    "errors": ["The requested URL or resource could not be found."],
    "error_type": "not_found",
}


@dataclass(slots=True)
class Written:
    """One post; `answers` is the number of the post it replies to."""

    id: int
    cooked: str
    at: datetime
    topic: int = 1
    number: int = 1
    answers: int | None = None
    username: str = "rosa"
    hidden: bool = False
    taken_back: bool = False


class FakeDiscourse(FakePlatform):
    """Serves what is in `posts`; fill, edit, delete at any time. `trouble` answers instead.

    `windowed` pages as versions before 2024 do: whatever is public among the 50 ids up to
    `before`; otherwise the 50 public posts below it.
    """

    def __init__(self, *, windowed: bool = False) -> None:
        """An empty forum."""
        self.posts: list[Written] = []
        self.windowed = windowed
        self.trouble: Answer | None = None
        self.web = FakeWeb({"/posts.json": self._latest, "/search.json": self._search})

    def write(self, *posts: Written) -> None:
        """Add posts, each to be found at its own addresses too."""
        self.posts += posts
        for post in posts:
            self.web.routes[f"/posts/{post.id}.json"] = self._one(post)
            self.web.routes[f"/posts/by_number/{post.topic}/{post.number}.json"] = self._one(post)

    def delete(self, post: Written) -> None:
        """Take a post away as a moderator does."""
        self.posts.remove(post)
        for path in (f"{post.id}", f"by_number/{post.topic}/{post.number}"):
            self.web.routes[f"/posts/{path}.json"] = _json(_NOT_FOUND, 404)

    def _one(self, post: Written) -> Answer:
        return _json(_plain(post))

    def _latest(self, asked: Asked) -> Answer:
        before = int(_words(asked).get("before", 0))
        newest_first = sorted(self.posts, key=lambda post: post.id, reverse=True)
        public = [post for post in newest_first if not post.hidden]
        if before and self.windowed:
            public = [post for post in public if before - PAGE < post.id <= before]
        elif before:
            public = [post for post in public if post.id < before]
        return self.trouble or _json({"latest_posts": [_plain(post) for post in public[:PAGE]]})

    def _search(self, asked: Asked) -> Answer:
        words = _words(asked)
        query = words["q"].removesuffix(" order:latest").lower()
        number = int(words["page"])
        hits = [post for post in self.posts if query in post.cooked.lower() and not post.hidden]
        hits.sort(key=lambda post: (post.at, post.id), reverse=True)
        page = hits[(number - 1) * PAGE : number * PAGE]
        found: dict[str, object] = {
            "posts": [_hit(post) for post in page],
            "topics": [{"id": topic, "title": f"Topic {topic}"} for topic in _topics(page)],
            "grouped_search_result": {"more_full_page_results": len(hits) > number * PAGE or None},
        }
        return self.trouble or _json(found)


def _topics(posts: list[Written]) -> list[int]:
    return sorted({post.topic for post in posts})


def _hit(post: Written) -> dict[str, object]:
    return {
        "id": post.id,
        "username": post.username,
        "created_at": post.at.isoformat().replace("+00:00", "Z"),
        "blurb": post.cooked[:60],
        "post_number": post.number,
        "topic_id": post.topic,
        "like_count": 1,
    }


def _plain(post: Written) -> dict[str, object]:
    return {
        "id": post.id,
        "name": post.username.title(),
        "username": post.username,
        "created_at": post.at.isoformat().replace("+00:00", "Z"),
        "cooked": post.cooked,
        "post_number": post.number,
        "post_type": 1,
        "reply_count": 2,
        "reads": 30,
        "actions_summary": [{"id": 2, "count": 4}],
        "reply_to_post_number": post.answers,
        "topic_id": post.topic,
        "topic_slug": f"topic-{post.topic}",
        "topic_title": f"Topic {post.topic}",
        "user_deleted": post.taken_back,
        "deleted_at": None,
        "a_field_of_tomorrow": {"x": [1]},
    }


def _words(asked: Asked) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}


def _json(value: object, status: int = 200) -> Answer:
    return Answer(json.dumps(value).encode(), status, _JSON)
