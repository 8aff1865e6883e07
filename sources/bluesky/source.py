"""Mentions from Bluesky: its whole stream without a key, or its search with an account."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from sources.bluesky.jetstream import Jetstream, http_address, stream_address
from sources.bluesky.people import People
from sources.bluesky.post import parts_of
from sources.bluesky.search import BlueskySearch, Session
from sources.bluesky.stream import BlueskyStream, Bounds, Place
from sources.errors import Blocked, CredentialsRejected, SourceError, Unreadable
from sources.http.fetch import Fetcher, utc_now
from sources.http.json_answer import read_object
from sources.http.link import shown
from sources.http.loosejson import Json
from sources.protocols import Batch, Check, Verification
from sources.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sources.bluesky.settings import BlueskySettings
    from sources.mention import Mention

JETSTREAM = "wss://jetstream.us-west.bsky.network"
SERVER = "https://bsky.social"
IDS_A_REQUEST = 25


class BlueskySource:
    """Listens for posts with one of some terms.

    In mode `jetstream` one run reads the stream until it has caught up with `now`, at most
    `seconds`; deletions come as tombstones. In mode `search` it walks the search for every term;
    deletions show when posts are verified. `bounds` replaces the bounds of a run, for tests.
    """

    kind = "bluesky"
    ids_a_request = IDS_A_REQUEST

    def __init__(
        self,
        settings: BlueskySettings,
        now: Callable[[], datetime] = utc_now,
        bounds: Bounds | None = None,
    ) -> None:
        """Nothing is asked before `collect`, `check` or `verify`."""
        self.name = settings.name
        self._settings = settings
        self._now = now
        self._bounds = bounds or Bounds(seconds=float(settings.seconds))

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new since `cursor`, or for the time of `history` without it.

        Raises the errors of `sources.errors`, naming the address; what came before stays good.
        """
        now = self._now()
        begin = now - self._settings.history
        if self._settings.mode == "search":
            with self._fetcher() as fetcher:
                yield from self._search(fetcher).read(cursor, begin)
        else:
            with self._fetcher() as fetcher:
                people = People(fetcher, self._settings.lookup_url)
                for batch in self._stream().read(Place.read(cursor), begin, now):
                    yield people.named(batch) if batch.mentions else batch

    def check(self) -> Check:
        """Listen for one event, or sign in and search once; say what is there or what to mend."""
        try:
            return self._search_check() if self._settings.mode == "search" else self._stream_check()
        except CredentialsRejected as error:
            setting = "app_password" if self._settings.mode == "search" else "base_url"
            return Check(False, str(error), setting)
        except Blocked as error:
            return Check(False, str(error), error.to_mend("base_url"))
        except SourceError as error:
            return Check(False, str(error), "base_url")

    def verify(self, ids: Sequence[str]) -> Mapping[str, Verification]:
        """Look posts up, 25 at a time: what the network no longer shows is deleted.

        Raises the errors of the fetcher. What is no address of a post is unknown.
        """
        found = dict.fromkeys(ids, Verification.UNKNOWN)
        known = [uri for uri in found if parts_of(uri)]
        server = self._settings.lookup_url
        with self._fetcher() as fetcher:
            for start in range(0, len(known), IDS_A_REQUEST):
                asked = known[start : start + IDS_A_REQUEST]
                query = urlencode({"uris": asked}, doseq=True)
                response = fetcher.get(f"{server}/xrpc/app.bsky.feed.getPosts?{query}")
                answer = Json(read_object(response))
                if not answer.is_list("posts"):
                    raise Unreadable(f"{shown(response.url)} answered without `posts`")
                present = {post.text("uri") for post in answer.each("posts")}
                for uri in asked:
                    there = uri in present
                    found[uri] = Verification.PRESENT if there else Verification.DELETED
        return found

    def reply_link(self, mention: Mention) -> str:
        """Return the page of the post, where a person can answer."""
        return mention.url

    def _fetcher(self) -> Fetcher:
        return Fetcher(allow_private=self._settings.allow_private, now=self._now)

    def _search(self, fetcher: Fetcher) -> BlueskySearch:
        server = http_address(self._settings.base_url) or SERVER
        password = self._settings.app_password.get_secret_value()
        session = Session(fetcher, server, self._settings.handle, password)
        return BlueskySearch(session, self._settings.terms)

    def _stream(self) -> BlueskyStream:
        address = self._address()
        jetstream = Jetstream(address, self._now, allow_private=self._settings.allow_private)
        return BlueskyStream(
            jetstream,
            urlsplit(address).netloc.rpartition("@")[2],
            Terms(self._settings.terms),
            self._bounds,
            is_public=not self._settings.base_url,
        )

    def _address(self) -> str:
        return stream_address(self._settings.base_url) or JETSTREAM

    def _search_check(self) -> Check:
        with self._fetcher() as fetcher:
            self._search(fetcher).look()
        return Check(True, f"signed in as {self._settings.handle}; the search answers")

    def _stream_check(self) -> Check:
        where = shown(self._address())
        event = self._stream().look(self._now())
        if event is None:
            silence = (
                f"{where} is connected but sent nothing within {self._bounds.silence:g} seconds"
            )
            return Check(bool(self._settings.base_url), silence, "base_url")
        if not event.text("$type"):
            return Check(False, f"{where} sends something else than Jetstream v2", "base_url")
        return Check(True, f"{where} is connected and events flow")
