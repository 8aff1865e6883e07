"""What any feed format comes down to: a feed and its entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sources.moments import moment

EARLIEST = datetime(1990, 1, 2, tzinfo=UTC)  # before the web: a default of some software, no date


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, its words already clean text, its ids and dates as the feed gives them.

    `place` counts from 1 as the feed lists it. `published` is None when the feed names no date that
    can be read. `link` is a safe link or empty; `parent` the id of the entry it answers.
    """

    place: int
    id: str = ""
    link: str = ""
    title: str = ""
    text: str = ""
    author: str = ""
    author_link: str = ""
    published: datetime | None = None
    language: str = ""
    parent: str = ""
    replies: int | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """What could be read: entries in the feed's order, and what was wrong with it.

    `truncated` means the end is missing; `rejected` are entries that could not be read, one
    sentence each; `note` says what was wrong in words, and
    `updated` is when the feed says it was last changed. `hub` and `own_link` are where it says that
    it is pushed from and found at (WebSub), `older` its next older page: safe links or empty.
    """

    title: str
    entries: tuple[Entry, ...]
    updated: datetime | None = None
    note: str = ""
    truncated: bool = False
    rejected: tuple[str, ...] = ()
    hub: str = ""
    own_link: str = ""
    older: str = ""


def read_moment(text: str) -> datetime | None:
    """Read a date; without a zone it is UTC. None when unreadable, or from before the web."""
    found = moment(text)
    return found if found is not None and found > EARLIEST else None
