"""What told the judge so, as the page beside a case shows it: signed parts that add up as written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sources.text import clean_line
from triage.explanation import REST, Change, Explained
from triage.figures import Sum, figures, says_of

SHOWN = 7
LITTLE = 0.05
MOST_NAMED = 4
DEGREES = {"complaint": "complaint", "severity": "severe: 3 or 4 of 4"}


@dataclass(frozen=True, slots=True)
class ToldPart:
    """One part; `quoted` are words of the post."""

    points: str
    says: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class ToldFigure:
    """A figure: `start` and the points of its parts add up to `total`, to the digit that is shown."""

    name: str
    start: str
    parts: tuple[ToldPart, ...]
    total: str
    chance: str


@dataclass(frozen=True, slots=True)
class Told:
    """All figures, what would change them, and whether corrections have moved the verdict since."""

    figures: tuple[ToldFigure, ...]
    changes: tuple[str, ...]
    moved: bool


def told(explained: Explained, verdict: str) -> Told:
    """An explanation in words; `verdict` is the version of what was decided in the end."""
    return Told(
        tuple(map(_figure, figures(explained))),
        tuple(map(_change, explained.changes)),
        verdict != explained.version,
    )


def _figure(one: Sum) -> ToldFigure:
    telling = [part for part in one.parts if part.name != REST and abs(part.added) >= LITTLE]
    shown = telling[:SHOWN]
    start, total = round(one.start, 1), round(one.total, 1)
    parts = [
        ToldPart(_signed(part.added), clean_line(part.says, 60), part.quoted) for part in shown
    ]
    rest = total - start - sum([round(part.added, 1) for part in shown])
    if round(rest, 1):
        parts.append(ToldPart(_signed(rest), "everything else together", False))
    name = DEGREES.get(one.about) or f"mood: {one.head.rpartition('/')[2]}"
    return ToldFigure(name, _signed(start), tuple(parts), _signed(total), f"{one.chance:.0%}")


def _change(one: Change) -> str:
    named = _listed([clean_line(says_of(name), 40) for name in one.without])
    return f"{one.about} is {one.was}; without {named} it would be {one.to}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    listed = ", ".join(f"“{name}”" for name in names[:MOST_NAMED])
    return f"{listed} and {more} more" if more > 0 else listed


def _signed(points: float) -> str:
    # -0.0 is nothing, not less than nothing.
    return f"{round(points, 1) + 0.0:+.1f}"
