"""Tuning how readily a brand's issues are joined by what people decided: tried, used, taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from listener.errors import Conflict, DeskError
from listener.stages.group_room import GroupRoom
from listener.store.calibrations import GROUPING, NewCalibration
from listener.store.protocol import Store
from listener.store.rows import HistoryRow
from triage.space import STATIC, Space
from triage.tuning import Tuning

PREVIEW = "listener issues tune"


class GroupTuning:
    """The tuning of one brand's groups. What is used is looked up before every look at all posts."""

    def __init__(
        self, store: Store, brand: str, now: Callable[[], datetime], space: Space = STATIC
    ) -> None:
        """Nothing is read yet. `space` is what the brand is grouped by."""
        self._space = space
        self._store = store
        self._now = now
        self.brand = brand

    def preview(self) -> Tuning:
        """What suits the decisions of people best; changes nothing."""
        room = GroupRoom(self.brand, self._space)
        with self._store.triage() as scope:
            clusterer = room.take_up(self._store, scope)
            clusterer.respect(scope.decided(self.brand))
            return clusterer.tuning()

    def apply(self, tuning: Tuning, actor: str) -> HistoryRow:
        """Join issues so from the next look on. `actor` is a checked name.

        Raises DeskError when there is too little to go on or nothing better was found, Conflict when
        somebody else applied or took back meanwhile.
        """
        if tuning.refused:
            raise DeskError(f"not tuned: {tuning.refused}", "listener issues list")
        if tuning.best == tuning.now:
            raise DeskError("not tuned: no other setting fits better what people decided", PREVIEW)
        best = tuning.best
        done = self._store.calibrate(
            NewCalibration(
                brand=self.brand,
                version=f"strictness-{best.strictness:g}",
                setting=json.dumps({"strictness": best.strictness}),
                actor=actor,
                at=self._now(),
                replaces=self._in_use(),
                note=(
                    f"strictness {tuning.now.strictness:g} → {best.strictness:g}: agreement with"
                    f" {tuning.touched} issues of people {tuning.now.agreement:.2f} →"
                    f" {best.agreement:.2f}"
                ),
                name=GROUPING,
            )
        )
        if done is None:
            raise Conflict(f"somebody else tuned {self.brand} meanwhile", PREVIEW)
        return done

    def undo(self, actor: str) -> HistoryRow:
        """Take back what is used; what was used before is used again. Raises DeskError, Conflict."""
        id = self._in_use()
        row = self._store.calibration(id) if id else None
        if row is None:
            raise DeskError(f"the groups of {self.brand} are not tuned", PREVIEW)
        done = self._store.undo(row.history, actor, self._now())
        if done is None:
            raise Conflict(f"somebody else tuned {self.brand} meanwhile", PREVIEW)
        return done

    def _in_use(self) -> int:
        return self._store.calibrated(GROUPING).get(self.brand, 0)
