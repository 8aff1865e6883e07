"""Stored posts that are looked up again at their platform: which are due, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from listener.store.coverage import Counted
from sources.mention import Mention


@dataclass(frozen=True, slots=True)
class Due:
    """Posts of one source that have come to an age, by external id, in order of arrival.

    With them all of the source's posts behind the mention `after` and up to `through` are dealt with
    at that age: those that are not named were erased meanwhile, are samples, or are due at the next
    age already.
    """

    source: str
    kind: str
    age: timedelta
    after: int
    through: int
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What became of them: `deleted` are external ids, `present` what some of the others say now."""

    due: Due
    at: datetime
    deleted: Sequence[str] = ()
    present: Sequence[Mention] = ()


class Verifying(Protocol):
    """Which posts are to be looked up again, and what became of them."""

    def to_verify(
        self,
        source: str,
        kind: str,
        age: timedelta,
        later: timedelta | None,
        at: datetime,
        limit: int,
    ) -> Due:
        """The source's next posts, `limit` at most, seen `age` ago or longer and not looked up then.

        Only those that it brought first, of this kind, neither erased nor samples. What has come to
        the `later` age too is left to that one, so that old posts are asked for once and not once an
        age. Few or none does not mean that there are no more: ask again while `through` grows.
        """
        ...

    def verified(self, done: LookedUp) -> Counted:
        """Write what became of posts that were due, and that they have been looked up at that age.

        Deleted ones are erased as by a tombstone, changed words of present ones are an edit, as in
        `collect`; all others stay as they are.
        """
        ...

    def looked_up(self, source: str, day: datetime) -> int:
        """How many posts of the source were looked up on the UTC day of that moment."""
        ...
