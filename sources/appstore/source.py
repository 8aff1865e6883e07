"""Mentions from the App Store: what customers write about an app, country by country."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sources.appstore.settings import AppStoreSettings
from sources.errors import Blocked, SourceError, Unreadable
from sources.http.endpoint import Endpoint
from sources.http.json_answer import Fields, date, fields, identity, metrics, read_object, string
from sources.http.link import safe_link, shown
from sources.http.visitor import Visitor
from sources.mention import Author, Mention
from sources.protocols import Batch, Check
from sources.text import clean, clean_line
from sources.walks.descent import Reach
from sources.walks.listing import Item, Page, page_number
from sources.walks.tour import tour

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sources.walks.listing import Look

HOME = "https://itunes.apple.com"
ANSWERS = "https://appstoreconnect.apple.com/apps"
PAGES = 10  # Apple shows no more, 50 reviews each
PAGE = 50
EMPTY = "the feed is empty: no reviews, or Apple does not show them; that cannot be told apart"


class AppStoreSource(Visitor[AppStoreSettings]):
    """Reads the public review feeds of one app; no key needed.

    Each country is a listing of its own, newest first, at most 500 reviews deep; what is beyond is
    a gap. Apple often answers with an empty feed where there are reviews, so an empty one is
    `degraded` (unknown), never "none". Stars are in the metrics. `now` is the clock; `fetcher`
    makes the fetcher of one visit.
    """

    kind = "appstore"

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield reviews that are new or edited; a country that fails does not hold up the others."""
        own = self._settings
        reach = Reach(own.history, pages=PAGES, empty=EMPTY)
        with self._fetcher() as fetcher:
            listings = self._listings(Endpoint(fetcher, own.base_url or HOME))
            yield from tour(self.kind, cursor, listings, self._now(), own.app, reach)

    def check(self) -> Check:
        """Ask for the first page of every country and say what is there."""
        own = self._settings
        counts: dict[str, int] = {}
        country = ""
        try:
            with self._fetcher() as fetcher:
                endpoint = Endpoint(fetcher, own.base_url or HOME)
                for country, look in self._listings(endpoint).items():
                    counts[country] = len(look("").items)
        except Blocked as error:
            return Check(False, str(error), error.to_mend("base_url"))
        except Unreadable as error:
            return Check(False, f"{country}: {error}", "countries" if counts else "app")
        except SourceError as error:
            return Check(False, f"{country}: {error}", "base_url")
        found = ", ".join(f"{country} {count}" for country, count in counts.items())
        if any(counts.values()):
            return Check(True, f"reviews on the first page: {found}")
        return Check(False, f"no review in {', '.join(counts)}: {EMPTY}", "app")

    def reply_link(self, mention: Mention) -> str:
        """Return the app's page in App Store Connect, where its owner answers reviews."""
        return f"{ANSWERS}/{self._settings.app}" if mention.kind == self.kind else ""

    def _listings(self, endpoint: Endpoint) -> dict[str, Look]:
        return {
            country: partial(self._page, endpoint, country) for country in self._settings.countries
        }

    def _page(self, endpoint: Endpoint, country: str, after: str) -> Page:
        """Fetch one page of a country's reviews; `after` is its number."""
        number = page_number(after)
        app = self._settings.app
        path = f"{country}/rss/customerreviews/page={number}/id={app}/sortby=mostrecent/json"
        response = endpoint.ask(path)
        feed = read_object(response).get("feed")
        if not isinstance(feed, dict):
            raise Unreadable(f"{shown(response.url)}: JSON came without a feed")
        items: list[Item] = []
        rejected: list[str] = []
        entries = [entry for entry in _entries(feed) if "im:rating" in entry]  # the app itself: not
        for place, entry in enumerate(entries, 1):
            item = self._item(entry, country)
            if item is None:
                rejected.append(f"{country}: review {place} of page {number} has no id or date")
            else:
                items.append(item)
        full = len(entries) >= PAGE
        capped = full and number >= PAGES
        # A page with a hole in it is followed too: only an empty one is the end.
        more = bool(entries) and number < PAGES
        return Page(items, str(number + 1) if more else "", capped, rejected)

    def _item(self, entry: Fields, country: str) -> Item | None:
        name = identity(fields(entry.get("id")), "label")
        written = date(fields(entry.get("updated")), "label")
        if not name or written is None:
            return None
        title, text = _label(entry, "title"), _label(entry, "content")
        stars = _label(entry, "im:rating")
        return Item(
            id=name,
            moment=written,
            version="\x1f".join((title, text, stars)),
            read=lambda: self._mention(entry, country, name, written),
        )

    def _mention(self, entry: Fields, country: str, name: str, written: datetime) -> Mention | None:
        title, text = clean_line(_label(entry, "title")), clean(_label(entry, "content"))
        if not title and not text:
            return None
        author = fields(entry.get("author"))
        who = clean_line(_label(author, "name"), 200)
        page = f"https://apps.apple.com/{country}/app/id{self._settings.app}?see-all=reviews"
        return Mention(
            kind=self.kind,
            external_id=name,
            text=text,
            title=title,
            created_at=written,
            author=Author(id=_reviewer(_label(author, "uri")) or who, name=who),
            url=safe_link(page),
            metrics=metrics(stars=_label(entry, "im:rating"), likes=_label(entry, "im:voteSum")),
        )


def _entries(feed: Fields) -> Sequence[Fields]:
    """Return the entries of a feed; a single one comes without its list."""
    found = feed.get("entry")
    listed = found if isinstance(found, list) else [found]
    return [entry for entry in listed if isinstance(entry, dict)]


def _label(found: Fields, name: str) -> str:
    return string(fields(found.get(name)), "label")


def _reviewer(address: str) -> str:
    """Return the number at the end of a reviewer's address: the same in every country."""
    try:
        tail = urlsplit(address).path.rpartition("/")[2].removeprefix("id")
    except ValueError:
        return ""
    return tail if tail.isascii() and tail.isdigit() and len(tail) < 20 else ""
