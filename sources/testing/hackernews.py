"""Hacker News on 127.0.0.1: Algolia's search by date with its limit, and the items of Firebase."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from sources.testing.platform import FakePlatform
from sources.testing.web import Answer, Asked, FakeWeb

MOST_HITS = 1_000


@dataclass(slots=True)
class Item:
    """One story or comment: what the search knows of it, and what the site does."""

    hit: dict[str, object]
    state: dict[str, object]
    indexed: bool = True


@dataclass(slots=True)
class FakeHackerNews(FakePlatform):
    """Answers `search_by_date` and `v0/item` in a `with`; `now` stamps what is posted.

    The search matches words anywhere, shows the newest first and never more than `most_hits` of a window.
    `instead` answers every search with something else. `windows` lists the windows asked for.
    """

    now: Callable[[], datetime]
    most_hits: int = MOST_HITS
    instead: Answer | None = None
    items: dict[str, Item] = field(default_factory=dict)
    windows: list[tuple[int, int]] = field(default_factory=list)
    web: FakeWeb = field(default_factory=FakeWeb)

    def story(
        self, title: str, text: str = "", *, url: str = "", at: datetime | None = None
    ) -> str:
        """Submit a story; returns its id."""
        fields = {"title": title, "story_text": text or None, "url": url or None, "num_comments": 2}
        return self._add("story", at, fields)

    def comment(self, text: str, *, parent: str = "1", at: datetime | None = None) -> str:
        """Comment on an item; `text` is HTML; returns the id."""
        fields = {
            "comment_text": text,
            "story_id": 1,
            "parent_id": int(parent),
            "story_title": "A story about something else",
            "story_url": "https://a.example",
        }
        return self._add("comment", at, fields)

    def edit(self, item: str, text: str) -> None:
        """Let the author change the words of a comment."""
        self.items[item].hit["comment_text"] = text

    def delete(self, item: str) -> None:
        """Let the author delete an item: the search forgets it."""
        self._hide(item, "deleted")

    def kill(self, item: str) -> None:
        """Let the site kill an item."""
        self._hide(item, "dead")

    def __post_init__(self) -> None:
        """Open the routes."""
        self.web.routes["/api/v1/search_by_date"] = self._search

    def _add(self, tag: str, at: datetime | None, fields: Mapping[str, object]) -> str:
        name = str(40_000_000 + len(self.items))
        seconds = int((at or self.now()).timestamp())
        hit = {
            "objectID": name,
            "author": "ada",
            "created_at_i": seconds,
            "points": 7 if tag == "story" else None,
            "_tags": [tag, "author_ada", f"story_{name}"],
            "_highlightResult": {"author": {"value": "ada", "matchLevel": "none"}},
            **fields,
        }
        self.items[name] = Item(hit, {"id": int(name), "by": "ada", "time": seconds, "type": tag})
        self.web.routes[f"/v0/item/{name}.json"] = lambda asked: _json(self.items[name].state)
        return name

    def _hide(self, item: str, how: str) -> None:
        self.items[item].indexed = False
        self.items[item].state[how] = True

    def _search(self, asked: Asked) -> Answer:
        if self.instead is not None:
            return self.instead
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        words = query["query"].strip('"').casefold()
        tags = set(query["tags"].strip("()").split(","))
        lowest, highest = (
            int(part.rpartition("=")[2].rpartition("<")[2])
            for part in query["numericFilters"].split(",")
        )
        self.windows.append((lowest, highest))
        found = [
            item.hit
            for item in self.items.values()
            if item.indexed
            and lowest <= int(str(item.hit["created_at_i"])) < highest
            and tags & set(item.hit["_tags"])  # type: ignore[call-overload]
            and words in _words(item.hit).casefold()
        ]
        found.sort(key=lambda hit: int(str(hit["created_at_i"])), reverse=True)
        shown = found[: min(int(query["hitsPerPage"]), self.most_hits)]
        answer = {"hits": shown, "nbHits": len(found), "page": 0, "nbPages": 1, "exhaustive": {}}
        return _json(answer)


def _words(hit: dict[str, object]) -> str:
    parts = (hit.get(name) for name in ("title", "story_text", "comment_text", "url"))
    return html.unescape(" ".join(str(part) for part in parts if part))


def _json(value: object) -> Answer:
    return Answer(json.dumps(value).encode(), headers={"Content-Type": "application/json"})
