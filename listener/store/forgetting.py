"""The store's verbs for words that are not to be kept any longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

Handle = tuple[str, str]  # platform, the platform's id of the author


class Erased(NamedTuple):
    """How much of a person was erased, or would be.

    Posts, their cases (open ones among them), what we wrote in these (drafts, replies, notes), and the
    labels on them.
    """

    posts: int
    cases: int
    open_cases: int
    written: int
    labels: int


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

    def would_erase(self, handles: Sequence[Handle]) -> Erased:
        """What `erase_person` would erase now."""
        ...

    def erase_person(
        self, handles: Sequence[Handle], at: datetime, actor: str, person: int = 0
    ) -> Erased:
        """Erase every mention of somebody with these handles, who they are, and what we wrote of them.

        Beside what a tombstone erases: the words of replies, sent ones too, of notes, remarks,
        resolutions and labels of their cases. That they complained, and were answered, remains counted.
        One history row by the actor says how much, and nothing of what; it cannot be taken back. The
        numbers of their posts at the platform stay, so that no source brings them again. Afterwards
        the words are in no file of the store, except for copies made before.
        """
        ...

    def rest(self) -> None:
        """Give memory back that only makes reading quicker; it fills again by itself."""
        ...
