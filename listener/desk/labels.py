"""Labels on cases: words of the team's own, to find cases by and to hand them on."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from listener.desk.moves import Moves
from listener.desk.words import actor_name
from listener.errors import Conflict, DeskError
from listener.store.rows import HistoryRow

LONGEST = 40
MOST = 20  # on one case
_BETWEEN = frozenset("-_.:/&+")


def label_name(text: str, case: int = 12) -> str:
    """A label as it is kept: small letters and digits, with -_.:/&+ between them; spaces become -.

    Raises DeskError that says what a label may be, and how to put one on the case.
    """
    small = unicodedata.normalize("NFKC", text[: 4 * LONGEST]).strip().casefold()
    name = "-".join(small.split())
    good = all(
        one.isalnum() or unicodedata.category(one) == "Mn" or one in _BETWEEN for one in name
    )
    if not (
        name and good and name[0].isalnum() and len(name) <= LONGEST and len(text) <= 4 * LONGEST
    ):
        raise DeskError(
            f"{text[:60]!r} is no label: up to {LONGEST} letters and digits, "
            "with any of -_.:/&+ between them",
            f"listener queue label {case} refund",
        )
    return name


class LabelDesk:
    """Putting labels on cases and taking them off. Like notes: anybody may, at any time."""

    def __init__(self, moves: Moves) -> None:
        """Work on the store behind `moves`."""
        self._moves = moves

    def add(self, case: int, actor: str, labels: Sequence[str]) -> list[HistoryRow]:
        """Put labels on a case; those it has already are left alone. Raises Conflict when it has all."""
        who, names, row = actor_name(actor), _names(labels, case), self._moves.case(case)
        if len({*row.labels, *names}) > MOST:
            raise DeskError(
                f"case {case} would have more than {MOST} labels",
                f"listener queue unlabel {case} {(*row.labels, *names)[0]}",
            )
        return self._each(case, who, names, on=True)

    def remove(self, case: int, actor: str, labels: Sequence[str]) -> list[HistoryRow]:
        """Take labels off a case. Raises Conflict when it has none of them."""
        who, names = actor_name(actor), _names(labels, case)
        return self._each(case, who, names, on=False)

    def change(
        self, case: int, actor: str, add: Sequence[str], remove: Sequence[str]
    ) -> list[HistoryRow]:
        """Both together. Raises Conflict when nothing changes by it."""
        who, off = actor_name(actor), [label_name(one, case) for one in remove]
        row = self._moves.case(case)
        has = set(row.labels)
        wanted = dict.fromkeys(label_name(one, case) for one in add)
        on = [name for name in wanted if name not in has]
        gone = [name for name in dict.fromkeys(off) if name in has]
        done = self.remove(case, who, gone) if gone else []
        if not done and not on and (add or off):
            raise Conflict(f"case {case} is labelled so already", f"listener queue show {case}")
        return done + (self.add(case, who, on) if on or not gone else [])

    def _each(self, case: int, who: str, names: Sequence[str], *, on: bool) -> list[HistoryRow]:
        now = self._moves.now()
        done = [self._moves.store.label(case, name, who, now, on=on) for name in names]
        made = [row for row in done if row is not None]
        if not made:
            has = "has" if on else "does not have"
            raise Conflict(
                f"case {case} {has} the label {', '.join(names)}{' already' if on else ''}",
                f"listener queue show {case}",
            )
        return made


def _names(labels: Sequence[str], case: int) -> list[str]:
    names = list(dict.fromkeys(label_name(one, case) for one in labels))
    if not names:
        raise DeskError("which label?", f"listener queue label {case} refund")
    return names
