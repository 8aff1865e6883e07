"""A Lemmy instance on 127.0.0.1: version 3 of its interface, as 0.19 answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from sources.testing.platform import FakePlatform
from sources.testing.web import Answer, Asked, FakeWeb

_JSON = {"Content-Type": "application/json"}


@dataclass(slots=True)
class Said:
    """One post, or a comment when `on` names the post it stands under."""

    number: int
    text: str
    at: datetime
    title: str = ""
    on: int = 0
    under: int = 0
    community: str = "banking"
    featured: bool = False
    deleted: bool = False
    more: dict[str, object] = field(default_factory=dict)


class FakeLemmy(FakePlatform):
    """Serves what is in `said`; fill, edit, delete at any time. `trouble` answers instead."""

    def __init__(self) -> None:
        """Nobody has said anything yet."""
        self.said: list[Said] = []
        self.trouble: Answer | None = None
        self.web = FakeWeb(
            {
                "/api/v3/site": self._site,
                "/api/v3/search": self._search,
                "/api/v3/post/list": self._posts,
                "/api/v3/comment/list": self._comments,
            }
        )

    def known_by(self, said: Said) -> str:
        """Return the id the whole Fediverse knows a post or comment by."""
        return f"https://lemmy.example/{'comment' if said.on else 'post'}/{said.number}"

    def _site(self, _: Asked) -> Answer:
        return self.trouble or _json(
            {"site_view": {"site": {"name": "Fake"}}, "version": "0.19.11"}
        )

    def _search(self, asked: Asked) -> Answer:
        words = _words(asked)
        what = words["type_"]
        listed: dict[str, object] = {
            "type_": what,
            "posts": [],
            "comments": [],
            "communities": [],
            "users": [],
        }
        listed[what.lower()] = self._views(words, comments=what == "Comments")
        return self.trouble or _json(listed)

    def _posts(self, asked: Asked) -> Answer:
        return self.trouble or _json({"posts": self._views(_words(asked), comments=False)})

    def _comments(self, asked: Asked) -> Answer:
        return self.trouble or _json({"comments": self._views(_words(asked), comments=True)})

    def _views(self, words: dict[str, str], *, comments: bool) -> list[object]:
        query = words.get("q", "").lower()
        found = [
            said
            for said in self.said
            if bool(said.on) is comments
            and words.get("community_name", said.community) == said.community
            and query in f"{said.title} {said.text}".lower()
        ]
        found.sort(key=lambda said: (said.featured, said.at, said.number), reverse=True)
        size = int(words["limit"])
        start = (int(words["page"]) - 1) * size
        return [self._view(said) for said in found[start : start + size]]

    def _view(self, said: Said) -> object:
        own: dict[str, object] = {
            "id": said.number,
            "published": said.at.isoformat().replace("+00:00", "Z"),
            "ap_id": self.known_by(said),
            "deleted": said.deleted,
            "removed": False,
            **said.more,
        }
        view: dict[str, object] = {
            "creator": {
                "name": "rosa",
                "display_name": "Rosa",
                "actor_id": "https://lemmy.example/u/rosa",
            },
            "community": {"name": said.community},
        }
        if said.on:
            path = ".".join(["0", *([str(said.under)] if said.under else []), str(said.number)])
            view["comment"] = {"content": said.text, "path": path, **own}
            view["post"] = {"id": said.on, "ap_id": f"https://lemmy.example/post/{said.on}"}
            view["counts"] = {"score": 3, "child_count": 1}
        else:
            flags = {"featured_community": said.featured, "featured_local": False}
            view["post"] = {"name": said.title, "body": said.text, **flags, **own}
            view["counts"] = {"score": 5, "comments": 2}
        return view


def _words(asked: Asked) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}


def _json(value: object) -> Answer:
    return Answer(json.dumps(value).encode(), headers=_JSON)
