"""How everything is, in one value: what the health pages and the header of the queue show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from listener.store.protocol import Store
from listener.store.rows import SourceState, Totals
from sources.protocols import Health


@dataclass(frozen=True, slots=True)
class HealthReport:
    """`ok` is whether every source that has run can see; `sources` are sorted worst first."""

    ok: bool
    at: datetime
    sources: tuple[SourceState, ...]
    totals: Totals
    blind: tuple[str, ...]


def report(store: Store, at: datetime) -> HealthReport:
    """Look at the store now."""
    worst = (Health.BLIND, Health.DEGRADED, Health.QUIET, Health.HEALTHY)
    states = tuple(sorted(store.health(), key=lambda s: (worst.index(s.health), s.source)))
    blind = tuple(blindness(state) for state in states if state.health is Health.BLIND)
    return HealthReport(not blind, at, states, store.totals(), blind)


def blindness(state: SourceState) -> str:
    """One phrase for a header: "reddit blind since 02:10 (token rejected)"."""
    return f"{state.source} {state.health} since {state.since:%Y-%m-%d %H:%M} UTC ({state.reason})"


def plain(found: HealthReport) -> Mapping[str, object]:
    """The report as JSON shows it, without what only the public must not see: no texts, no secrets."""
    return {
        "ok": found.ok,
        "at": found.at,
        "blind": found.blind,
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
                "last_success_at": state.last_success_at,
                "retry_at": state.retry_at,
            }
            for state in found.sources
        ],
    }
