"""What sources begin with that visit their platform through the guarded fetcher alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from sources.http.fetch import Fetcher, utc_now
from sources.settings import SourceSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

S = TypeVar("S", bound=SourceSettings)


class Visitor(Generic[S]):
    """A source with settings, a clock, and a fetcher of its own for every visit."""

    def __init__(
        self,
        settings: S,
        now: Callable[[], datetime] = utc_now,
        fetcher: Callable[[], Fetcher] | None = None,
    ) -> None:
        """Nothing is fetched yet. `now` is the clock; `fetcher` makes the fetcher of one visit."""
        self.name = settings.name
        self._settings = settings
        self._now = now
        self._fetcher = fetcher or (lambda: Fetcher(allow_private=settings.allow_private, now=now))
