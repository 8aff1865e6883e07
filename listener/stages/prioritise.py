"""Prioritise: compute the priority of cases, and renew what time alone has changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from listener.config import Config
from listener.store.protocol import Store
from listener.store.rows import CaseFactsRow, Priced
from triage.priority import CaseFacts
from triage.priority import prioritise as priority_of
from triage.verdict import Band, Lane

BATCH = 500


class Pricing:
    """Computes priorities from stored facts and the configured policy."""

    def __init__(self, config: Config) -> None:
        """Customer groups come from the brands."""
        self._policy = config.queue.policy()
        self._groups = {
            (brand.name, person): (group.name, group.points)
            for brand in config.brands
            for group in brand.groups
            for person in group.people
        }

    def price(self, rows: Sequence[CaseFactsRow], at: datetime) -> list[Priced]:
        """The priorities at a moment, in the order of the rows."""
        return [Priced(row.id, priority_of(self._facts(row), self._policy, at)) for row in rows]

    def _facts(self, row: CaseFactsRow) -> CaseFacts:
        person = f"{row.kind}:{row.author_id}"
        group, points = self._groups.get((row.brand, person), ("", 0))
        return CaseFacts(
            lane=Lane(row.lane),
            severity=row.severity,
            severity_band=row.severity_band,
            vigilante=Band(row.vigilante),
            opened_at=row.opened_at,
            due_at=row.due_at,
            signals=row.signals,
            followers=row.followers,
            group=group,
            group_points=points,
            mentions=row.mentions,
            people=row.issue_people,
        )


def prioritise(store: Store, config: Config, at: datetime) -> int:
    """Renew every open case one of whose parts changes by `at`; returns how many.

    Leases and snoozes that are over end here too, each with its history row.
    """
    pricing = Pricing(config)
    renewed = 0
    while cases := store.cases_to_price(at, BATCH):
        with store.triage() as scope:
            scope.price(pricing.price(scope.case_facts(cases), at))
        renewed += len(cases)
    return renewed
