"""One server that speaks Mastodon's interface, asked politely and read with suspicion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from sources.errors import CredentialsRejected, SourceError, Unreadable
from sources.http.endpoint import Endpoint
from sources.http.json_answer import read_json, read_object
from sources.http.link import host_of, shown
from sources.http.loosejson import Json
from sources.mastodon.status import uri_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sources.http.fetch import Fetcher

PAGE = 40
IDS_A_REQUEST = 20
_REFUSALS = frozenset({401, 403, 422})


@dataclass(frozen=True, slots=True)
class Feed:
    """A timeline: its name in cursors and notes, its path, and whose access setting it obeys."""

    name: str
    path: str
    access: str
    local: bool = False

    @classmethod
    def of_tag(cls, tag: str) -> Feed:
        """Return the timeline of a hashtag."""
        return cls(f"#{tag}", f"api/v1/timelines/tag/{quote(tag, safe='')}", "hashtag_feeds")

    @classmethod
    def of_all(cls, *, local: bool) -> Feed:
        """Return the timeline of everything, or of the server's own people."""
        name = "local timeline" if local else "public timeline"
        return cls(name, "api/v1/timelines/public", "live_feeds", local)


@dataclass(slots=True)
class MastodonServer:
    """Asks one server with one fetcher. Raises the errors of `sources.errors`, naming the address."""

    fetcher: Fetcher
    address: str
    token: str = ""
    _closed: Mapping[str, str] | None = None
    _parents: dict[str, str] = field(default_factory=dict)
    _tells_parents: bool = True

    @property
    def name(self) -> str:
        """The host, for cursors and notes."""
        return self.address.partition("://")[2]

    def timeline(self, feed: Feed, min_id: str = "", limit: int = PAGE) -> list[Json]:
        """Return the posts right behind `min_id`, or the newest without it."""
        parameters: dict[str, str | int] = {"limit": limit, "min_id": min_id}
        if feed.local:
            parameters["local"] = "true"
        found = self._ask(feed.path, parameters, f"its {feed.name}")
        return self._statuses(found, feed.path)

    def search(self, words: str, offset: int, limit: int = PAGE) -> list[Json]:
        """Return the posts found, newest first, from position `offset` on."""
        path = "api/v2/search"
        parameters: dict[str, str | int] = {
            "q": words,
            "type": "statuses",
            "limit": limit,
            "offset": offset,
        }
        return self._statuses(self._ask(path, parameters, "its search").at("statuses"), path)

    def title(self) -> str:
        """Return the server's name and version."""
        about = self._about()
        return (
            f"{about.text('title')[:60] or self.name} ({about.text('version')[:40] or 'unknown'})"
        )

    def closed(self, feed: Feed) -> bool:
        """Say whether the server has switched a timeline off: it is empty then, without an error.

        A server that does not tell has not.
        """
        if self._closed is None:
            try:
                access = self._about().at("configuration", "timelines_access")
            except SourceError:
                access = Json()
            self._closed = {
                f"{kind} {side}": access.text(kind, side)
                for kind in ("live_feeds", "hashtag_feeds")
                for side in ("local", "remote")
            }
        sides = ("local",) if feed.local else ("local", "remote")
        return any(self._closed[f"{feed.access} {side}"] == "disabled" for side in sides)

    def parents(self, statuses: Iterable[Json]) -> Mapping[str, str]:
        """Return the uris of what these posts answer, by the server's own ids; what is known of them.

        A server that does not tell (before 4.3, or members only) is not asked again.
        """
        wanted = {status.text("in_reply_to_id") for status in statuses} - {""}
        missing = sorted(wanted - self._parents.keys())
        for start in range(0, len(missing), IDS_A_REQUEST):
            if not self._tells_parents:
                break
            try:
                self.learn(self._looked_up(missing[start : start + IDS_A_REQUEST]))
            except SourceError:
                self._tells_parents = False
        return {name: self._parents[name] for name in wanted if self._parents.get(name)}

    def learn(self, statuses: Iterable[Json]) -> None:
        """Remember the uris of posts, for those that answer them."""
        self._parents.update({status.text("id"): uri_of(status) for status in statuses})

    def _looked_up(self, ids: Sequence[str]) -> list[Json]:
        path = f"api/v1/statuses?{'&'.join(f'id[]={quote(one)}' for one in ids)}"
        found = self._statuses(self._ask(path, {}, "single posts"), path)
        self._parents.update(dict.fromkeys(ids, ""))
        return found

    def _about(self) -> Json:
        endpoint = Endpoint(self.fetcher, self.address)
        response = endpoint.ask("api/v2/instance", accept={404})
        if response.status == 404:  # before 4.0, and many kindred servers
            response = endpoint.ask("api/v1/instance")
        return Json(read_object(response))

    def _ask(self, path: str, parameters: Mapping[str, str | int], what: str) -> Json:
        endpoint = Endpoint(self.fetcher, self.address)
        headers = {"accept": "application/json"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        url = endpoint.url(path, parameters)
        response = self.fetcher.get(url, headers=headers, accept=_REFUSALS)
        if response.status in _REFUSALS:
            advice = (
                "is `token` still good, and does it have read:statuses and read:search?"
                if self.token
                else "it shows that to members only: set `token`, or leave it out"
            )
            raise CredentialsRejected(
                f"{shown(url)} refuses to show {what} ({response.status}); {advice}"
            )
        return Json(read_json(response))

    def _statuses(self, found: Json, path: str) -> list[Json]:
        if not found.is_list():
            where = shown(f"{self.address}/{path}")
            raise Unreadable(
                f"{where}: expected a list of posts; is {host_of(self.address)} right?"
            )
        return list(found.each())
