"""A platform's listing, newest first, as a descent reads it: pages of items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sources.mention import Mention


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a listing.

    `id` is the external id, `moment` where the item stands in the order, `version` some text that
    changes when the words do. `read` makes the mention and is called only for what is new or
    edited; None means that the post has gone meanwhile. `pinned` items stand on top out of order;
    `deleted` ones are shown by the platform as a hole.
    """

    id: str
    moment: datetime
    version: str
    read: Callable[[], Mention | None]
    pinned: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing.

    `after` is what asks for the next page, "" at the end of the listing; `capped` says that the
    platform has more but shows no further. `rejected` are items that could not be read, one
    sentence each.
    """

    items: Sequence[Item]
    after: str = ""
    capped: bool = False
    rejected: Sequence[str] = ()


def page_number(after: str) -> int:
    """Return the page that `after` asks for where pages have numbers; the first one for any other."""
    sound = after.isascii() and after.isdigit() and len(after) < 10
    return max(int(after), 1) if sound else 1


# Fetches the page that `after` asks for, the first one for "".
Look = Callable[[str], Page]
