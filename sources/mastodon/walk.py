"""Walks of a Mastodon server: timelines forward from a mark, the search from its top down to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sources.mastodon.server import PAGE
from sources.mastodon.status import mention_of
from sources.mention import Thread
from sources.moments import EPOCH, moment
from sources.protocols import Batch, Gap, Health
from sources.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sources.http.loosejson import Json
    from sources.mastodon.server import Feed, MastodonServer
    from sources.mention import Mention

Walked = tuple[Batch, Mapping[str, str]]
"""A batch, and the marks behind it by the name of what was walked."""

PAGES_A_RUN = 50
OVERLAP = timedelta(minutes=10)
SHIFT = 10  # posts two pages of a search share, so that deletions in between hide none
_BIRTH = datetime(2016, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Reader:
    """Reads one server in one run, at `now`."""

    def __init__(self, server: MastodonServer, now: datetime) -> None:
        """Ask nothing yet."""
        self._server = server
        self._now = now

    def timeline(
        self, feed: Feed, terms: Terms, marks: Mapping[str, str], begin: datetime
    ) -> Iterator[Walked]:
        """Walk a timeline forward from its mark, or from `begin` without one."""
        name = f"{self._server.name} {feed.name}"
        mark = marks.get(name, "")
        before, seen = mark, 0
        place = _rewound(mark, self._now)
        if not mark:
            page = self._server.timeline(feed)
            place = self._beginning(page, begin)
            if not place:  # ids that tell no time: the newest page is the beginning
                mark = _newest(page, "0")
                yield self._batch(page, terms, ""), {name: mark}
                place, seen = mark, len(page)
            mark = mark or place
        for _ in range(PAGES_A_RUN):
            page = self._server.timeline(feed, place)
            newest = _newest(page, place)
            if newest == place:  # nothing behind it: this was the end
                closed = not seen and self._server.closed(feed)
                note = f"{self._server.name} has switched its {feed.name} off" if closed else ""
                health = Health.DEGRADED if note else Health.QUIET
                yield Batch(health=health, note=note), {name: mark}
                return
            seen += len(page)
            place, mark = newest, max(mark, newest, key=_order)
            yield self._batch(page, terms, before), {name: mark}
        note = f"{name}: {seen:,} posts read; the next run goes on from there"
        yield Batch(health=Health.DEGRADED, note=note), {name: mark}

    def search(self, words: str, marks: Mapping[str, str], begin: datetime) -> Iterator[Walked]:
        """Walk a search from its newest post down to the mark, or to `begin` without one.

        The mark moves when the walk is whole; until then it begins again at the top.
        """
        name = f"{self._server.name} search {words}"
        mark = marks.get(name, "")
        low = _rewound(mark, self._now)
        top, shared, oldest = mark, set[str](), self._now
        for number in range(PAGES_A_RUN):
            page = self._server.search(words, number * (PAGE - SHIFT))
            names = {status.text("id") for status in page}
            top = _newest(page, top)
            batch = self._batch(page, Terms(()), mark)
            oldest = min([*_moments(page), oldest])
            lost = bool(shared) and bool(names) and not shared & names
            below = bool(low) and any(_order(one) <= _order(low) for one in names)
            if lost:
                gap = Gap(
                    f"{name}: the list moved while it was read",
                    _time(low, self._now) or begin,
                    oldest,
                )
                yield _degraded(batch, gap.reason, gap), {name: top}
                return
            if not page or below or (not low and oldest < begin):
                vanished = not number and not page and bool(mark)
                note = f"{name} finds nothing, though it found posts before" if vanished else ""
                yield (_degraded(batch, note) if note else batch), ({name: top} if top else {})
                return
            shared = names
            yield batch, {}
        gap = Gap(
            f"{name}: more new posts than {PAGES_A_RUN} pages show",
            _time(low, self._now) or begin,
            oldest,
        )
        yield Batch(gap=gap, health=Health.DEGRADED, note=gap.reason), {name: top}

    def _beginning(self, page: Sequence[Json], begin: datetime) -> str:
        """Return the id of a moment, when the ids of this server are times; else ""."""
        newest = _newest(page, "")
        return _id_at(begin) if _time(newest, self._now) else ""

    def _batch(self, page: Sequence[Json], terms: Terms, mark: str) -> Batch:
        """Make a batch of a page, oldest first; `mark` tells what is news."""
        posts = [status.at("reblog") if status.is_object("reblog") else status for status in page]
        self._server.learn(posts)
        kept: dict[str, tuple[Mention, Json]] = {}
        rejected = []
        for post in posts:
            try:
                mention = mention_of(post, self._now)
            except ValueError as error:
                rejected.append(str(error))
                continue
            if mention is not None and terms.found_in(f"{mention.full_text}\n{_tags(post)}"):
                kept[mention.external_id] = (mention, post)
        parents = self._server.parents(post for _, post in kept.values())
        found = [
            replace(mention, thread=Thread(parent=parents.get(post.text("in_reply_to_id"), "")))
            for mention, post in kept.values()
        ]
        fresh = bool(found) and any(_order(post.text("id")) > _order(mark) for post in posts)
        batch = Batch(
            mentions=sorted(found, key=lambda mention: mention.created_at),
            health=Health.HEALTHY if fresh else Health.QUIET,
            rejected=rejected,
        )
        return _degraded(batch, f"{len(rejected)} posts could not be read") if rejected else batch


def _degraded(batch: Batch, note: str, gap: Gap | None = None) -> Batch:
    return replace(batch, health=Health.DEGRADED, note=note, gap=gap)


def _tags(post: Json) -> str:
    return "\n".join(tag.text("name") for tag in post.each("tags"))


def _moments(page: Sequence[Json]) -> list[datetime]:
    return [when for post in page if (when := moment(post.text("created_at"))) is not None]


# Ids of Mastodon are times (milliseconds, then 16 bits), those of its kin only grow.


def _order(name: str) -> tuple[int, str]:
    """Return what puts ids in the order of their making."""
    return len(name), name


def _newest(page: Sequence[Json], otherwise: str) -> str:
    names = [name for post in page if (name := post.text("id")).isascii() and name.isalnum()]
    return max([otherwise, *names], key=_order)


def _id_at(when: datetime) -> str:
    return str(((when - EPOCH) // _MILLISECOND) << 16)


def _time(name: str, now: datetime) -> datetime | None:
    """Return the time an id stands for; None when it stands for none."""
    if not (name.isascii() and name.isdigit() and 17 <= len(name) <= 19):
        return None
    when = EPOCH + (int(name) >> 16) * _MILLISECOND
    return when if _BIRTH < when < now + timedelta(days=1) else None


def _rewound(mark: str, now: datetime) -> str:
    """Return the mark with the overlap behind it, where ids are times."""
    when = _time(mark, now)
    return _id_at(when - OVERLAP) if when else mark
