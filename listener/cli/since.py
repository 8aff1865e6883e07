"""A time as somebody types it: a length before now, or a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def since(text: str, now: datetime) -> datetime:
    """The moment that "30d" or "2026-11-01" means. Raises UsageError for anything else."""
    from datetime import UTC, datetime

    from listener.errors import UsageError
    from sources.duration import parse_duration

    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            return now - parse_duration(text)
        except (ValueError, OverflowError):
            raise UsageError(
                f"{text!r} is neither a length nor a time", "30d or 2026-11-01"
            ) from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
