"""Cursors: where the next page of a list begins, opaque to whoever carries them."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import Path, Query

from listener.web.refusals import Unfit

LARGEST = 2**63 - 1  # what the store can hold

Id = Annotated[int, Path(ge=1, le=LARGEST)]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[
    str, Query(max_length=200, description="`next` of the page before; empty for the first.")
]
Word = Annotated[str, Query(max_length=200)]
Search = Annotated[str, Query(max_length=500)]


def next_cursor(full: bool, *place: int) -> str | None:
    """The cursor of the page after the one that ends at this place; None when there is none."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=") if full else None


def place(cursor: str, numbers: int) -> tuple[int, ...] | None:
    """The place a cursor names; None for the beginning. Raises Unfit for one that we did not make."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        found = None
    if (
        isinstance(found, list)
        and len(found) == numbers
        and all(type(one) is int and abs(one) <= LARGEST for one in found)
    ):
        return tuple(found)
    raise Unfit(f"{cursor[:60]!r} is no cursor of this list", "cursor", "leave it out to begin")


def moment_of(seconds: int) -> datetime:
    """The moment that stands in a cursor as seconds. Raises Unfit."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise Unfit("the cursor names no moment", "cursor", "leave it out to begin") from None
