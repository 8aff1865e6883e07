"""One cell of an export: its type, and how it is written where a spreadsheet might obey it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sources.mention import utc

Cell = str | int | float | bool | datetime | tuple[str, ...] | None

# What makes a spreadsheet take a cell for a formula, with the full-width forms some of them fold.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
# What a spreadsheet may drop before it looks: spaces and marks without width.
_IGNORED = " \u00a0\u3000\u200b\ufeff\x00"


class Kind(StrEnum):
    """What a column holds; `texts` are several texts."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    TIME = "time"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export: its name never changes its meaning, new ones are added at the end."""

    name: str
    kind: Kind
    about: str


def guarded(text: str) -> str:
    """Keep a spreadsheet from obeying a text: one that could start a formula gets an apostrophe.

    Numbers are not texts and never pass here. NUL and lone surrogates, which no spreadsheet reads,
    become U+FFFD.
    """
    if not text.isprintable():
        text = (
            text.replace("\x00", "\ufffd")
            .encode("utf-16", "surrogatepass")
            .decode("utf-16", "replace")
        )
    start = text.lstrip(_IGNORED)[:1]
    return f"'{text}" if start in _FORMULA and start else text


def csv_cell(cell: Cell) -> str:
    """Write a cell for CSV: empty for none, true/false, ISO 8601 in UTC, texts joined by ` | `."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guarded(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return utc(cell)
    if isinstance(cell, tuple):
        return guarded(" | ".join(cell))
    return repr(cell)


def json_cell(cell: Cell) -> str | int | float | bool | list[str] | None:
    """The JSON form of a cell: moments as ISO 8601 in UTC, texts as a list."""
    if isinstance(cell, datetime):
        return utc(cell)
    if isinstance(cell, tuple):
        return list(cell)
    return cell
