"""The priority of cases from stored facts and the configured policy, and the clock it counts by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from listener.config import Config, QueueConfig
from listener.store.rows import CaseClock, CaseFactsRow, CaseRow, Priced
from triage.cases import NOT_OUR_TURN
from triage.priority import CaseFacts, prioritise
from triage.severity import SEVERE
from triage.verdict import Band, Lane

Groups = tuple[tuple[str, int], ...]


class Pricing:
    """Computes priorities from stored facts and the configured policy."""

    def __init__(self, config: Config) -> None:
        """Customer groups come from the brands."""
        self._queue = config.queue
        self._policy = config.queue.policy()
        self._groups = customer_groups(config)

    def price(self, rows: Sequence[CaseFactsRow], at: datetime) -> list[Priced]:
        """The priorities at a moment, in the order of the rows; sets clocks that are not set yet."""
        return [self._price(row, at) for row in rows]

    def _price(self, row: CaseFactsRow, at: datetime) -> Priced:
        clock = None
        if (row.paused_at is None) == (row.state in NOT_OUR_TURN):
            clock = self._set(row, at)
            row = row._replace(
                waits_from=clock.waits_from, paused_at=clock.paused_at, due_at=clock.due_at
            )
        groups = self._groups.get((row.brand, f"{row.kind}:{row.author_id}"), ())
        return Priced(row.id, prioritise(case_facts(row, groups), self._policy, at), clock)

    def _set(self, row: CaseFactsRow, at: datetime) -> CaseClock:
        """Stop the clock of a case that is not ours to move, or let it go on when it is again."""
        if row.paused_at is None:
            return CaseClock(row.waits_from, at, row.due_at)
        heard = max(row.paused_at, min(row.last_at or at, at))
        severe = row.severity_band in SEVERE
        return resume(self._queue, row, row.paused_at, heard, severe)


def resume(
    queue: QueueConfig, case: CaseFactsRow | CaseRow, paused: datetime, at: datetime, severe: bool
) -> CaseClock:
    """The clock of a case that was not our turn from one moment to another.

    What was left of a promise is left still, and never more than a whole promise for what the case
    is by now.
    """
    due = queue.resumed(case.due_at, paused, at)
    whole = queue.due_at(case.lane, severe, at)
    sooner = min((one for one in (due, whole) if one is not None), default=None)
    return CaseClock((case.waits_from or case.opened_at) + (at - paused), None, sooner)


def customer_groups(config: Config) -> dict[tuple[str, str], Groups]:
    """The groups with their points of every (brand, person); a person may be in several."""
    found: dict[tuple[str, str], Groups] = defaultdict(tuple)
    for brand in config.brands:
        for group in brand.groups:
            for person in dict.fromkeys(group.people):
                found[brand.name, person] += ((group.name, group.points),)
    return dict(found)


def case_facts(row: CaseFactsRow, groups: Groups = ()) -> CaseFacts:
    """What the priority of a case follows from."""
    return CaseFacts(
        lane=Lane(row.lane),
        severity=row.severity,
        severity_band=row.severity_band,
        vigilante=Band(row.vigilante),
        opened_at=row.opened_at,
        due_at=row.due_at,
        signals=row.signals,
        followers=row.followers,
        groups=groups,
        mentions=row.mentions,
        people=row.issue_people,
        waits_from=row.waits_from,
        paused_at=row.paused_at,
    )
