"""Calibrations as they are kept: what was fitted to a brand, by whom, and the verbs for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from listener.store.rows import HistoryRow

CORRECTIONS = "corrections"  # what corrections of verdicts have taught the judge
GROUPING = "grouping"  # how readily issues are joined: {"strictness": 1.4}


@dataclass(frozen=True, slots=True)
class NewCalibration:
    """What was fitted to a brand and is to be used from now on.

    `version` names it, `setting` is its text. `replaces` is the id of what was in use when it was
    fitted, 0 for nothing; `note` goes to the history. `name` says what is calibrated: a brand has
    one in use for each.
    """

    brand: str
    version: str
    setting: str
    actor: str
    at: datetime
    replaces: int = 0
    note: str = ""
    name: str = CORRECTIONS


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """A kept calibration; `undone_at` when it was taken back, `history` the move that made it."""

    id: int
    brand: str
    version: str
    setting: str
    actor: str
    at: datetime
    undone_at: datetime | None
    history: int
    note: str


class Calibrations(Protocol):
    """The store's verbs for calibrations. In use is a brand's latest that was not taken back.

    None is ever deleted or changed, so taking one back brings back exactly what was used before.
    """

    def calibrate(self, new: NewCalibration) -> HistoryRow | None:
        """Keep a calibration and use it from now on; None when `replaces` is no longer in use.

        The history row has the action "learn" ("tune" for grouping), the entity "calibration", and
        the ids in use before and after under "in_use" (0: nothing). `undo` takes it back, unless a later one is in use.
        """
        ...

    def calibrated(self, name: str = CORRECTIONS) -> Mapping[str, int]:
        """The id of what is in use, by brand; brands without are left out. Asked often, cheap."""
        ...

    def calibration(self, id: int) -> CalibrationRow | None:
        """One of them with its setting, in use or not."""
        ...

    def calibrations(self, brand: str = "") -> list[CalibrationRow]:
        """All that corrections taught, newest first, with an empty `setting`."""
        ...

    def judge_again(self, version: str, calibrated: Mapping[str, str]) -> int:
        """Make mentions pending whose verdict is of another version; returns how many.

        Right are, for these brands, these versions, and `version` for all others and for what is
        about no brand.
        """
        ...
