"""Corrections as they are kept: what people said was wrong, or right, and the verbs for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from listener.store.rows import HistoryRow, MentionRow, NewCase


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says of the verdict on one mention for one brand: (field, value), in order.

    See `triage.correction` for fields and values. `case` is the case to open should the mention need
    an answer now, or what is promised for the one it has. `audit` says that the mention was asked
    about as one of a fair sample.
    """

    mention: int
    brand: str
    fields: Sequence[tuple[str, str]]
    actor: str
    at: datetime
    note: str = ""
    audit: bool = False
    case: NewCase | None = None


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One kept correction with the mention as it is now: its text, and the verdict with what judging
    saw in it (signals, probabilities, sentiment).

    `was` and `is_now` are equal where a person confirmed what was decided. `history` is the move that
    made it; several fields of one mention may share one.
    """

    id: int
    brand: str
    field: str
    was: str
    is_now: str
    actor: str
    at: datetime
    audit: bool
    history: int
    undone_at: datetime | None
    mention: MentionRow


class Corrections(Protocol):
    """The store's verbs for corrections."""

    def readings(self, mention: int) -> list[MentionRow]:
        """One mention by its id, with its verdict for every brand; empty when there is none."""
        ...

    def correct(self, correction: Correction) -> HistoryRow:
        """Keep a correction and let the verdict, its issue's counts and its case follow at once.

        A later verdict of the judge follows it too, see `TriageScope.corrected`. A case is opened,
        dismissed or opened again as the new lane needs it, unless somebody has worked on it: then it
        stays and only its lane follows. A mention that was about no brand is bound to the brand and
        judged for it in the next triage. The case's price is due at once. The row's entity is the
        mention, and it can be undone like any move. Raises NotFound without the mention or its
        verdict, DeskError for an erased one, ValueError for a field or value that there is not.
        """
        ...

    def corrections(self, brand: str = "", *, undone: bool = False) -> Iterator[CorrectionRow]:
        """All corrections that hold, in the order they were made, streamed; erased mentions are out.

        With `undone` also those that were taken back.
        """
        ...

    def conflicts(self, brand: str = "", limit: int = 100) -> list[tuple[CorrectionRow, ...]]:
        """Corrections that hold and contradict each other: one field, the same words, two values.

        The same words are one mention, or its copies. The latest conflicts first.
        """
        ...

    def audit_sample(self, brand: str = "", limit: int = 20) -> list[MentionRow]:
        """Muted mentions of the audit sample that nobody has answered for, the latest first.

        With a brand, also those that are about no brand.
        """
        ...
