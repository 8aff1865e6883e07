"""Nightly: what a look at the last days would change in issues that people touched, as suggestions.

Looks are due by the number of posts that came; a quiet brand might wait for weeks. This one changes
nothing but the list of suggestions, and what was suggested once is not suggested again, so it may run
any number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

import structlog

from listener.stages.group_room import GroupRoom
from listener.store.grouping import SuggestionRow
from listener.store.protocol import Store
from triage.protocols import Suggestion
from triage.space import Space

log = structlog.get_logger(__name__)

HOUR = 3  # UTC: from then on, once a day and process


class Nightly:
    """The nightly look of one process. Belongs to one thread."""

    def __init__(
        self, store: Store, brands: Mapping[str, Space], now: Callable[[], datetime]
    ) -> None:
        """Nothing is looked at yet. `brands` are grouped by these kinds of vectors."""
        self._store = store
        self._brands = brands
        self._now = now
        self._done: date | None = None

    def tend(self) -> int:
        """Look when the night has come and it was not done yet; how many suggestions are new."""
        at = self._now()
        if at.hour != HOUR or self._done == at.date():
            return 0
        self._done = at.date()
        return sum(self.look(brand) for brand in self._brands)

    def look(self, brand: str) -> int:
        """Look at a brand's live posts now; how many suggestions are new."""
        room = GroupRoom(brand, self._brands[brand])
        with self._store.triage() as scope:
            decided = scope.decided(brand)
            if not decided.touched:
                return 0
            clusterer = room.take_up(self._store, scope)
            clusterer.respect(decided)
            suggested = clusterer.suggestions()
        at = self._now()
        new = self._store.suggest([_row(brand, one, at) for one in suggested])
        if new:
            log.info("suggestions", brand=brand, new=new)
        return new


def _row(brand: str, one: Suggestion, at: datetime) -> SuggestionRow:
    return SuggestionRow(
        id=0,
        brand=brand,
        rule="split" if one.parted else "merge",
        issue=one.issue,
        other=one.into,
        mentions=one.parted,
        reason=one.reason,
        state="open",
        at=at,
        actor="",
        decided_at=None,
    )
