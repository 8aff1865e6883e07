"""The Stack Exchange interface on 127.0.0.1, version 2.3: gzipped, with backoff and quota."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from sources.testing.platform import FakePlatform
from sources.testing.web import Answer, Asked, FakeWeb

HEADERS = {"Content-Type": "application/json; charset=utf-8", "Content-Encoding": "gzip"}


@dataclass(slots=True)
class Asking:
    """One question, as the interface writes it: title and name with entities, body in HTML."""

    id: int
    title: str
    asked: int
    body: str = "<p>words</p>"
    touched: int = 0
    tags: tuple[str, ...] = ("acme",)


class FakeStackExchange(FakePlatform):
    """Serves what is in `questions`. `trouble` answers instead; `backoff` and `quota` are told."""

    def __init__(self) -> None:
        """Nobody has asked anything yet."""
        self.questions: list[Asking] = []
        self.trouble: Answer | None = None
        self.backoff = 0
        self.quota = 300
        self.largest_page = 100
        routes = {"/2.3/questions": self._list, "/2.3/search/advanced": self._list}
        self.web = FakeWeb(routes)
        self.web.fallback = self._by_id

    def _by_id(self, asked: Asked) -> Answer:
        wanted = urlsplit(asked.path).path.removeprefix("/2.3/questions/").split(";")
        return self._page([one for one in self.questions if str(one.id) in wanted], 1, 100)

    def _list(self, asked: Asked) -> Answer:
        words = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        low, tags = int(words.get("min", 0)), set(words.get("tagged", "").split(";")) - {""}
        found = [
            asking
            for asking in self.questions
            if _touched(asking) >= low
            and (not tags or tags & set(asking.tags))
            and words.get("q", "").lower() in f"{asking.title} {asking.body}".lower()
        ]
        found.sort(key=lambda asking: (_touched(asking), asking.id))
        if words["order"] == "desc":
            found.reverse()
        size = min(int(words["pagesize"]), self.largest_page)
        return self._page(found, int(words.get("page", 1)), size)

    def _page(self, found: list[Asking], number: int, size: int) -> Answer:
        if self.trouble:
            return self.trouble
        if self.quota <= 0:
            return refusal(502, "throttle_violation", "more requests available in 3600 seconds")
        self.quota -= 1
        told: dict[str, object] = {
            "items": [_plain(asking) for asking in found[(number - 1) * size : number * size]],
            "has_more": len(found) > number * size,
            "quota_max": 300,
            "quota_remaining": self.quota,
        }
        if self.backoff:
            told["backoff"] = self.backoff
        return _zipped(told)


def refusal(code: int, name: str, words: str, status: int = 400) -> Answer:
    """Answer with one of the interface's own errors."""
    return _zipped({"error_id": code, "error_name": name, "error_message": words}, status)


def _touched(asking: Asking) -> int:
    return asking.touched or asking.asked


def _plain(asking: Asking) -> dict[str, object]:
    return {
        "question_id": asking.id,
        "title": asking.title,
        "body": asking.body,
        "creation_date": asking.asked,
        "last_activity_date": _touched(asking),
        "link": f"https://stackoverflow.com/questions/{asking.id}/slug",
        "owner": {"user_id": 77, "display_name": "Rosa &amp; Co"},
        "score": -1,
        "answer_count": 0,
        "view_count": 12,
        "tags": list(asking.tags),
        "content_license": "CC BY-SA 4.0",
    }


def _zipped(value: object, status: int = 200) -> Answer:
    return Answer(gzip.compress(json.dumps(value).encode(), 1), status, HEADERS)
