"""Moments and spans as a page shows them, beside what a browser makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.ages import ago, clock, span
from sources.mention import utc

SOON = timedelta(hours=1)


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
    return When(ago(at, now), f"{at:%Y-%m-%d %H:%M} UTC", utc(at))


def short(at: datetime, now: datetime) -> When:
    """A moment that is past, without the "ago": for lists."""
    return When(span(now - at), f"{at:%Y-%m-%d %H:%M} UTC", utc(at))


def hour(at: datetime, now: datetime) -> When:
    """A moment by the clock, as short as today allows."""
    return When(clock(at, now), f"{at:%Y-%m-%d %H:%M} UTC", utc(at))


def due(at: datetime | None, now: datetime) -> Due | None:
    """The countdown of a promise; None without one."""
    if at is None:
        return None
    left, full = at - now, f"promised by {at:%Y-%m-%d %H:%M} UTC"
    if left <= timedelta(0):
        late = left <= timedelta(minutes=-1)
        return Due(f"{span(left)} late" if late else "due now", "urgent", full)
    said = f"due {span(left)}" if left >= timedelta(minutes=1) else "due now"
    return Due(said, "high" if left <= SOON else "low", full)


def length(span_: timedelta | None) -> str:
    """A length in words; a dash without one."""
    if span_ is None:
        return "–"
    return "< 1 min" if span_ < timedelta(minutes=1) else span(span_)
