"""A Mastodon server on 127.0.0.1: timelines with `min_id`, search, single posts, closed feeds."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

from sources.testing.platform import FakePlatform
from sources.testing.web import Answer, Asked, FakeWeb

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Status = dict[str, object]


@dataclass(slots=True)
class FakeMastodon(FakePlatform):
    """Answers as Mastodon 4.5 in a `with`; `now` stamps what is posted.

    Ids are times, or grow from 1 with `plain_ids`. `access` of a feed is `public`, `authenticated`
    or `disabled`, as the server's administrator sets it. `token` is the one that is good. `instead`
    answers every timeline and search with something else; `before` is called before each.
    """

    now: Callable[[], datetime]
    plain_ids: bool = False
    token: str = "good-token"  # noqa: S105  nobody's
    access: dict[str, str] = field(default_factory=dict)
    instead: Answer | None = None
    before: Callable[[], None] | None = None
    search_works: bool = True
    tells_parents: bool = True
    statuses: dict[str, Status] = field(default_factory=dict)
    web: FakeWeb = field(default_factory=FakeWeb)
    _made: int = 0

    def post(
        self,
        content: str,
        *,
        who: str = "ada",
        tags: tuple[str, ...] = (),
        at: datetime | None = None,
        heard: datetime | None = None,
        reply_to: str = "",
        **more: object,
    ) -> str:
        """Let somebody post HTML; returns the id. `who` with an @ is from elsewhere.

        `heard` is when this server got it, without it at once; the id tells when it was written.
        """
        self._made += 1
        when = at or self.now()
        number = self._made if self.plain_ids else _id_at(when) + self._made % 65_536
        user, _, host = who.partition("@")
        home = f"https://{host}" if host else self.web.url("").rstrip("/")
        uri = f"{home}/users/{user}/statuses/{number}"
        self.statuses[str(number)] = {
            "id": str(number),
            "uri": uri,
            "url": f"{home}/@{user}/{number}",
            "created_at": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "edited_at": None,
            "in_reply_to_id": reply_to or None,
            "visibility": "public",
            "language": "en",
            "spoiler_text": "",
            "content": content,
            "reblog": None,
            "replies_count": 1,
            "reblogs_count": 2,
            "favourites_count": 3,
            "tags": [{"name": tag, "url": f"{home}/tags/{tag}"} for tag in tags],
            "media_attachments": [],
            "account": {
                "id": "1",
                "acct": who,
                "display_name": user.title(),
                "url": f"{home}/@{user}",
                "followers_count": 42,
            },
            "_local": not host,
            "_heard": heard or when,
            **more,
        }
        return str(number)

    def edit(self, name: str, content: str) -> None:
        """Let the author change a post."""
        self.statuses[name] |= {"content": content, "edited_at": self.now().isoformat()}

    def delete(self, name: str) -> None:
        """Let the author delete a post."""
        del self.statuses[name]

    def uri(self, name: str) -> str:
        """The id of a post everywhere."""
        return str(self.statuses[name]["uri"])

    def __post_init__(self) -> None:
        """Open the routes."""
        routes = self.web.routes
        routes["/api/v1/timelines/public"] = self._public
        routes["/api/v2/search"] = self._search
        routes["/api/v2/instance"] = self._instance
        routes["/api/v1/statuses"] = self._several
        self.web.fallback = self._other

    def _other(self, asked: Asked) -> Answer:
        path = urlsplit(asked.path).path
        if path.startswith("/api/v1/timelines/tag/"):
            tag = unquote(path.rpartition("/")[2])
            tagged = [one for one in self.statuses.values() if tag in _tags(one)]
            return self._timeline(asked, tagged, "hashtag_feeds")
        if path.startswith("/api/v1/statuses/"):
            status = self.statuses.get(path.rpartition("/")[2])
            return _json(_shown(status)) if status else _json({"error": "Record not found"}, 404)
        return Answer(b"<html>404</html>", 404)

    def _public(self, asked: Asked) -> Answer:
        local = "local=true" in asked.path
        found = [one for one in self.statuses.values() if one["_local"] or not local]
        return self._timeline(asked, found, "live_feeds")

    def _timeline(self, asked: Asked, found: list[Status], feed: str) -> Answer:
        trouble = self._trouble(asked, feed)
        if trouble is not None:
            return trouble
        query = _query(asked)
        limit = int(query.get("limit", "20"))
        heard = [one for one in found if one["_heard"] <= self.now()]  # type: ignore[operator]
        ordered = sorted(heard, key=lambda one: int(str(one["id"])))
        if "min_id" in query:
            page = [one for one in ordered if int(str(one["id"])) > int(query["min_id"])][:limit]
        else:
            page = ordered[-limit:]
        return _json([_shown(one) for one in reversed(page)])

    def _trouble(self, asked: Asked, feed: str) -> Answer | None:
        """Refuse, or be empty, as the access of a feed says; None to go on."""
        if self.before is not None:
            self.before()
        if self.instead is not None:
            return self.instead
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if given and given != self.token:
            return _json({"error": "The access token is invalid"}, 401)
        access = self.access.get(feed, "public")
        if access != "public" and not given:
            return _json({"error": "This method requires an authenticated user"}, 422)
        return _json([]) if access == "disabled" else None

    def _search(self, asked: Asked) -> Answer:
        trouble = self._trouble(asked, "search")
        if trouble is not None:
            return trouble
        if not asked.headers.get("authorization"):
            return _json({"error": "This action is not allowed"}, 401)
        query = _query(asked)
        words = query["q"].casefold()
        found = [one for one in self.statuses.values() if words in str(one["content"]).casefold()]
        found.sort(key=lambda one: int(str(one["id"])), reverse=True)
        start = int(query.get("offset", "0"))
        page = found[start : start + int(query["limit"])] if self.search_works else []
        statuses = [_shown(one) for one in page]
        return _json({"accounts": [], "statuses": statuses, "hashtags": []})

    def _several(self, asked: Asked) -> Answer:
        if not self.tells_parents:
            return _json({"error": "This method requires an authenticated user"}, 422)
        names = parse_qs(urlsplit(asked.path).query)["id[]"]
        return _json([_shown(self.statuses[name]) for name in names if name in self.statuses])

    def _instance(self, asked: Asked) -> Answer:
        access = {
            feed: dict.fromkeys(("local", "remote"), self.access.get(feed, "public"))
            for feed in ("live_feeds", "hashtag_feeds")
        }
        about = {
            "title": "Testodon",
            "version": "4.5.2",
            "configuration": {"timelines_access": access},
        }
        return _json(about)


def _id_at(when: datetime) -> int:
    return ((when - EPOCH) // timedelta(milliseconds=1)) << 16


def _tags(status: Status) -> set[str]:
    listed = status["tags"]
    assert isinstance(listed, list)
    return {tag["name"] for tag in listed}


def _query(asked: Asked) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}


def _shown(status: Status) -> Status:
    return {name: value for name, value in status.items() if not name.startswith("_")}


def _json(value: object, status: int = 200) -> Answer:
    return Answer(json.dumps(value).encode(), status, {"Content-Type": "application/json"})
