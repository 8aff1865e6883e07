"""How listening goes: whether a source is blind, and the posts of the last day, on every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.health import HealthReport, report, unread
from listener.store.protocol import Store
from listener.web.phrases import phrase, phrases
from listener.web.views.curves import Curve, curve
from sources.protocols import Health

DAY = 24


@dataclass(frozen=True, slots=True)
class Pulse:
    """`worst` is healthy, quiet, degraded, blind or never; `word` says it in short, `said` in full.

    `unread` counts the posts by language whose mood nobody reads, "" without any.
    """

    worst: str
    word: str
    said: str
    day: Curve
    alarms: tuple[str, ...]
    unread: str


def pulse(store: Store, now: datetime) -> Pulse:
    """Look at the store now."""
    found = report(store, now)
    counted = store.hourly(now - timedelta(hours=DAY))
    hours = [now - timedelta(hours=ago) for ago in range(DAY - 1, -1, -1)]
    day = curve([(f"{at:%H}:00", counted.get(f"{at:%Y-%m-%dT%H}", 0)) for at in hours], wide=6)
    worst, word = _worst(found)
    said = "; ".join(found.alarms) or phrases(
        "%(num)s post in the last 24 hours", "%(num)s posts in the last 24 hours", day.total
    )
    return Pulse(worst, word, said, day, found.alarms, unread(found.totals))


def _worst(found: HealthReport) -> tuple[str, str]:
    states = found.sources
    if not states:
        return "never", phrase("no source has run yet")
    blind = sum(one.health is Health.BLIND for one in states)
    if blind:
        return "blind", phrase("%(n)s of %(of)s sources blind", n=blind, of=len(states))
    if any(one.health is Health.DEGRADED for one in states):
        return "degraded", phrase("a source is unwell")
    if found.quiet:
        return "quiet", phrase("unusually quiet")
    return "healthy", phrases("%(num)s source listening", "%(num)s sources listening", len(states))
