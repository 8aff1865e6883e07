"""Stored posts that are looked up again at their platform: which are due, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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
