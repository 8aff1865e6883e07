"""Times and texts as SQLite keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload


@overload
def stamp(moment: datetime) -> str: ...
@overload
def stamp(moment: None) -> None: ...
def stamp(moment: datetime | None) -> str | None:
    """Write a moment as ISO 8601 in UTC, whole seconds, `Z`: 20 characters that sort by time.

    Equal to `sources.mention.utc`, and four digits also for years before 1000.
    """
    if moment is None:
        return None
    m = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    # Twice as fast as isoformat, and there are several in every row.
    return "%04d-%02d-%02dT%02d:%02d:%02dZ" % (  # noqa: UP031
        m.year,
        m.month,
        m.day,
        m.hour,
        m.minute,
        m.second,
    )


def stamp_from(moment: datetime | None) -> str | None:
    """Write the first whole second that is not before a moment.

    For moments from which on something is to be done: `stamp` would have it done up to a second
    before its time, find that nothing has changed yet, and do it again without end.
    """
    if moment is not None and moment.microsecond:
        try:
            moment += timedelta(seconds=1)
        except OverflowError:  # the last second of the calendar
            return None
    return stamp(moment)


@overload
def moment(text: str) -> datetime: ...
@overload
def moment(text: None) -> None: ...
def moment(text: str | None) -> datetime | None:
    """Read back what `stamp` wrote, aware and in UTC."""
    return None if text is None else datetime.fromisoformat(text)


def storable(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD: SQLite keeps UTF-8, which has none."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
