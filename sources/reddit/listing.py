"""The lists of Reddit a source reads, and the two doors to them: the interface and the feeds."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import quote, urlencode

from sources.closing import Closing
from sources.errors import CredentialsRejected
from sources.protocols import Verification
from sources.reddit.feed import read_reddit_feed
from sources.reddit.post import read_listing, withdrawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sources.http.fetch import Fetcher
    from sources.mention import Mention
    from sources.reddit.client import RedditClient
    from sources.reddit.settings import RedditSettings
    from sources.walks.walk import Page

PAGE = 100


class Forbidden(CredentialsRejected):
    """One list is closed to this account; the others may be open."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One list that is walked: its name in cursors and notes, path, parameters, and its setting."""

    name: str
    path: str
    params: Mapping[str, str]
    setting: str


class Door(Protocol):
    """One way to Reddit's lists, open in a `with`.

    A list that shows fewer than `depth` items is there as a whole.
    """

    depth: int

    def ask(self, listing: Listing, after: str, size: int = PAGE) -> Page:
        """Return the page of a list behind `after`, "" for its top."""
        ...

    def __enter__(self) -> Self:
        """Open it."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close its connections."""
        ...


def listings(settings: RedditSettings) -> Iterator[Listing]:
    """Name every list the settings ask for."""
    for subreddit in settings.subreddits:
        place = f"r/{subreddit}"
        yield Listing(f"{place}/new", f"{place}/new", {}, "subreddits")
        if settings.comments:
            yield Listing(f"{place}/comments", f"{place}/comments", {}, "subreddits")
    for words in settings.search:
        asked = {"q": words, "sort": "new", "t": "all", "type": "link"}
        yield Listing(f"search {words!r}", "search", asked, "search")
    if settings.mentions:
        yield Listing("mentions", "message/mentions", {}, "mentions")


class Interface(Closing):
    """Reddit's interface, through praw."""

    depth = 200  # lists end at 1,000 items, searches at about 250

    def __init__(self, client: RedditClient, now: Callable[[], datetime]) -> None:
        """Ask for nothing yet."""
        self._client = client
        self._now = now

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def ask(self, listing: Listing, after: str, size: int = PAGE) -> Page:
        """Return the page behind the item `after`."""
        params: dict[str, str | int] = {**listing.params, "limit": size}
        if after:
            params["after"] = after
        return read_listing(self._client.get(listing.path, params), self._now())

    def looked_up(self, names: Sequence[str]) -> Iterator[tuple[str, Verification | Mention]]:
        """Yield the full name of every item Reddit knows of, and what became of it."""
        answer = self._client.get("api/info", {"id": ",".join(names), "limit": PAGE})
        page = read_listing(answer, self._now())  # raises when it is none
        said = {mention.external_id: mention for mention in page.mentions}
        for child in answer["data"]["children"] if isinstance(answer, dict) else ():
            own = child.get("data") if isinstance(child, dict) else None
            if isinstance(own, dict) and isinstance(own.get("name"), str) and "author" in own:
                name = own["name"]
                there = said.get(name, Verification.PRESENT)
                yield name, Verification.DELETED if withdrawn(own) else there


class Feeds(Closing):
    """Reddit's feeds, through the guarded fetcher: the newest hundred of a list, and no more."""

    depth = 25

    def __init__(self, fetcher: Fetcher, base_url: str, now: Callable[[], datetime]) -> None:
        """Ask for nothing yet."""
        self._fetcher = fetcher
        self._base_url = base_url
        self._now = now

    def close(self) -> None:
        """Close its connections."""
        self._fetcher.close()

    def ask(self, listing: Listing, after: str, size: int = PAGE) -> Page:
        """Return the whole feed; it has one page."""
        query = urlencode({**listing.params, "limit": PAGE})
        address = f"{self._base_url}/{quote(listing.path)}.rss?{query}"
        return read_reddit_feed(self._fetcher.get(address), self._now())
