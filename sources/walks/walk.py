"""A walk down a list that shows its newest first, from its top to where the last walk began.

Nothing may be lost to a burst, a crash in the middle, a deleted anchor or a restart, and what lies
beyond the depth of the list must be said. So the mark only moves when a walk is whole, and a walk
under way is kept as `top` (where it began) and `after` (where it goes on).
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sources.mention import Mention
from sources.protocols import Batch, Gap, Health, Tombstone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OVERLAP = timedelta(minutes=10)  # posts held back by a filter appear late, at their old place
MOST_KNOWN = 500
SETTLED = 3
_PRINT = 8  # characters of a fingerprint: 48 bits


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, newest first.

    `dates` are those of its items in their order, deleted and unreadable ones included. `after`
    asks for the page behind it; "" says that this is the last one.
    """

    mentions: tuple[Mention, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()
    rejected: tuple[str, ...] = ()
    count: int = 0
    dates: tuple[datetime, ...] = ()
    after: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a list has been read; moments are seconds since 1970, 0 for none.

    `mark` is the newest item of the last whole walk. Of the walk under way, `top` is its newest
    item, `low` its oldest, `after` where it goes on and `seen` how many items it has met. `known`
    and `fresh` are the fingerprints of what the last whole walk and this one have met on top.
    """

    mark: float = 0.0
    top: float = 0.0
    low: float = 0.0
    after: str = ""
    seen: int = 0
    known: str = ""
    fresh: str = ""

    @classmethod
    def read(cls, data: object) -> Place:
        """Read what `write` wrote; a place that makes no sense is the beginning."""
        if not isinstance(data, dict):
            return cls()
        try:
            place = cls(**data)
        except TypeError:
            return cls()
        numbers = (place.mark, place.top, place.low, place.seen)
        texts = (place.after, place.known, place.fresh)
        sound = all(isinstance(one, int | float) for one in numbers)
        return place if sound and all(isinstance(one, str) for one in texts) else cls()

    def write(self) -> dict[str, float | int | str]:
        """Return what goes into a cursor: only what is not at its beginning."""
        whole: dict[str, float | int | str] = {
            "mark": self.mark,
            "top": self.top,
            "low": self.low,
            "after": self.after,
            "seen": self.seen,
            "known": self.known,
            "fresh": self.fresh,
        }
        return {name: value for name, value in whole.items() if value}


@dataclass(frozen=True, slots=True)
class Step:
    """One page walked: what it brought (its cursor still to be filled in), and the place behind it."""

    batch: Batch
    place: Place
    whole: bool


def walk(
    place: Place, ask: Callable[[str], Page], depth: int, what: str, now: datetime
) -> Iterator[Step]:
    """Walk a list from `place`, asking `ask(after)` for one page after the other.

    The walk is whole when it has gone `OVERLAP` below the mark, or the list has ended. A list that
    ends above the mark after `depth` items or more has lost something: the last batch has a gap.
    An empty page behind an anchor means that the anchor is gone: the walk starts again at the top,
    once. `what` names the list in notes. A list that was empty at `now` has nothing older: whatever
    it shows later is new, and as much of it as it does not show is a gap.
    """
    anew = False
    met: set[str] = set()
    while True:
        asked = place.after
        page = ask(asked)
        if asked and not page.count and not anew:
            anew = True
            met.clear()
            place = replace(place, after="", top=0.0, low=0.0, seen=0, fresh="")
            continue
        ids = {mention.external_id for mention in page.mentions}
        going_round = bool(page.count) and bool(ids) and ids <= met
        met |= ids
        news, place = _taken(place, page)
        end = not page.after or going_round or not page.count
        whole = end or _below_the_mark(place, page)
        gap = _gap(place, depth, what) if whole else None
        note = gap.reason if gap else ""
        if whole and place.known and not place.seen:
            note = f"{what} is empty; it held posts before"
        place = _finished(place, now) if whole else replace(place, after=page.after)
        yield Step(_batch(news, page, gap, note), place, whole)
        if whole:
            return


def fingerprint(mention: Mention) -> str:
    """Return a short hash of everything of a mention that a reader would call an edit."""
    words = "\x1f".join((mention.external_id, mention.title, mention.text, mention.author.id))
    digest = hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=6).digest()
    return urlsafe_b64encode(digest).decode("ascii")


def _taken(place: Place, page: Page) -> tuple[list[Mention], Place]:
    """Take a page in: what is new in it, oldest first, and the place with the page in view."""
    known = {place.known[at : at + _PRINT] for at in range(0, len(place.known), _PRINT)}
    prints = [fingerprint(mention) for mention in page.mentions]
    pairs = zip(page.mentions, prints, strict=True)
    news = {mention.external_id: mention for mention, one in pairs if one not in known}
    newest = max(page.dates).timestamp() if page.dates else 0.0
    oldest = page.dates[-1].timestamp() if page.dates else place.low
    fresh = (place.fresh + "".join(prints))[: MOST_KNOWN * _PRINT]
    return sorted(news.values(), key=lambda mention: mention.created_at), replace(
        place,
        top=max(place.top, newest),
        low=min(place.low, oldest) if place.low else oldest,
        seen=place.seen + page.count,
        fresh=fresh,
    )


def _below_the_mark(place: Place, page: Page) -> bool:
    """One item out of its place must not end a walk, so the last few have to agree.

    Below the mark of an empty list lies nothing, so a walk to it goes on to the end of the list.
    """
    if not (place.mark and place.known and page.dates):
        return False
    return max(page.dates[-SETTLED:]).timestamp() < place.mark - OVERLAP.total_seconds()


def _gap(place: Place, depth: int, what: str) -> Gap | None:
    """Say what a list that ended above the mark has lost; a short one is there as a whole."""
    if not place.mark or place.seen < depth or place.low < place.mark:
        return None
    start, end = (datetime.fromtimestamp(one, UTC) for one in (place.mark, place.low))
    return Gap(f"{what} shows {place.seen:,} posts and more were new: some were missed", start, end)


def _finished(place: Place, now: datetime) -> Place:
    if not place.seen and not place.known:
        return Place(mark=now.timestamp())
    known = place.fresh if place.seen else place.known
    return Place(mark=max(place.mark, place.top), known=known)


def _batch(news: list[Mention], page: Page, gap: Gap | None, note: str) -> Batch:
    calm = Health.HEALTHY if news else Health.QUIET
    return Batch(
        mentions=news,
        tombstones=page.tombstones,
        gap=gap,
        health=Health.DEGRADED if note or page.rejected else calm,
        note=note or ("; ".join(page.rejected[:3]) if page.rejected else ""),
        rejected=page.rejected,
    )
