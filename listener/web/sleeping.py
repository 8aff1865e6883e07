"""Until when a case sleeps, as people choose it on a page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from listener.config import Config
from listener.desk.casework import WakesOn
from listener.errors import DeskError
from sources.duration import parse_duration

MORNING = 9  # o'clock
MONDAY = 0
EVENTS = (WakesOn.ANSWER, WakesOn.WORSE)


def wakes_on(choice: str) -> WakesOn:
    """What else ends the sleep that somebody chose."""
    return WakesOn(choice) if choice in EVENTS else WakesOn.TIME


def until(choice: str, at: str, config: Config, now: datetime) -> datetime | None:
    """The moment for a choice: a duration, tomorrow, monday, or `at` a time by the clock.

    None for answer and worse, which have no time of their own. Mornings and clock times are those of
    the house, `queue.hours.tz`. Raises DeskError.
    """
    zone = ZoneInfo(config.queue.hours.tz) if config.queue.hours is not None else UTC
    here = now.astimezone(zone)
    morning = here.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if choice in EVENTS:
        return None
    if choice == "tomorrow":
        return (morning + timedelta(days=1)).astimezone(UTC)
    if choice == "monday":
        ahead = (MONDAY - here.weekday()) % 7 or 7
        return (morning + timedelta(days=ahead)).astimezone(UTC)
    try:
        if choice == "at":
            return datetime.fromisoformat(at).replace(tzinfo=zone).astimezone(UTC)
        return now + parse_duration(choice)
    except (ValueError, OverflowError):
        raise DeskError(f"{at or choice!r} is not a time to sleep until") from None
