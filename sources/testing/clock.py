"""A clock for tests: it goes only when it is told to."""

from __future__ import annotations

from datetime import datetime, timedelta


class Clock:
    """What a source is given as `now`: always `moment`, which may be set."""

    def __init__(self, moment: datetime) -> None:
        """Stand still at `moment`."""
        self.moment = moment

    def __call__(self) -> datetime:
        """Return the moment."""
        return self.moment

    def later(self, **span: float) -> None:
        """Go on by a span, as `timedelta` takes it; a negative one goes back."""
        self.moment += timedelta(**span)
