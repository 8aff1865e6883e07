"""Mentions from Lemmy: posts and comments an instance knows, newest first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sources.errors import (
    Blocked,
    CredentialsRejected,
    Gone,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.http.endpoint import Endpoint, Parameters
from sources.http.fetch import Fetcher, Response
from sources.http.json_answer import Fields, fields, listed, read_json, read_object, string
from sources.http.link import shown
from sources.http.visitor import Visitor
from sources.lemmy.post import comment_item, post_item
from sources.lemmy.settings import LemmySettings
from sources.mention import Mention
from sources.protocols import Batch, Check, Verification
from sources.text import clean_line
from sources.walks.descent import Reach
from sources.walks.listing import Item, Look, Page, page_number
from sources.walks.tour import tour

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


POSTS, COMMENTS = "posts", "comments"
MOST_A_PAGE = 50
PAGES_A_RUN = 20
FEDERATED_LATE = 6  # times the usual overlap: other instances deliver late
_ERRORS = (400, 404)


class LemmySource(Visitor[LemmySettings]):
    """Reads one instance: a search, some communities, or everything; no key needed.

    Posts and comments are walked newest first down to what was read before, each page a batch.
    Their ids are those of the Fediverse, so that two instances bring one mention. Deleted ones come
    as tombstones. `now` is the clock; `fetcher` makes the fetcher of one visit.
    """

    kind = "lemmy"

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new since `cursor`; a community that fails does not hold up the others."""
        own = self._settings
        usual = Reach()
        reach = Reach(own.history, usual.overlap * FEDERATED_LATE, PAGES_A_RUN)
        about = f"{own.url}\n{own.query}\n{own.scope}"
        with self._fetcher() as fetcher:
            listings = self._listings(Endpoint(fetcher, own.base_url or own.url))
            yield from tour(self.kind, cursor, listings, self._now(), about, reach)

    def check(self) -> Check:
        """Ask for one page of every listing and say what is there, or which setting to mend."""
        own = self._settings
        found = 0
        setting = "url"
        try:
            with self._fetcher() as fetcher:
                endpoint = Endpoint(fetcher, own.base_url or own.url)
                site = fields(read_object(endpoint.ask("api/v3/site")).get("site_view"))
                title = string(fields(site.get("site")), "name")
                setting = "communities" if own.communities else "query" if own.query else "url"
                for look in self._listings(endpoint).values():
                    found += len(look("").items)
        except (Transient, CredentialsRejected, Gone) as error:
            return Check(False, str(error), "url")
        except Blocked as error:
            return Check(False, str(error), error.to_mend("url"))
        except SourceError as error:
            return Check(False, str(error), setting)
        return Check(True, f"{clean_line(title, 80)!r}: {found} posts and comments on first pages")

    def reply_link(self, mention: Mention) -> str:
        """Return the page of the post, on the instance it was written on."""
        return mention.url

    def verify(self, ids: Sequence[str]) -> Mapping[str, Verification]:
        """Ask every post's own address for it, as instances do: only a tombstone means deleted."""
        with self._fetcher() as fetcher:
            return {name: _became(fetcher, name) for name in ids}

    def _listings(self, endpoint: Endpoint) -> dict[str, Look]:
        own = self._settings
        wanted = [POSTS] * own.posts + [COMMENTS] * own.comments
        return {
            f"{community}:{what}" if community else what: partial(
                self._page, endpoint, what, community.removeprefix("!")
            )
            for community in own.communities or ("",)
            for what in wanted
        }

    def _page(self, endpoint: Endpoint, what: str, community: str, after: str) -> Page:
        """Fetch one page; `after` is its number."""
        own = self._settings
        number = page_number(after)
        place: dict[str, str | int] = {
            "sort": "New",
            "community_name": community,
            "limit": MOST_A_PAGE,
            "page": number,
        }
        scope = own.scope.capitalize()
        if own.query:
            path = "api/v3/search"
            asking: Parameters = {
                "q": own.query,
                "type_": what.capitalize(),
                "listing_type": scope,
                **place,
            }
        else:
            path = f"api/v3/{what.removesuffix('s')}/list"
            asking = {"type_": scope, **place}
        response = endpoint.ask(path, asking, _ERRORS)
        found = _answered(response)
        entries = [fields(entry) for entry in listed(found, what, response.url)]
        items, rejected = _items(what, entries)
        return Page(items, str(number + 1) if entries else "", rejected=rejected)


def _items(what: str, entries: Sequence[Fields]) -> tuple[list[Item], list[str]]:
    """Read the entries of a page; what lacks an id or a date is named, not guessed."""
    addresses = {
        comment.get("id"): string(comment, "ap_id")
        for comment in (fields(entry.get("comment")) for entry in entries)
    }
    items, rejected = [], []
    for place, entry in enumerate(entries, 1):
        item = post_item(entry) if what == POSTS else comment_item(entry, addresses)
        if item is None:
            rejected.append(f"{what} entry {place} has no address or no date")
        else:
            items.append(item)
    return items, rejected


def _answered(response: Response) -> Fields:
    """Return the answer; Lemmy names its errors in the body, also with status 200."""
    found = read_object(response)
    error = clean_line(string(found, "error"), 100)
    if not error and response.status < 400:
        return found
    where = shown(response.url)
    if "rate_limit" in error:
        raise RateLimited(f"{where} asks for patience ({error})")
    if "not_logged_in" in error or "private" in error:
        raise CredentialsRejected(f"{where} is not open to the public ({error})")
    raise Unreadable(
        f"{where} refuses ({error or response.status}); do the settings name it right?"
    )


def _became(fetcher: Fetcher, address: str) -> Verification:
    headers = {"accept": "application/activity+json"}
    try:
        response = fetcher.get(address, headers=headers, accept=(410,))
        kind = string(fields(read_json(response)), "type") if response.body.strip() else ""
    except RateLimited:
        raise
    except SourceError:
        return Verification.UNKNOWN
    if response.status == 410 or kind == "Tombstone":
        return Verification.DELETED
    return Verification.PRESENT if kind in ("Page", "Note", "Article") else Verification.UNKNOWN
