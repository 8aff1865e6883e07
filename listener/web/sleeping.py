"""Until when a case sleeps, as people choose it on a page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from listener.config import Config
from listener.errors import DeskError
from sources.duration import parse_duration

MORNING = 9  # o'clock
PATIENCE = timedelta(days=30)  # how long we wait for an answer before we look again
MONDAY = 0


def until(choice: str, at: str, config: Config, now: datetime) -> datetime:
    """The moment for a choice: a duration, tomorrow, monday, answer, or `at` a time by the clock.

    Mornings and clock times are those of the house, `queue.hours.tz`. Raises DeskError.
    """
    zone = ZoneInfo(config.queue.hours.tz) if config.queue.hours is not None else UTC
    here = now.astimezone(zone)
    morning = here.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if choice == "answer":
        return now + PATIENCE
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
