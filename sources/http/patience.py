"""How long a server asks to be left alone, in the forms the platforms write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from sources.moments import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_PATIENCE = timedelta(days=1)
_RESET_HEADERS = ("x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset")
_EPOCH = 1_000_000_000  # a bare number above this is a moment, below it a span of seconds


def patience_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return the moment before which nothing may be asked; None when the server names none.

    Reads `Retry-After` (seconds or an HTTP date), else the moment a rate limit is reset (seconds
    from now, seconds since 1970, or ISO 8601: Bluesky, Discourse, Mastodon). Header names are in
    lower case. Never in the past, never over a day ahead.
    """
    now = now.astimezone(UTC)
    named = _retry_after(headers.get("retry-after", "").strip(), now)
    for header in _RESET_HEADERS:
        named = named or _reset(headers.get(header, "").strip(), now)
    return None if named is None else min(max(named, now), now + LONGEST_PATIENCE)


def _retry_after(text: str, now: datetime) -> datetime | None:
    seconds = _seconds(text)
    if seconds is not None:
        return now + timedelta(seconds=seconds)
    try:
        read = parsedate_to_datetime(text)
        return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _reset(text: str, now: datetime) -> datetime | None:
    seconds = _seconds(text)
    if seconds is None or seconds > LONGEST_PATIENCE.total_seconds():
        return moment(text) if seconds is None or int(text) >= _EPOCH else now + LONGEST_PATIENCE
    return now + timedelta(seconds=seconds)


def _seconds(text: str) -> int | None:
    """Read a whole number of seconds; anything longer than a week of them is just long."""
    if not (text.isascii() and text.isdigit()):
        return None
    longest = int(LONGEST_PATIENCE.total_seconds()) * 7
    return min(int(text), longest) if len(text) < 12 else longest
