"""Issues none of whose posts is live any more, kept by their centres so that they can come back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from triage.calibration import UNIT, Rows

MOST = 4_096


class Dormant:
    """The centres of the issues that fell asleep last: at most 4,096, the longest asleep out first.

    A centre is the direction of the sum of an issue's rows, rounded once: comparing is exact.
    """

    def __init__(self, dimensions: int) -> None:
        self._centres: Rows = np.zeros((0, dimensions), np.float32)
        self._issues: list[int] = []
        self._totals: dict[int, NDArray[np.float64]] = {}

    def keep(self, totals: dict[int, NDArray[np.float64]]) -> None:
        """Take in issues with the sums of their rows, in order of id."""
        if not totals:
            return
        centres = [self._centres]
        for issue in sorted(totals):
            total = totals[issue]
            length = float(total @ total) ** 0.5 or 1.0
            centre = np.clip(np.rint(total * (UNIT / length)), -127, 127)
            centres.append(centre[None].astype(np.float32))
            self._issues.append(issue)
        self._totals |= totals
        self._centres = np.concatenate(centres)[-MOST:]
        for issue in self._issues[:-MOST]:
            del self._totals[issue]
        self._issues = self._issues[-MOST:]

    def closest(self, row: Rows, near: float) -> tuple[int, float] | None:
        """The issue whose centre is most like a row (the longer asleep among equals), if near."""
        if not self._issues:
            return None
        products = self._centres @ row
        at = int(products.argmax())
        return (self._issues[at], float(products[at])) if products[at] >= near else None

    def wake(self, issue: int) -> NDArray[np.float64] | None:
        """The sum of an issue's rows, which is live again from now on; None when it was not here."""
        total = self._totals.pop(issue, None)
        if total is not None:
            at = self._issues.index(issue)
            del self._issues[at]
            self._centres = np.delete(self._centres, at, axis=0)
        return total

    def kept(self) -> dict[str, NDArray[np.generic]]:
        """Everything, as arrays."""
        totals = [self._totals[issue] for issue in self._issues]
        shape = (len(totals), self._centres.shape[1])
        return {
            "centres": self._centres.astype(np.int8),
            "issues": np.asarray(self._issues, np.int64),
            "totals": np.asarray(totals, np.float64).reshape(shape).astype(np.int64),
        }

    def take_up(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Become what was kept."""
        self._centres = arrays["centres"].astype(np.float32)
        self._issues = arrays["issues"].tolist()
        totals = arrays["totals"].astype(np.float64)
        self._totals = dict(zip(self._issues, totals, strict=True))

    def rename(self, ends: Mapping[int, int]) -> dict[int, NDArray[np.float64]]:
        """Give issues that people merged the ids they have now.

        Returns the sums of those that are no longer asleep, because what they went into is not.
        """
        gone: dict[int, NDArray[np.float64]] = {}
        for issue in [one for one in self._issues if ends.get(one, one) != one]:
            total = self.wake(issue)
            assert total is not None
            end = ends[issue]
            if end in self._totals:
                self._totals[end] = self._totals[end] + total
            else:
                gone[end] = gone[end] + total if end in gone else total
        return gone

    @property
    def issues(self) -> tuple[int, ...]:
        """The issues asleep."""
        return tuple(self._issues)
