"""How bad a complaint is at least when it shows a signal, for one brand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from triage.points import Points


def _points(default: int, description: str) -> int:
    value: int = Field(default=default, ge=0, le=4, description=description)
    return value


class SevereConfig(BaseModel):
    """What each signal lifts a complaint to: 1 low, 2 medium, 3 high, 4 critical; 0 lifts nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    safety: int = _points(3, "Speaks of danger or injury: at least so severe (1 low … 4 critical).")
    vulnerable: int = _points(3, "Speaks of a person in need.")
    discrimination: int = _points(3, "Speaks of discrimination.")
    privacy: int = _points(3, "Speaks of leaked data.")
    accessibility: int = _points(0, "Speaks of a disability.")
    fraud: int = _points(0, "Speaks of fraud.")
    legal: int = _points(0, "Speaks of law or court.")
    regulator: int = _points(0, "Names a regulator.")
    press: int = _points(0, "Turns to the press.")
    executive: int = _points(0, "Calls for someone in charge.")
    goes_public: int = _points(0, "Says that it goes public.")
    ultimatum: int = _points(0, "Sets an ultimatum.")

    def differing(self) -> Points:
        """The points that are not the house's own."""
        from triage.points import differing
        from triage.severity import LIFTS

        return differing(dict(self), LIFTS)
