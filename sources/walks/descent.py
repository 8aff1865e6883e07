"""How a listing that shows the newest first is read without losing a post.

A descent goes from the newest post down to where the descent before the last one began. Reading
the stretch in between twice costs little and catches what moved while the pages were turned: a
page border shifted by a deletion, a post that was approved or federated late. Where a descent
stands is kept in the cursor after every page, so that one that dies goes on where it was.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sources.errors import Unreadable
from sources.protocols import Batch, Gap, Health, Tombstone
from sources.walks.bookmark import fingerprint
from sources.walks.listing import Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sources.mention import Mention
    from sources.walks.listing import Item, Look

MOST_KNOWN = 2_000
MOST_REJECTED_NAMED = 100
SETTLED = 3  # one post out of order at the end of a page does not end a descent
_DELETED = "-"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a descent goes.

    `history` is how far back the first one looks, `overlap` how far every later one looks behind
    where it must, `pages` how many pages one run reads before it leaves the rest to the next.
    `empty` is what an empty listing means when it does not mean that nobody said anything.
    """

    history: timedelta = timedelta(days=7)
    overlap: timedelta = timedelta(hours=1)
    pages: int = 40
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading of one listing stands; small, and no secret is in it.

    Everything up to `mark` has been seen; the descent before began at `prior`. While one is under
    way it began at `top`, has come down to `low`, asks for `after` next, and is `touched` when it
    met something seen before. `known` maps the fingerprint of an id to that of its words for the
    last descent, `met` for the one under way. Moments are ISO 8601 in UTC, or empty.
    """

    mark: str = ""
    prior: str = ""
    top: str = ""
    low: str = ""
    after: str = ""
    touched: bool = False
    known: dict[str, str] = field(default_factory=dict)
    met: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: object) -> Place:
        """Read what `plain` wrote; whatever is wrong with it starts afresh."""
        try:
            place = cls(**data) if isinstance(data, dict) else cls()
            for moment in (place.mark, place.prior, place.top, place.low):
                if moment and datetime.fromisoformat(moment).tzinfo is None:
                    return cls()
            maps = (place.known, place.met)
            words = [place.after, *(text for known in maps for text in (*known, *known.values()))]
        except (TypeError, ValueError, AttributeError):
            return cls()
        return place if all(isinstance(word, str) for word in words) else cls()

    def plain(self) -> dict[str, object]:
        """Return what JSON can hold; `read` reads it."""
        return asdict(self)

    def floor(self, reach: Reach, now: datetime) -> datetime:
        """Return the moment down to which the next descent must come."""
        if not self.mark:
            return now - reach.history
        low = _moment(self.mark) - reach.overlap
        return min(low, _moment(self.prior)) if self.prior else low


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a descent: what it brought, and where the reading stands behind it."""

    batch: Batch
    place: Place
    whole: bool


def descend(kind: str, place: Place, look: Look, reach: Reach, now: datetime) -> Iterator[Step]:
    """Go down a listing from `place`, at most `reach.pages` pages of it.

    `kind` names the platform in tombstones. The last step is `whole` when the descent has come to
    its floor or to the end of the listing; otherwise the next run goes on. Raises what `look`
    raises. What the platform cut off, or what has no overlap with what was seen, is a gap.
    """
    resumed = bool(place.after)
    if not resumed:
        place = replace(place, top="", low="", touched=False, met={})
    floor = place.floor(reach, now)
    news = 0
    for turn in range(reach.pages):
        first = resumed and turn == 0
        try:
            page = look(place.after)
        except Unreadable:
            if not first:
                raise
            page = Page(())
        if first and not page.items and not page.after:
            # Where it broke off can no longer be asked for: go down again from the top.
            place = replace(place, after="")
            page = look("")
        mentions, tombstones, place = _taken(kind, place, page, now)
        news += len(mentions) + len(tombstones)
        step = _step(place, page, mentions, tombstones)
        if not page.after or (place.low and _moment(place.low) < floor):
            yield _last(step, page, floor, reach, now, quiet=not news)
            return
        place = replace(place, after=page.after)
        yield replace(step, place=place)


def _taken(
    kind: str, place: Place, page: Page, now: datetime
) -> tuple[list[Mention], list[Tombstone], Place]:
    """Take from a page what is new or edited, and remember all; a date ahead is read as now."""
    met = dict(place.met)
    mentions: dict[str, Mention] = {}
    tombstones: dict[str, Tombstone] = {}
    touched = place.touched
    for item in page.items:
        name = fingerprint(item.id)
        version = _DELETED if item.deleted else fingerprint(item.version, 3)
        known = met.get(name) or place.known.get(name)
        touched |= (
            name in place.known and not item.pinned
        )  # a pinned one stays, whatever was missed
        if name in met or len(met) < MOST_KNOWN:
            met[name] = version
        if known == version:
            continue
        if item.deleted:
            tombstones[item.id] = Tombstone(kind, item.id)
            continue
        mention = item.read()
        if mention is not None:
            late = mention.created_at > now
            mentions[item.id] = replace(mention, created_at=now) if late else mention
    place = _descended(replace(place, met=met, touched=touched), page.items, now)
    return list(mentions.values()), list(tombstones.values()), place


def _descended(place: Place, items: Sequence[Item], now: datetime) -> Place:
    """Note how far down the descent has come; what is pinned or dated ahead says nothing of it."""
    moments = [
        item.moment.astimezone(UTC).isoformat()
        for item in items
        if not item.pinned and item.moment <= now
    ]
    if not moments:
        return place
    top = place.top if place.after and place.top else max(moments)
    return replace(place, top=top, low=max(moments[-SETTLED:]))


def _step(place: Place, page: Page, mentions: list[Mention], tombstones: list[Tombstone]) -> Step:
    rejected = list(page.rejected)
    count = len(rejected)
    if count > MOST_REJECTED_NAMED:
        rejected[MOST_REJECTED_NAMED:] = [f"and {count - MOST_REJECTED_NAMED} more"]
    batch = Batch(
        mentions=mentions,
        tombstones=tombstones,
        rejected=rejected,
        health=Health.DEGRADED if count else Health.HEALTHY,
        note=f"{count} entries could not be read" if count else "",
    )
    return Step(batch, place, whole=False)


def _last(
    step: Step, page: Page, floor: datetime, reach: Reach, now: datetime, *, quiet: bool
) -> Step:
    """Close a descent: judge how well it could see, and move the mark."""
    place, batch = step.place, step.batch
    if not place.met:
        return _empty(step, reach, now)
    # Where a descent was long the newest of its posts are enough to know the next one by.
    prior = place.mark or floor.astimezone(UTC).isoformat()
    done = Place(mark=max(place.top, place.mark), prior=prior, known=place.met)
    gap = _gap(place, page, floor, now)
    if gap is not None:
        note = "; ".join(part for part in (batch.note, gap.reason) if part)
        batch = replace(batch, gap=gap, health=Health.DEGRADED, note=note)
    elif quiet and batch.health is Health.HEALTHY:
        batch = replace(batch, health=Health.QUIET)
    return Step(batch, done, whole=True)


def _empty(step: Step, reach: Reach, now: datetime) -> Step:
    """Judge a listing that holds nothing at all: the mark stays when that is hard to believe."""
    place, batch = step.place, step.batch
    count = len(place.known)
    note = f"the listing is empty; it held {count} posts before" if count else reach.empty
    if not note and not batch.note:
        start = place.mark or (now - reach.history).astimezone(UTC).isoformat()
        done = Place(mark=start, prior=place.mark)
        return Step(replace(batch, health=Health.QUIET), done, whole=True)
    stay = Place(mark=place.mark, prior=place.prior, known=place.known)
    why = "; ".join(part for part in (batch.note, note) if part)
    return Step(replace(batch, health=Health.DEGRADED, note=why), stay, whole=True)


def _gap(place: Place, page: Page, floor: datetime, now: datetime) -> Gap | None:
    """Return the stretch that could not be seen: cut off by the platform, or without overlap."""
    start = _moment(place.mark) if place.mark else floor
    low = _moment(place.low) if place.low else now
    if low <= start:
        return None
    if page.capped:
        return Gap("the platform lists no further back: some posts were missed", start, low)
    if place.known and not place.touched:
        return Gap("none of the posts seen before is listed any more: some were missed", start, low)
    return None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
