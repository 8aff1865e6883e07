"""Bluesky by its search, with an account: newest first, one walk a term, down to where the last began."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sources.bluesky.post import author_of, mention_of, parts_of
from sources.errors import CredentialsRejected, Unreadable
from sources.http.json_answer import metrics, read_object
from sources.http.link import shown
from sources.http.loosejson import Json
from sources.moments import moment
from sources.protocols import Batch, Health

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sources.http.fetch import Fetcher
    from sources.mention import Mention

PAGE = 100
PAGES_A_RUN = 30
OVERLAP = timedelta(minutes=30)  # the index gets posts late
STEP = timedelta(milliseconds=1)  # `until` is exclusive, and many posts share a millisecond
_EXPIRED = frozenset({"ExpiredToken", "InvalidToken"})


class Session:
    """Asks a Bluesky server as an account; signs in when needed, once more when a token expires.

    No token leaves this object. Raises CredentialsRejected naming the setting to mend.
    """

    def __init__(self, fetcher: Fetcher, server: str, handle: str, password: str) -> None:
        """Ask nothing yet; `server` is an http(s) address."""
        self._fetcher = fetcher
        self._server = server
        self._account = {"identifier": handle, "password": password}
        self._token = ""

    def get(self, method: str, query: Mapping[str, str | int | Sequence[str]]) -> Json:
        """Ask an XRPC method and return its answer."""
        url = f"{self._server}/xrpc/{method}?{urlencode(query, doseq=True)}"
        for signed_in_anew in (not self._token, True):
            if not self._token:
                self._sign_in()
            headers = {"authorization": f"Bearer {self._token}"}
            response = self._fetcher.get(url, headers=headers, accept={400, 401})
            answer = Json(read_object(response))
            if response.status == 200:
                return answer
            self._token = ""
            if signed_in_anew or answer.text("error") not in _EXPIRED:
                break
        said = f"{answer.text('error')[:80]}: {answer.text('message')[:200]}"
        if response.status == 401 or answer.text("error") in _EXPIRED:
            raise CredentialsRejected(f"{shown(url)} refuses the account ({said})")
        raise Unreadable(f"{shown(url)} cannot be asked so ({said})")

    def _sign_in(self) -> None:
        url = f"{self._server}/xrpc/com.atproto.server.createSession"
        body = json.dumps(self._account).encode()
        response = self._fetcher.post(url, body, accept={400, 401})
        answer = Json(read_object(response))
        self._token = answer.text("accessJwt")
        if response.status != 200 or not self._token:
            said = f"{answer.text('error')[:80]}: {answer.text('message')[:200]}"
            raise CredentialsRejected(
                f"{shown(url)} refuses to sign in ({said}); set `handle`, and `app_password` to an "
                "app password (Settings → Privacy and security → App passwords)"
            )


@dataclass(frozen=True, slots=True)
class Walk:
    """How far one term has been searched.

    `mark` is the newest post of the last whole walk. Of the walk under way, `top` is its newest
    post and `until` where it goes on.
    """

    mark: datetime | None = None
    top: datetime | None = None
    until: datetime | None = None

    @classmethod
    def read(cls, data: object) -> Walk:
        """Read what `write` wrote; what makes no sense is the beginning."""
        found = Json(data)
        return cls(*(moment(found.text(name)) for name in ("mark", "top", "until")))

    def write(self) -> dict[str, str]:
        """Return what goes into a cursor."""
        parts = {"mark": self.mark, "top": self.top, "until": self.until}
        return {name: part.isoformat() for name, part in parts.items() if part is not None}


class BlueskySearch:
    """Searches every term, newest posts first, in pages of 100.

    Pages are cut by time, not by position, so that a post deleted meanwhile moves nothing. The mark
    moves when a walk is whole; one that is stopped goes on where it was.
    """

    def __init__(self, session: Session, terms: Sequence[str]) -> None:
        """Search with `session`; each term is a search of its own."""
        self._session = session
        self._terms = tuple(dict.fromkeys(terms))

    def read(self, cursor: str | None, begin: datetime) -> Iterator[Batch]:
        """Yield what is new since `cursor`, or since `begin` without it."""
        walks = _read(cursor)
        walks = {term: walks.get(term, Walk()) for term in self._terms}
        for term in self._terms:
            for batch, walk in self._walk(term, walks[term], begin):
                walks[term] = walk
                yield replace(batch, cursor=_write(walks))

    def look(self) -> int:
        """Ask for one post of the first term and return how many there are on the page."""
        query: dict[str, str | int] = {"q": _phrase(self._terms[0]), "sort": "latest", "limit": 1}
        return len(list(self._posts(query)[0]))

    def _walk(self, term: str, walk: Walk, begin: datetime) -> Iterator[tuple[Batch, Walk]]:
        mark = walk.mark or begin
        walk = replace(walk, mark=mark)
        position = ""
        for _ in range(PAGES_A_RUN):
            query: dict[str, str | int] = {
                "q": _phrase(term),
                "sort": "latest",
                "limit": PAGE,
                "since": _stamp(mark - OVERLAP),
                **({"until": _stamp(walk.until)} if walk.until else {}),
                **({"cursor": position} if position else {}),
            }
            posts, behind = self._posts(query)
            moments = [when for post in posts if (when := _sorted_at(post)) is not None]
            top = max([*moments, walk.top or mark])
            until = min(moments) + STEP if moments else walk.until
            moved = until is not None and (walk.until is None or until < walk.until)
            position = "" if moved else behind  # a page of one moment is left by position
            walk = Walk(mark, top, until)
            ended = not posts or not behind
            if ended:
                walk = Walk(mark=max(mark, top))
            yield _batch(posts, mark), walk
            if ended:
                return
        note = f"{PAGES_A_RUN * PAGE:,} posts read; the next run goes on from there"
        yield Batch(health=Health.DEGRADED, note=note), walk

    def _posts(self, query: Mapping[str, str | int]) -> tuple[list[Json], str]:
        """Return the posts of one page and the position behind it, "" at the end."""
        answer = self._session.get("app.bsky.feed.searchPosts", query)
        if not answer.is_list("posts"):
            raise Unreadable("app.bsky.feed.searchPosts answered without `posts`")
        return list(answer.each("posts")), answer.text("cursor")


def _batch(posts: Sequence[Json], mark: datetime) -> Batch:
    mentions: dict[str, Mention] = {}
    rejected = []
    fresh = False
    for post in posts:
        uri, when = post.text("uri"), _sorted_at(post)
        if parts_of(uri) is None or when is None:
            rejected.append(f"a post has no usable address or date: {uri[:100]!r}")
            continue
        counts = metrics(
            likes=post.whole("likeCount"),
            replies=post.whole("replyCount"),
            reposts=post.whole("repostCount"),
            quotes=post.whole("quoteCount"),
        )
        seen = moment(post.text("indexedAt")) or when
        mention = mention_of(uri, post.at("record"), seen, author_of(post.at("author")), counts)
        if mention is not None:
            mentions[uri] = mention
            fresh = fresh or when > mark
    found = sorted(mentions.values(), key=lambda mention: mention.created_at)
    calm = Health.HEALTHY if fresh else Health.QUIET
    health = Health.DEGRADED if rejected else calm
    note = f"{len(rejected)} posts could not be read" if rejected else ""
    return Batch(mentions=found, health=health, note=note, rejected=rejected)


def _sorted_at(post: Json) -> datetime | None:
    """Where a post stands in the search: when it was written, but never before it was seen."""
    written, seen = moment(post.text("record", "createdAt")), moment(post.text("indexedAt"))
    return min(written, seen) if written and seen else written or seen


def _phrase(term: str) -> str:
    return term if term.startswith(("#", "@")) else f'"{term.replace(chr(34), " ").strip()}"'


def _stamp(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read(cursor: str | None) -> dict[str, Walk]:
    try:
        found = Json(json.loads(cursor or ""))
    except ValueError:
        return {}
    value = found.at("terms").value
    return {name: Walk.read(one) for name, one in value.items()} if isinstance(value, dict) else {}


def _write(walks: Mapping[str, Walk]) -> str:
    return json.dumps({"terms": {term: walk.write() for term, walk in walks.items()}})
