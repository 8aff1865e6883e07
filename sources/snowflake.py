"""The ids of X's posts, which hold the moment they were made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_BEGINNING = 1_288_834_974_657  # milliseconds since 1970 at the first id
_SHIFT = 22
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 1 << 63


def is_snowflake(text: str) -> bool:
    """Say whether a text is the id of a post."""
    return text.isascii() and text.isdigit() and len(text) < 20 and int(text) < _LARGEST


def made_at(number: int) -> datetime:
    """Return when a post was made, to the millisecond."""
    return _EPOCH + timedelta(milliseconds=(number >> _SHIFT) + _BEGINNING)


def first_id(moment: datetime) -> int:
    """Return the smallest id a post made at a moment can have; 0 before there were any."""
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1) - _BEGINNING
    return max(milliseconds, 0) << _SHIFT
