"""Durations as people write them: 45s, 15m, 1h30m, 2d, 4w."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
LONGEST = timedelta(days=36_500)

_WRITTEN = re.compile(r"(?:[0-9]{1,9}[wdhms])+")
_PART = re.compile(r"([0-9]+)([wdhms])")


def parse_duration(text: str) -> timedelta:
    """Read a duration; parts add up ("1h30m").

    Raises ValueError with what would have been right: a unit is always needed, and the whole lies
    between one second and a hundred years.
    """
    written = text.strip().lower()
    if not _WRITTEN.fullmatch(written):
        unit = " (a unit is missing)" if written.isdigit() else ""
        raise ValueError(f"not a duration{unit}; write it like 45s, 15m, 2h, 1h30m or 365d")
    seconds = sum(int(number) * SECONDS[unit] for number, unit in _PART.findall(written))
    if not 1 <= seconds <= LONGEST.total_seconds():
        raise ValueError("a duration lies between 1s and 36500d")
    return timedelta(seconds=seconds)


def show_duration(span: timedelta) -> str:
    """Write a duration shortly and exactly: 15m, 1h30m, 365d; the inverse of `parse_duration`."""
    left = round(span.total_seconds())
    parts = []
    for unit, size in SECONDS.items():
        if unit == "w":
            continue
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _read(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    return parse_duration(str(value))


Duration = Annotated[
    timedelta,
    BeforeValidator(_read),
    PlainSerializer(show_duration, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": "^([0-9]+[wdhms])+$", "examples": ["15m", "1h30m", "365d"]}
    ),
]
