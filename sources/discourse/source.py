"""Mentions from Discourse forums: every public post, or what a search finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sources.discourse.post import KIND, Forum, is_gone, titles_of
from sources.discourse.settings import DiscourseSettings
from sources.errors import Blocked, RateLimited, SourceError, Unreadable
from sources.http.endpoint import Endpoint
from sources.http.fetch import Fetcher, Response, utc_now
from sources.http.json_answer import (
    Fields,
    date,
    fields,
    identity,
    listed,
    read_object,
    string,
    whole,
)
from sources.http.visitor import Visitor
from sources.mention import Mention
from sources.protocols import Batch, Check, Verification
from sources.walks.descent import Reach
from sources.walks.listing import Item, Page, page_number
from sources.walks.tour import tour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime


PAGE = 50
POSTS_REACH = 40  # pages a run; a forum allows 200 requests a minute
SEARCH_REACH = 3  # pages a run; every hit is looked up by itself
SEARCH_DEPTH = 10  # pages Discourse shows of a search


class DiscourseSource(Visitor[DiscourseSettings]):
    """Reads one forum; no key needed.

    Without a query every public post, by the ids of posts, which never change; with one, what the
    forum's own search finds, newest first, each hit fetched whole. `now` is the clock; `fetcher`
    makes the fetcher of one visit.
    """

    kind = KIND

    def __init__(
        self,
        settings: DiscourseSettings,
        now: Callable[[], datetime] = utc_now,
        fetcher: Callable[[], Fetcher] | None = None,
    ) -> None:
        """Nothing is fetched before `collect` or `check`."""
        super().__init__(settings, now, fetcher)
        self._forum = Forum(settings.url)

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new since `cursor`, one batch a page, newest first."""
        own = self._settings
        about = f"{own.url}\n{own.query}"
        reach = Reach(own.history, pages=SEARCH_REACH if own.query else POSTS_REACH)
        with self._fetcher() as fetcher:
            endpoint = Endpoint(fetcher, own.base_url or own.url)
            look = _Search(self._forum, endpoint, own.query) if own.query else None
            listing = look.page if look else _Posts(self._forum, endpoint).page
            yield from tour(self.kind, cursor, {"posts": listing}, self._now(), about, reach)

    def check(self) -> Check:
        """Ask for the first page and say what is there, or which setting to mend."""
        own = self._settings
        try:
            with self._fetcher() as fetcher:
                endpoint = Endpoint(fetcher, own.base_url or own.url)
                if own.query:
                    count = len(_Search(self._forum, endpoint, own.query).page("").items)
                    return Check(True, f"{count} posts on the first page of the search")
                count = len(_Posts(self._forum, endpoint).page("").items)
                return Check(True, f"the latest {count} posts can be read")
        except Blocked as error:
            return Check(False, str(error), error.to_mend("url"))
        except SourceError as error:
            return Check(False, str(error), "url")

    def reply_link(self, mention: Mention) -> str:
        """Return the page of the post, where a person with an account there answers."""
        return mention.url

    def verify(self, ids: Sequence[str]) -> Mapping[str, Verification | Mention]:
        """Look every post up; only Discourse's own "not found" and "deleted" mean deleted.

        Ids of other forums are unknown. Raises RateLimited.
        """
        own = self._settings
        with self._fetcher() as fetcher:
            endpoint = Endpoint(fetcher, own.base_url or own.url)
            return {name: self._became(endpoint, name) for name in ids}

    def _became(self, endpoint: Endpoint, external_id: str) -> Verification | Mention:
        place = self._forum.place_of(external_id)
        if place is None:
            return Verification.UNKNOWN
        try:
            response = endpoint.ask(f"posts/by_number/{place[0]}/{place[1]}.json", accept=(404,))
            found = read_object(response)
        except RateLimited:
            raise
        except SourceError:
            return Verification.UNKNOWN
        if response.status == 404:
            said = string(found, "error_type") == "not_found"
            return Verification.DELETED if said else Verification.UNKNOWN
        if is_gone(found):
            return Verification.DELETED
        if not identity(found, "id"):
            return Verification.UNKNOWN
        return self._forum.mention(found) or Verification.PRESENT


class _Posts:
    """Every public post of a forum, by falling id."""

    def __init__(self, forum: Forum, endpoint: Endpoint) -> None:
        self._forum = forum
        self._endpoint = endpoint

    def page(self, after: str) -> Page:
        """Fetch the posts up to the id `after`.

        Old versions of Discourse show what there is among the 50 ids up to it, be it nothing, new
        ones the 50 posts below it. Asking again from the lowest id seen, or 49 lower when there was
        none, goes down on both and skips nothing.
        """
        response = self._endpoint.ask("posts.json", {"before": after})
        entries = [
            fields(entry) for entry in listed(_answered(response), "latest_posts", response.url)
        ]
        items, rejected = [], []
        for place, post in enumerate(entries, 1):
            item = self._item(post)
            if item is None:
                rejected.append(f"post {place} of the page has no id, topic or date")
            else:
                items.append(item)
        return Page(items, _below(after, entries), rejected=rejected)

    def _item(self, post: Fields) -> Item | None:
        topic, number = identity(post, "topic_id"), whole(post, "post_number")
        written = date(post, "created_at")
        if not topic or number is None or written is None:
            return None
        title = string(post, "topic_title") if number == 1 else ""
        return Item(
            id=self._forum.post_id(topic, number),
            moment=written,
            version=f"{string(post, 'cooked')}\x1f{title}",
            read=lambda: self._forum.mention(post),
            deleted=is_gone(post),
        )


class _Search:
    """What a forum's search finds, newest first; the words of each hit are fetched when new."""

    def __init__(self, forum: Forum, endpoint: Endpoint, query: str) -> None:
        self._forum = forum
        self._endpoint = endpoint
        self._query = f"{query} order:latest"

    def page(self, after: str) -> Page:
        """Fetch one page of hits; `after` is its number."""
        number = page_number(after)
        response = self._endpoint.ask("search.json", {"q": self._query, "page": number})
        found = _answered(response)
        summary = fields(found.get("grouped_search_result"))
        if string(summary, "error"):
            raise Unreadable(
                f"{self._endpoint.base} refuses the search: {string(summary, 'error')}"
            )
        hits = listed(found, "posts", response.url) if "posts" in found else ()
        titles = titles_of(found, response.url)
        items, rejected = [], []
        for place, hit in enumerate(map(fields, hits), 1):
            item = self._item(hit, titles)
            if item is None:
                rejected.append(f"hit {place} of page {number} has no id, topic or date")
            else:
                items.append(item)
        more = summary.get("more_full_page_results") is True
        capped = more and number >= SEARCH_DEPTH
        return Page(items, str(number + 1) if more and not capped else "", capped, rejected)

    def _item(self, hit: Fields, titles: Mapping[str, str]) -> Item | None:
        own, topic = identity(hit, "id"), identity(hit, "topic_id")
        number, written = whole(hit, "post_number"), date(hit, "created_at")
        if not own.isdecimal() or not topic or number is None or written is None:
            return None
        title = titles.get(topic, "")
        return Item(
            id=self._forum.post_id(topic, number),
            moment=written,
            version=f"{string(hit, 'blurb')}\x1f{title}",
            read=lambda: self._whole(own, title),
        )

    def _whole(self, own: str, title: str) -> Mention | None:
        """Fetch a post; None when it was deleted or closed off since the search saw it."""
        response = self._endpoint.ask(f"posts/{own}.json", accept=(403, 404))
        post = read_object(response)
        return None if response.status >= 400 or is_gone(post) else self._forum.mention(post, title)


def _below(after: str, entries: Sequence[Fields]) -> str:
    ids = [int(found) for found in (identity(post, "id") for post in entries) if found.isdecimal()]
    if not (after.isascii() and after.isdigit()):
        return str(min(ids)) if ids else ""
    asked = int(after)
    lowest = min(ids, default=asked)
    below = lowest if lowest < asked else asked - PAGE + 1
    return str(below) if below > 1 else ""


def _answered(response: Response) -> Fields:
    """Return the answer; what Discourse says in place of a list is an error."""
    found = read_object(response)
    errors = found.get("errors")
    if isinstance(errors, list) and errors:
        raise Unreadable(f"{response.url.partition('?')[0]} refuses: {str(errors[0])[:200]}")
    return found
