"""A Reddit on 127.0.0.1 that speaks the real one's wire format: tokens, listings, limits, feeds."""

from __future__ import annotations

import html
import json
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from sources.testing.web import Answer, Asked, FakeWeb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEPTH = 1_000
MOST_A_PAGE = 100
JSON = "application/json; charset=UTF-8"
TOKEN = "/api/v1/access_token"  # noqa: S105


@dataclass(slots=True)
class Thing:
    """A post (`t3`) or a comment (`t1`); `listed` is False once it has left the lists."""

    name: str
    subreddit: str
    at: datetime
    author: str
    title: str
    body: str
    parent: str = ""
    root: str = ""
    listed: bool = True
    more: dict[str, object] = field(default_factory=dict)


class FakeReddit(FakeWeb):
    """Serves tokens, `/r/…/new`, `/r/…/comments`, `/search`, `/message/mentions`, `/api/info`, feeds.

    Fill it with `post` and `comment`, then `edit`, `delete`, `remove`. `trouble` holds answers given
    instead of the next ones (None: the ordinary answer). `left` is the share of requests, counted
    down; `closed` maps a subreddit to the status and reason it answers with. An `after` that has left
    the lists is answered with an empty page, as the real one may.
    """

    def __init__(self) -> None:
        """Begin empty, with one application and one account."""
        super().__init__()
        self.things: list[Thing] = []
        self.client = ("reader", "sesame")
        self.account = ("acmebank", "swordfish")
        self.tokens: set[str] = set()
        self.trouble: deque[Answer | None] = deque()
        self.left: int | None = None
        self.resets_in = 300
        self.closed: dict[str, tuple[int, str]] = {}
        self.named: list[str] = []

    def post(
        self, subreddit: str, at: datetime, title: str, body: str = "", author: str = "ada"
    ) -> str:
        """Add a post and return its full name."""
        name = f"t3_{_base36(len(self.things) + 1_000)}"
        self.things.append(Thing(name, subreddit, at, author, title, body, root=name))
        return name

    def comment(self, on: str, at: datetime, body: str, author: str = "bob") -> str:
        """Answer a post or a comment and return the full name of the answer."""
        parent = self.thing(on)
        name = f"t1_{_base36(len(self.things) + 1_000)}"
        self.things.append(
            Thing(name, parent.subreddit, at, author, "", body, parent=on, root=parent.root)
        )
        return name

    def thing(self, name: str) -> Thing:
        """Find a thing by its full name."""
        return next(thing for thing in self.things if thing.name == name)

    def edit(self, name: str, body: str) -> None:
        """Change what was said."""
        self.thing(name).body = body

    def delete(self, name: str, *, listed: bool = False) -> None:
        """Delete as its author does; with `listed` the lists have not noticed yet."""
        thing = self.thing(name)
        thing.author, thing.body, thing.listed = "[deleted]", "[deleted]", listed

    def expire_tokens(self) -> None:
        """Make every token worthless."""
        self.tokens.clear()

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if self.trouble and (instead := self.trouble.popleft()) is not None:
            return instead
        parts = urlsplit(asked.path)
        path = unquote(parts.path).strip("/")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if f"/{path}" == TOKEN:
            return self._token(asked)
        if path.endswith(".rss"):
            return self._feed(path.removesuffix(".rss"), query)
        token = asked.headers.get("authorization", "").removeprefix("bearer ")
        if token not in self.tokens:
            refused = {"WWW-Authenticate": 'Bearer realm="reddit", error="invalid_token"'}
            return _json({"message": "Unauthorized", "error": 401}, 401, refused)
        if self.left is not None:
            self.left -= 1
        return self._listing(path, query)

    def _token(self, asked: Asked) -> Answer:
        import base64

        basic = asked.headers.get("authorization", "").removeprefix("Basic ")
        if base64.b64decode(basic).decode() != ":".join(self.client):
            return _json({"message": "Unauthorized", "error": 401}, 401)
        sent = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        account = sent.get("username"), sent.get("password")
        if sent.get("grant_type") == "password" and account != self.account:
            return _json({"error": "invalid_grant"})
        token = f"token-{len(self.asked)}"
        self.tokens.add(token)
        told = {"access_token": token, "token_type": "bearer", "expires_in": 86400, "scope": "*"}
        return _json(told)

    def _listing(self, path: str, query: Mapping[str, str]) -> Answer:
        if path == "api/info":
            wanted = query["id"].split(",")
            return self._page([one for one in self.things if one.name in wanted], "")
        status, reason = self.closed.get(path.removeprefix("r/").partition("/")[0], (200, ""))
        if 300 <= status < 400:
            return Answer(status=status, headers={"Location": f"{reason}"})
        if status != 200:
            return _json({"reason": reason, "message": "Forbidden", "error": status}, status)
        shown = self._shown(path, query)
        if shown is None:
            return _json({"message": "Not Found", "error": 404}, 404)
        start = 0
        after = query.get("after", "")
        if after:
            names = [one.name for one in shown]
            start = names.index(after) + 1 if after in names else len(shown)
        size = min(int(query.get("limit", 25)), MOST_A_PAGE)
        page = shown[start : start + size]
        more = bool(page) and start + size < len(shown)
        return self._page(page, page[-1].name if more else "")

    def _shown(self, path: str, query: Mapping[str, str]) -> list[Thing] | None:
        """What a list shows, newest first and no deeper than the real one."""
        newest = sorted(
            (one for one in self.things if one.listed), key=lambda one: (one.at, one.name)
        )[::-1]
        pieces = path.split("/")
        if path == "search":
            words = query["q"].casefold()
            found = [one for one in newest if words in f"{one.title} {one.body}".casefold()]
            return [one for one in found if one.name.startswith("t3_")][:250]
        if path == "message/mentions":
            return [one for one in newest if one.name in self.named][:DEPTH]
        if len(pieces) == 3 and pieces[0] == "r" and pieces[2] in ("new", "comments"):
            kind = "t3_" if pieces[2] == "new" else "t1_"
            mine = [one for one in newest if one.subreddit == pieces[1]]
            return [one for one in mine if one.name.startswith(kind)][:DEPTH]
        return None

    def _page(self, things: Sequence[Thing], after: str) -> Answer:
        children = [{"kind": one.name[:2], "data": _data(one)} for one in things]
        data = {"after": after or None, "before": None, "dist": len(things), "children": children}
        headers = {}
        if self.left is not None:
            headers = {
                "x-ratelimit-remaining": f"{self.left}.0",
                "x-ratelimit-used": "1",
                "x-ratelimit-reset": str(self.resets_in),
            }
        return _json({"kind": "Listing", "data": data}, headers=headers)

    def _feed(self, path: str, query: Mapping[str, str]) -> Answer:
        shown = self._shown(path, query) or []
        entries = "".join(_entry(one) for one in shown[: int(query.get("limit", 25))])
        body = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>r</title>{entries}</feed>"
        headers = {"Content-Type": "application/atom+xml; charset=UTF-8"}
        return Answer(body.encode(), headers=headers)


def _data(thing: Thing) -> dict[str, object]:
    """One thing as the interface writes it, asked with `raw_json=1`."""
    kept: dict[str, object] = {
        "name": thing.name,
        "id": thing.name[3:],
        "author": thing.author,
        "author_fullname": f"t2_{thing.author}",
        "subreddit": thing.subreddit,
        "subreddit_name_prefixed": f"r/{thing.subreddit}",
        "created_utc": thing.at.astimezone(UTC).timestamp(),
        "permalink": _permalink(thing),
        "score": 1,
        "edited": False,
    }
    if thing.name.startswith("t3_"):
        kept |= {
            "title": thing.title,
            "selftext": thing.body,
            "selftext_html": _html(thing.body) if thing.body else None,
            "num_comments": 0,
            "over_18": False,
        }
    else:
        kept |= {
            "body": thing.body,
            "body_html": _html(thing.body),
            "parent_id": thing.parent,
            "link_id": thing.root,
        }
    return {**kept, **thing.more}


def _entry(thing: Thing) -> str:
    """One thing as the feeds write it, with the line they put under posts."""
    post = thing.name.startswith("t3_")
    under = (
        f" &#32; submitted by &#32; <a href='https://www.reddit.com/user/{thing.author}'> "
        f"/u/{thing.author} </a> <br/> <span><a href='x'>[link]</a></span> &#32; "
        "<span><a href='x'>[comments]</a></span>"
    )
    content = f"<!-- SC_OFF -->{_html(thing.body)}<!-- SC_ON -->{under if post else ''}"
    title = thing.title if post else f"/u/{thing.author} on something"
    return (
        f"<entry><author><name>/u/{thing.author}</name></author><id>{thing.name}</id>"
        f"<content type='html'>{html.escape(content)}</content>"
        f"<link href='https://www.reddit.com{_permalink(thing)}'/>"
        f"<updated>{thing.at.isoformat()}</updated><published>{thing.at.isoformat()}</published>"
        f"<title>{html.escape(title)}</title></entry>"
    )


def _permalink(thing: Thing) -> str:
    own = "" if thing.name.startswith("t3_") else f"{thing.name[3:]}/"
    return f"/r/{thing.subreddit}/comments/{thing.root[3:]}/title/{own}"


def _html(body: str) -> str:
    return f'<div class="md"><p>{html.escape(body)}</p>\n</div>'


def _json(told: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    body = json.dumps(told).encode()
    return Answer(body, status=status, headers={"Content-Type": JSON, **(headers or {})})


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits
