"""Mentions from the Fediverse, through servers that speak Mastodon's interface."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sources.errors import Blocked, CredentialsRejected, RateLimited, SourceError
from sources.http.fetch import Fetcher, utc_now
from sources.http.json_answer import read_object
from sources.http.link import host_of
from sources.http.loosejson import Json
from sources.marks import read_marks, write_marks
from sources.mastodon.server import Feed, MastodonServer
from sources.mastodon.status import mention_of, uri_of
from sources.mastodon.walk import Reader, Walked
from sources.protocols import Batch, Check, Health, Verification
from sources.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sources.mastodon.settings import MastodonSettings
    from sources.mention import Mention

_STATUS = re.compile(r"/(?:ap/)?users/[^/]+/statuses/([0-9]+)", re.ASCII)


class MastodonSource:
    """Follows hashtags, local and public timelines of several servers, and one server's search.

    Timelines are walked forward with `min_id`, so that no burst is too long; the last ten minutes
    are read again, for posts that federate late and for early edits. One server's trouble does not
    keep the others from being read. Deletions show when posts are verified. `now` is the clock.
    """

    kind = "mastodon"

    def __init__(self, settings: MastodonSettings, now: Callable[[], datetime] = utc_now) -> None:
        """Nothing is asked before `collect`, `check` or `verify`."""
        self.name = settings.name
        self._settings = settings
        self._now = now

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new since `cursor`, or for the time of `history` without it.

        Raises the first error when every server failed, and RateLimited when one asked for
        patience; the trouble of some is a note, and the source degraded.
        """
        marks = _read(cursor)
        troubles: list[SourceError] = []
        servers = self._servers()
        for address in servers:
            try:
                for batch, mark in self._server(address, marks):
                    marks.update(mark)
                    yield replace(batch, cursor=write_marks(marks))
            except SourceError as error:
                troubles.append(error)
        patience = [error for error in troubles if isinstance(error, RateLimited)]
        if len(troubles) == len(servers) or patience:
            raise (patience or troubles)[0]
        if troubles:
            yield Batch(health=Health.DEGRADED, note="; ".join(map(str, troubles)))

    def check(self) -> Check:
        """Ask every server for everything that is set, once; say what is closed and what to mend."""
        found = []
        for address in self._servers():
            try:
                with self._fetcher() as fetcher:
                    answer = self._look(MastodonServer(fetcher, address, self._token()))
            except CredentialsRejected as error:
                return Check(False, str(error), "token")
            except Blocked as error:
                return Check(False, str(error), error.to_mend("instances"))
            except SourceError as error:
                return Check(False, str(error), "instances")
            if not answer.ok:
                return answer
            found.append(answer.message)
        return Check(True, "; ".join(found))

    def verify(self, ids: Sequence[str]) -> Mapping[str, Verification | Mention]:
        """Ask the server a post is from; what that server no longer has is deleted.

        A server that cannot be asked, or that answers with something else, leaves its posts
        unknown. Never raises for one server's trouble.
        """
        found: dict[str, Verification | Mention] = dict.fromkeys(ids, Verification.UNKNOWN)
        tired: set[str] = set()
        with self._fetcher() as fetcher:
            for uri in found:
                host = host_of(uri)
                if host and host not in tired:
                    try:
                        found[uri] = self._looked_up(fetcher, uri)
                    except SourceError:
                        tired.add(host)
        return found

    def _looked_up(self, fetcher: Fetcher, uri: str) -> Verification | Mention:
        """Ask the server of a post for it: Mastodon by its interface, others by the post's own id.

        Only our own servers' words are taken for an edit: another may write the same ones otherwise.
        """
        parts = urlsplit(uri)
        known = _STATUS.fullmatch(parts.path)
        url = f"{parts.scheme}://{parts.netloc}/api/v1/statuses/{known[1]}" if known else uri
        accept = "application/json" if known else "application/activity+json"
        response = fetcher.get(url, headers={"accept": accept}, accept={404, 410})
        if response.status == 410:
            return Verification.DELETED
        answer = Json(read_object(response))  # a web page is no answer about a post
        if response.status == 404 or answer.text("type") == "Tombstone":
            return Verification.DELETED
        if known and host_of(uri) in map(host_of, self._servers()) and uri_of(answer) == uri:
            return self._said(answer)
        return Verification.PRESENT

    def _said(self, status: Json) -> Verification | Mention:
        try:
            return mention_of(status, self._now()) or Verification.PRESENT
        except ValueError:  # no usable date
            return Verification.PRESENT

    def reply_link(self, mention: Mention) -> str:
        """Return the page of the post, where a person can answer."""
        return mention.url

    def _servers(self) -> tuple[str, ...]:
        base = self._settings.base_url
        return (base,) if base else self._settings.instances

    def _token(self) -> str:
        return self._settings.token.get_secret_value()

    def _fetcher(self) -> Fetcher:
        return Fetcher(allow_private=self._settings.allow_private, now=self._now)

    def _feeds(self) -> list[tuple[Feed, Terms]]:
        """Every timeline to follow, with the words a post in it must have."""
        terms = Terms(self._settings.terms)
        return [
            *((Feed.of_tag(tag), Terms(())) for tag in self._settings.hashtags),
            *((Feed.of_all(local=name == "local"), terms) for name in self._settings.timelines),
        ]

    def _server(self, address: str, marks: Mapping[str, str]) -> Iterator[Walked]:
        now = self._now()
        with self._fetcher() as fetcher:
            reader = Reader(MastodonServer(fetcher, address, self._token()), now)
            begin = now - self._settings.history
            for feed, terms in self._feeds():
                yield from reader.timeline(feed, terms, marks, begin)
            for words in self._settings.search:
                yield from reader.search(words, marks, begin)

    def _look(self, server: MastodonServer) -> Check:
        title = server.title()
        for feed, _ in self._feeds():
            server.timeline(feed, limit=1)
            if server.closed(feed):
                said = f"{title} has switched its {feed.name} off for everybody"
                return Check(False, said, "hashtags" if feed.name[0] == "#" else "timelines")
        for words in self._settings.search:
            server.search(words, 0, limit=1)
        return Check(True, f"{title} answers")


def _read(cursor: str | None) -> dict[str, str]:
    """Read the marks of a cursor; what is none of ours is the beginning."""
    marks = read_marks(cursor).items()
    return {name: mark for name, mark in marks if isinstance(mark, str) and mark.isalnum()}
