"""Mentions from Reddit: new posts and comments of subreddits, searches, and an account's mentions."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from sources.errors import (
    Blocked,
    CredentialsRejected,
    Gone,
    SourceError,
    Transient,
    Unreadable,
)
from sources.http.fetch import Fetcher, Limits, utc_now
from sources.protocols import Batch, Check, Verification
from sources.reddit.listing import PAGE, Door, Feeds, Forbidden, Interface, Listing, listings
from sources.reddit.post import FULL_NAME, KIND, SITE
from sources.walks.walk import Page, Place, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sources.mention import Mention
    from sources.reddit.settings import RedditSettings

FORMAT = 1


class RedditSource:
    """Reads the newest posts and comments of each subreddit, search and inbox, through praw.

    Every list is walked from its newest item to where the last whole walk began, and ten minutes
    further; the walk under way is in the cursor, so that a burst, a crash or a deleted anchor loses
    nothing, and what lies beyond the depth of a list is a gap. Batches are oldest first in
    themselves, a walk's pages newest first. Items come again when their words change. A list that
    is closed or wrong is reported after the others were read. With `mode: rss` the feeds are read
    instead, one page a visit. `now` is the clock; `limits` caps one answer.
    """

    kind = KIND
    ids_a_request = PAGE

    def __init__(
        self,
        settings: RedditSettings,
        now: Callable[[], datetime] = utc_now,
        limits: Limits | None = None,
    ) -> None:
        """Nothing is asked, and praw not loaded, before `collect`, `check` or `verify`."""
        self.name = settings.name
        self._settings = settings
        self._now = now
        self._limits = limits
        self._listings = tuple(listings(settings))

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new in every list, beginning behind the one that was finished last.

        Raises RateLimited before Reddit's share of requests is used up, and the other errors of
        `sources.errors`.
        """
        places, last = _read(cursor)
        closed: list[SourceError] = []
        with self._door() as door:
            for listing in _behind(self._listings, last):
                place = places.get(listing.name, Place())
                try:
                    for step in walk(
                        place, _asker(door, listing), door.depth, listing.name, self._now()
                    ):
                        places[listing.name] = step.place
                        last = listing.name if step.whole else last
                        yield replace(step.batch, cursor=self._write(places, last))
                except (Gone, Unreadable, Forbidden) as error:
                    closed.append(error)
        if closed:
            more = f" (and {len(closed) - 1} more such lists)" if len(closed) > 1 else ""
            closed[0].args = (f"{closed[0]}{more}",)
            raise closed[0]

    def check(self) -> Check:
        """Ask every list for one item, and say which setting to mend."""
        setting = self._listings[0].setting
        try:
            with self._door() as door:
                for listing in self._listings:
                    setting = listing.setting
                    door.ask(listing, "", 1)
        except SourceError as error:
            return Check(False, str(error), self._to_mend(error, setting))
        return Check(True, f"{', '.join(one.name for one in self._listings)}: can be read")

    def verify(self, ids: Sequence[str]) -> Mapping[str, Verification | Mention]:
        """Look posts and comments up, a hundred a call; a missing author or words means deleted.

        What is there comes with its words of today, what Reddit does not know is `unknown`. Needs
        `mode: api`; with feeds all are unknown.
        """
        found: dict[str, Verification | Mention] = dict.fromkeys(ids, Verification.UNKNOWN)
        if self._settings.mode == "rss":
            return found
        names = [name for name in found if FULL_NAME.fullmatch(name)]
        with self._interface() as interface:
            for start in range(0, len(names), PAGE):
                for name, became in interface.looked_up(names[start : start + PAGE]):
                    if name in found:
                        found[name] = became
        return found

    def reply_link(self, mention: Mention) -> str:
        """Return the page of the post or comment, where a person can answer."""
        return mention.url

    def _interface(self) -> Interface:
        from sources.reddit.client import RedditClient

        return Interface(RedditClient(self._settings, self._now, self._limits), self._now)

    def _door(self) -> Door:
        if self._settings.mode == "api":
            return self._interface()
        fetcher = Fetcher(
            allow_private=self._settings.allow_private, limits=self._limits, now=self._now
        )
        return Feeds(fetcher, self._settings.base_url or SITE, self._now)

    def _to_mend(self, error: SourceError, setting: str) -> str:
        if isinstance(error, Blocked):
            return error.to_mend("base_url")
        if isinstance(error, CredentialsRejected) and not isinstance(error, Forbidden):
            return "password" if "password" in str(error) else "client_id"
        if self._settings.base_url and (
            isinstance(error, Transient) or "base_url" in str(error)
        ):  # another server than Reddit's: it is the likelier trouble
            return "base_url"
        return setting

    def _write(self, places: Mapping[str, Place], last: str) -> str:
        """Write the cursor, without lists that are configured no more."""
        names = {listing.name for listing in self._listings}
        kept = {name: place.write() for name, place in places.items() if name in names}
        data = {"format": FORMAT, "last": last, "listings": kept}
        return json.dumps(data, separators=(",", ":"))


def _asker(door: Door, listing: Listing) -> Callable[[str], Page]:
    return lambda after: door.ask(listing, after)


def _behind(lists: Sequence[Listing], last: str) -> Iterator[Listing]:
    """Turn the lists so that the one after `last` comes first: each has its turn, come what may."""
    names = [listing.name for listing in lists]
    start = names.index(last) + 1 if last in names else 0
    yield from (*lists[start:], *lists[:start])


def _read(cursor: str | None) -> tuple[dict[str, Place], str]:
    """Read a cursor: the place in every list, and the list that was finished last."""
    try:
        data = json.loads(cursor or "")
        if data["format"] != FORMAT:
            return {}, ""
        places = {str(name): Place.read(one) for name, one in data["listings"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}, ""
    return places, str(data.get("last", ""))
