"""What every command prints with: tables for people, JSON for programs, nothing else on stdout.

rich is imported when the first table is drawn, so that importing this module costs nothing. Colours
are off when the output is not a terminal or NO_COLOR is set. Text of posts is hostile: it reaches a
terminal only through `safe` or `cell`, which take the control characters out of it.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Set
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from sources.mention import utc

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

# Columns assumed when the output goes to a file or a pipe and COLUMNS says nothing.
PIPE_COLUMNS = 120

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")

_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_BREAKS = (*range(0x09, 0x0E), 0x85, 0x2028, 0x2029)
_SAFE: Mapping[int, str | None] = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000)), "\ufffd"),
    **dict.fromkeys((*_BIDI, 0x200B, 0xFEFF)),
    **dict.fromkeys(_BREAKS, " "),
}


def safe(text: str, limit: int | None = None) -> str:
    """Make any text one harmless line for a terminal, at most `limit` characters with its ellipsis.

    Escape sequences and lone surrogates become U+FFFD, line breaks and tabs become spaces, marks
    that turn the direction of writing or have no width go. Linear, also for a million characters.
    """
    if limit is not None:
        # Cut before cleaning, with room for what cleaning takes out.
        text = text[: limit * 4 + 16]
    line = " ".join(text.translate(_SAFE).split(" "))
    if limit is not None and len(line) > limit:
        return line[: max(limit - 1, 0)].rstrip() + "…"
    return line


def out() -> Console:
    """The console for results: stdout, width-aware, no markup, so that text is never obeyed."""
    return _console(sys.stdout)


def err() -> Console:
    """The console for progress and remarks: stderr."""
    return _console(sys.stderr)


def _console(file: TextIO) -> Console:
    from rich.console import Console

    width = None if file.isatty() else shutil.get_terminal_size((PIPE_COLUMNS, 40)).columns
    return Console(file=file, width=width, markup=False, highlight=False, emoji=False)


def table(*columns: str) -> Table:
    """A plain table with these headings; add rows of `cell` or of text that we wrote ourselves."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", expand=False)
    for heading in columns:
        drawn.add_column(heading, overflow="fold")
    return drawn


def cell(text: str, style: str = "", limit: int | None = None) -> Text:
    """A table cell that holds anybody's text, made harmless."""
    from rich.text import Text

    return Text(safe(text, limit), style=style)


def say(message: str) -> None:
    """Print one remark for a person on stderr."""
    click.echo(message, err=True)


def print_json(value: object) -> None:
    """Print one JSON document on stdout: dataclasses, times, paths and sets included."""
    click.echo(to_json(value, indent=2))


def print_json_lines(values: Iterable[object]) -> None:
    """Print one JSON document a line, as they come."""
    for value in values:
        click.echo(to_json(value))


def to_json(value: object, indent: int | None = None) -> str:
    """Write a value as JSON: moments in UTC, durations in seconds, secrets never.

    Readable characters stay as they are; what the output's encoding cannot say is escaped.
    """
    text = json.dumps(_opened(value), default=_plain, indent=indent, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(_opened(value), default=_plain, indent=indent)
    return text


def _opened(value: object) -> object:
    """A value whose named tuples show their names; JSON knows them as bare lists."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: _opened(one) for name, one in zip(value._fields, value, strict=True)}
    if isinstance(value, Mapping):
        return {name: _opened(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_opened(one) for one in value]
    return value


def by_name(value: DataclassInstance) -> dict[str, object]:
    """The fields of a dataclass, for documents that add to them."""
    return {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: _opened(one) for name, one in by_name(value).items()}
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return _opened(dict(value))
    if isinstance(value, Set):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
