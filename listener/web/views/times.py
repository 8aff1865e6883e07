"""Moments and spans as a page shows them, beside what a browser makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.web.phrases import Phrase, phrase
from sources.mention import utc

SOON = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
# "%b" would be the month in the language of the machine.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNITS = (
    (86_400 * 365, "%(n)s y"),
    (86_400, "%(n)s d"),
    (3_600, "%(n)s h"),
    (60, "%(n)s min"),
)


@dataclass(frozen=True, slots=True)
class When:
    """A moment: in words ("3 h ago"), in full, and for machines."""

    text: str
    full: str
    iso: str


@dataclass(frozen=True, slots=True)
class Due:
    """What is left of a promise: `tone` is urgent (broken), high (an hour or less), low or ""."""

    text: str
    tone: str
    full: str


def when(at: datetime, now: datetime) -> When:
    """A moment that is past."""
    return When(_ago(at, now), _full(at), utc(at))


def short(at: datetime, now: datetime) -> When:
    """A moment that is past, without the "ago": for lists."""
    return When(span(now - at), _full(at), utc(at))


def hour(at: datetime, now: datetime) -> When:
    """A moment by the clock, as short as today allows."""
    return When(_clock(at, now), _full(at), utc(at))


def due(at: datetime | None, now: datetime) -> Due | None:
    """The countdown of a promise; None without one."""
    if at is None:
        return None
    left, full = at - now, phrase("promised by %(time)s", time=_full(at))
    if left <= timedelta(0):
        late = phrase("%(span)s late", span=span(left)) if left <= -MINUTE else phrase("due now")
        return Due(late, "urgent", full)
    said = phrase("due %(span)s", span=span(left)) if left >= MINUTE else phrase("due now")
    return Due(said, "high" if left <= SOON else "low", full)


def length(span_: timedelta | None) -> str:
    """A length in words; a dash without one."""
    if span_ is None:
        return "–"
    return phrase("< 1 min") if span_ < MINUTE else span(span_)


def span(length: timedelta) -> Phrase:
    """A length in its largest whole unit, as `listener.ages.span` says it."""
    seconds = abs(int(length.total_seconds()))
    for size, said in _UNITS:
        if seconds >= size:
            return phrase(said, n=seconds // size)
    return phrase("now")


def day_of(at: datetime) -> Phrase:
    """A day without its year."""
    return phrase("%(day)s %(month)s", day=f"{at:%d}", month=phrase(MONTHS[at.month - 1]))


def _ago(at: datetime, now: datetime) -> Phrase:
    """How long ago something was; the future, which a wrong clock can claim, is said so."""
    if at - now >= MINUTE:
        return phrase("in %(span)s", span=span(at - now))
    return phrase("just now") if now - at < MINUTE else phrase("%(span)s ago", span=span(now - at))


def _clock(at: datetime, now: datetime) -> str:
    if at.date() == now.date():
        return f"{at:%H:%M}"
    if at.year != now.year:
        return f"{at:%Y-%m-%d %H:%M}"
    month = phrase(MONTHS[at.month - 1])
    return phrase("%(month)s %(day)s %(time)s", month=month, day=at.day, time=f"{at:%H:%M}")


def _full(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
