"""How everything is, in one value: what the health pages and the header of the queue show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from listener.store.protocol import Store
from listener.store.rows import SourceState, Totals
from sources.protocols import Health

MOST_LANGUAGES = 5


@dataclass(frozen=True, slots=True)
class HealthReport:
    """`ok` is whether every source that has run can see; `sources` are sorted worst first.

    `blind` and `quiet` are phrases about those that cannot see, and those that are silent for longer
    than they ever are.
    """

    ok: bool
    at: datetime
    sources: tuple[SourceState, ...]
    totals: Totals
    blind: tuple[str, ...]
    quiet: tuple[str, ...] = ()

    @property
    def alarms(self) -> tuple[str, ...]:
        """What stands above the queue: an empty queue means nothing while one of these holds."""
        return self.blind + self.quiet


def report(store: Store, at: datetime) -> HealthReport:
    """Look at the store now."""
    worst = (Health.BLIND, Health.DEGRADED, Health.QUIET, Health.HEALTHY)
    states = tuple(sorted(store.health(), key=lambda s: (worst.index(s.health), s.source)))
    blind = tuple(blindness(state) for state in states if state.health is Health.BLIND)
    quiet = tuple(
        silence(state, state.quiet_since)
        for state in states
        if state.quiet_since is not None and state.health is not Health.BLIND
    )
    return HealthReport(not blind, at, states, store.totals(), blind, quiet)


def blindness(state: SourceState) -> str:
    """One phrase for a header: "reddit blind since 02:10 (token rejected)"."""
    return f"{state.source} {state.health} since {state.since:%Y-%m-%d %H:%M} UTC ({state.reason})"


def silence(state: SourceState, since: datetime) -> str:
    """One phrase for a header: "reddit unusually quiet since 02:10 UTC: about 30 posts …"."""
    words = f"{state.source} unusually quiet since {since:%Y-%m-%d %H:%M} UTC"
    return f"{words} ({state.reason})" if state.failures else f"{state.source} {state.reason}"


def unread(totals: Totals) -> str:
    """The languages whose mood is not read, with their posts: "not read for sentiment: 12 vi, 3 ja"."""
    languages = sorted(totals.unread_languages.items(), key=lambda one: (-one[1], one[0]))
    if not languages:
        return ""
    named = ", ".join(f"{count:,} {lang}" for lang, count in languages[:MOST_LANGUAGES])
    return f"not read for sentiment: {named}{', …' if len(languages) > MOST_LANGUAGES else ''}"


def plain(found: HealthReport) -> Mapping[str, object]:
    """The report as JSON shows it, without what only the public must not see: no texts, no secrets."""
    return {
        "ok": found.ok,
        "at": found.at,
        "blind": found.blind,
        "unusually_quiet": found.quiet,
        "mentions": found.totals.mentions,
        "pending": found.totals.pending,
        "issues": found.totals.issues,
        "cases": dict(found.totals.cases_by_state),
        "lanes": dict(found.totals.cases_by_lane),
        "unread_languages": dict(found.totals.unread_languages),
        "sample": found.totals.sample,
        "sources": [
            {
                "source": state.source,
                "health": str(state.health),
                "since": state.since,
                "reason": state.reason,
                "quiet_since": state.quiet_since,
                "last_success_at": state.last_success_at,
                "retry_at": state.retry_at,
            }
            for state in found.sources
        ],
    }
