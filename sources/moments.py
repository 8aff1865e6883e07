"""Dates as people and platforms write them, read into aware UTC moments."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMATS = (
    "ISO 8601, RFC 2822, 'Tue Oct 31 22:10:47 +0000 2017', or seconds or milliseconds since 1970"
)
LONGEST = 64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS: Mapping[str, int] = MappingProxyType(
    {
        name: number
        for number, name in enumerate(
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
            start=1,
        )
    }
)
TWITTER = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d) (\d{4})",
    re.ASCII,
)
# 8 digits are a day (20171031), 14 a second (20171031221047); both are ISO or nearly so.
NUMBER = re.compile(r"(?:[0-9]{9,13}|[0-9]{15,20})(?:\.[0-9]{1,9})?", re.ASCII)
COMPACT = re.compile(r"[0-9]{14}", re.ASCII)
ZONE = re.compile(r" ?(UTC|GMT|Z)$| (?=[+-]\d\d:?\d\d$)", re.ASCII)


def moment(value: object) -> datetime | None:
    """Read a date into an aware UTC moment; None when it cannot be read. Never raises.

    Reads what `FORMATS` lists. A date without a zone is taken as UTC. Numbers are seconds since
    1970; those too large to be seconds of this millennium are milli-, micro- or nanoseconds.
    Day/month/year with slashes is not guessed: 3/4 is April to some and March to others.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _since_1970(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if not text or len(text) > LONGEST:
        return None
    try:
        if text[0].isdigit():
            if NUMBER.fullmatch(text):
                return _since_1970(float(text))
            found = _iso(text) or _rfc2822(text)
        else:
            found = _twitter(text) or _rfc2822(text)
        if found is None:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _since_1970(number: float) -> datetime | None:
    if not math.isfinite(number) or number < 0:
        return None
    for _ in range(3):
        if number < 1e11:
            break
        number /= 1000
    try:
        return EPOCH + timedelta(seconds=number)
    except OverflowError:
        return None


def _twitter(text: str) -> datetime | None:
    """Read `Tue Oct 31 22:10:47 +0000 2017`: strptime would take ten times as long."""
    parts = TWITTER.fullmatch(text)
    if parts is None:
        return None
    month, day, hour, minute, second, sign, ahead, ahead_minutes, year = parts.groups()
    if month not in MONTHS:
        return None
    zone: timezone = UTC
    if ahead != "00" or ahead_minutes != "00":
        ahead_by = timedelta(hours=int(ahead), minutes=int(ahead_minutes))
        zone = timezone(-ahead_by if sign == "-" else ahead_by)
    return datetime(
        int(year), MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=zone
    )


def _iso(text: str) -> datetime | None:
    if not text[:4].isdigit():
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    if COMPACT.fullmatch(text):
        text = f"{text[:8]}T{text[8:]}"
    written = text.replace("/", "-", 2) if text[4:5] == "/" else text
    # "2017-10-31 22:10:47 +0000" and "… UTC" are common in exports, and no ISO 8601.
    written = ZONE.sub(lambda found: "+00:00" if found[1] else "", written)
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def _rfc2822(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
