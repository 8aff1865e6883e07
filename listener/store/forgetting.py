"""The store's verbs for words that are not to be kept any longer."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Forgetting(Protocol):
    """Erasing what is too old, and whatever one person said."""

    def forget(self, before: datetime, at: datetime, limit: int) -> int:
        """Erase the words of up to `limit` mentions first seen before then; returns how many.

        As by a tombstone: counts remain. What belongs to a case that is still open stays until it is
        closed. Where `before` is more than a month past the last time, the clock may be wrong: then
        nothing goes until that has been so for two days. Fewer than `limit` says that this was all;
        asking again for the same time is cheap.
        """
        ...

    def erase_person(self, kind: str, author_id: str, at: datetime) -> int:
        """Erase every mention of a person, and who they are; returns how many there were."""
        ...

    def rest(self) -> None:
        """Give memory back that only makes reading quicker; it fills again by itself."""
        ...
