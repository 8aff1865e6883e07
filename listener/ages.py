"""Times as a person at the desk reads them: how long ago, how long still, at what hour."""

from __future__ import annotations

from datetime import datetime, timedelta

_UNITS = ((86_400 * 365, "y"), (86_400, "d"), (3_600, "h"), (60, "min"))


def span(length: timedelta) -> str:
    """A length in its largest whole unit: "now", "40 min", "3 h", "12 d", "2 y"."""
    seconds = abs(int(length.total_seconds()))
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "now"


def age(at: datetime, now: datetime) -> str:
    """How long ago something was; the future, which a wrong clock can claim, is said so."""
    return f"in {span(at - now)}" if at - now >= timedelta(minutes=1) else span(now - at)


def ago(at: datetime, now: datetime) -> str:
    """The same in a sentence: "3 h ago", "just now"."""
    text = age(at, now)
    return "just now" if text == "now" else text if text.startswith("in ") else f"{text} ago"


def old(at: datetime, now: datetime) -> str:
    """The same as a property: "3 h old", "new"."""
    text = age(at, now)
    return "new" if text == "now" or text.startswith("in ") else f"{text} old"


def promise(due: datetime | None, now: datetime) -> tuple[str, str]:
    """The countdown of a promise and its style: "due in 40 min", "2 h late"; empty without one."""
    if due is None:
        return "", ""
    left = due - now
    if left <= timedelta(0):
        return (f"{span(left)} late" if left <= timedelta(minutes=-1) else "due now"), "bold red"
    style = "yellow" if left <= timedelta(hours=1) else ""
    return (f"due in {span(left)}" if left >= timedelta(minutes=1) else "due now"), style


def clock(at: datetime, now: datetime) -> str:
    """A moment in UTC, as short as `now` allows: "14:20", "Nov 3 14:20", "2025-11-03 14:20"."""
    if at.date() == now.date():
        return f"{at:%H:%M}"
    return f"{at:%b} {at.day} {at:%H:%M}" if at.year == now.year else f"{at:%Y-%m-%d %H:%M}"
