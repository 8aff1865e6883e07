"""One search of X followed from run to run: where it is, and the walk that brings what is new.

X shows the newest first and searches seven days back. `since` only moves when a walk has come to
its last page; a walk under way is kept with the token of its next page and the oldest id it has
seen, for tokens do not live for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sources.errors import Unreadable
from sources.protocols import Gap
from sources.snowflake import first_id, made_at
from sources.x.post import Found, read_found
from sources.x.settings import SEARCHABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

OVERLAP = timedelta(seconds=30)  # posts enter the index late; a repeat costs nothing the same day
MARGIN = timedelta(minutes=2)  # between our clock and the edge of what X searches
MOST_KNOWN = 300
PAGE, SMALLEST_PAGE = 100, 10
_LOST = "X searches seven days back; what was not read in time is lost"


class StaleToken(Unreadable):
    """X no longer knows the token of a page."""


@dataclass(frozen=True, slots=True)
class Trail:
    """How far a search has been read; ids are numbers, 0 for none.

    `since` is the newest post of the last whole walk. Of the walk under way, `top` and `low` are
    its newest and oldest post, `start` the parameter it began with and `token` its next page.
    `known` are the posts at the top, so that the overlap is not told twice.
    """

    since: int = 0
    top: int = 0
    low: int = 0
    start: str = ""
    token: str = ""
    known: tuple[int, ...] = ()

    @classmethod
    def read(cls, data: object) -> Trail:
        """Read what `write` wrote; what makes no sense is the beginning."""
        if not isinstance(data, dict):
            return cls()
        numbers = [data.get(name, 0) for name in ("since", "top", "low")]
        texts = [data.get(name, "") for name in ("start", "token")]
        known = data.get("known", [])
        sound = (
            all(isinstance(one, int) and 0 <= one < 1 << 63 for one in numbers)
            and all(isinstance(one, str) for one in texts)
            and isinstance(known, list)
            and all(isinstance(one, int) for one in known)
        )
        if not sound:
            return cls()
        since, top, low = numbers
        start, token = texts
        return cls(since, top, low, start, token, tuple(known))

    def write(self) -> dict[str, object]:
        """Return what goes into a cursor: only what is not at its beginning."""
        whole: dict[str, object] = {
            "since": self.since,
            "top": self.top,
            "low": self.low,
            "start": self.start,
            "token": self.token,
            "known": list(self.known),
        }
        return {name: value for name, value in whole.items() if value}


@dataclass(frozen=True, slots=True)
class Leg:
    """One page of a walk: what it brought, the trail behind it, how many were new, what is lost."""

    found: Found
    trail: Trail
    new: int
    gap: Gap | None = None


def follow(
    trail: Trail,
    ask: Callable[[int, Mapping[str, str]], object],
    room: Callable[[], int],
    now: datetime,
    first: datetime,
) -> Iterator[Leg]:
    """Walk a search from its newest post to where the last whole walk began.

    `ask(size, parameters)` returns one page, `room()` says how many posts may still be read; under
    ten the walk stops where it is. Without a trail the walk goes back to `first`. What has fallen
    out of the seven days is a gap of the first leg.
    """
    gap = None
    while room() >= SMALLEST_PAGE:
        size = min(PAGE, room())
        if not trail.token:
            trail, gap = _begun(trail, now, first)
        known = frozenset(trail.known)
        try:
            found = read_found(ask(size, _place(trail)), now, known)
        except StaleToken:
            if not trail.token:
                raise
            trail = replace(trail, token="", start="")
            continue
        trail = _taken(trail, found)
        yield Leg(found, trail, len(set(found.ids) - known), gap)
        gap = None
        if not found.token:
            return


def _begun(trail: Trail, now: datetime, first: datetime) -> tuple[Trail, Gap | None]:
    """Say where a walk without a token starts, and what lies beyond the seven days."""
    earliest = now - SEARCHABLE + MARGIN
    gap = None
    if trail.low and made_at(trail.low) <= earliest:  # nothing of the walk under way is left
        start = made_at(trail.since) if trail.since else None
        gap = Gap(_LOST, start, made_at(trail.low))
        trail = Trail(since=max(trail.since, trail.top), known=trail.known)
    if not trail.since:
        return replace(trail, start=_start_time(max(first, earliest))), gap
    since = made_at(trail.since)
    if since - OVERLAP > earliest:
        return replace(trail, start=f"since_id={first_id(since - OVERLAP)}"), gap
    if since < earliest:
        gap = Gap(_LOST, gap.start if gap else since, earliest)
    return replace(trail, start=_start_time(earliest)), gap


def _start_time(moment: datetime) -> str:
    return f"start_time={moment.strftime('%Y-%m-%dT%H:%M:%SZ')}"


def _place(trail: Trail) -> dict[str, str]:
    name, _, value = trail.start.partition("=")
    place = {name: value}
    if trail.token:
        place["next_token"] = trail.token
    elif trail.low:
        place["until_id"] = str(trail.low)
    return place


def _taken(trail: Trail, found: Found) -> Trail:
    """Take a page in; with the last page the walk is whole, and the trail begins at its top."""
    top = max(trail.top, *found.ids, 0)
    low = min(found.ids, default=trail.low)
    low = min(low, trail.low) if trail.low else low
    near = first_id(made_at(top) - OVERLAP) if top else 0
    met = {number for number in (*trail.known, *found.ids) if number >= near}
    # What the last walk has seen stays known until this one is whole: it meets it at its end.
    kept = sorted(met | set(trail.known), reverse=True)
    if found.token:
        return replace(trail, top=top, low=low, token=found.token, known=tuple(kept[:MOST_KNOWN]))
    since = max(trail.since, top)
    near = first_id(made_at(since) - OVERLAP) if since else 0
    return Trail(since=since, known=tuple(n for n in kept if n >= near)[:MOST_KNOWN])
