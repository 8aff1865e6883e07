"""Mistakes in a configuration: where, which setting, and what would have been right."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_NAMED = 20  # of thousands of sources nobody reads all names

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line and a column, both counted from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `path` is the setting, empty when the file itself is broken.

    `place` is None for a value that came from the environment; `origin` is then its variable.
    """

    message: str
    path: Path = ()
    place: Place | None = None
    origin: str = ""

    def line(self, file: str) -> str:
        """Write it as a compiler would: `config.yaml:6:5: sources.1.evry: not a setting`."""
        where = (
            f"{file}:{self.place.line}:{self.place.column}" if self.place else self.origin or file
        )
        setting = f"{dotted(self.path)}: " if self.path else ""
        return f"{where}: {setting}{self.message}"


def dotted(path: Path) -> str:
    """Write a setting's path: `sources.1.every` (lists count from 0)."""
    return ".".join(str(part) for part in path)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Name the known word that was probably meant, else all of them, as the end of a sentence."""
    words = sorted(known)
    close = difflib.get_close_matches(word[:80], words, n=1, cutoff=0.6)
    if close:
        return f" — did you mean '{close[0]}'?"
    more = ", …" if len(words) > MOST_NAMED else ""
    return f"; known here: {', '.join(words[:MOST_NAMED])}{more}" if words else ""


def unknown_source(name: str, known: Iterable[str]) -> UsageError:
    """Nobody configured a source of this name, and none ever brought anything."""
    return UsageError(
        f"no source is called {name!r}{did_you_mean(name, known)}", "listener sources list"
    )


class Mistaken(Exception):
    """Carries all mistakes found in one pass."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Keep them in the order of the file."""
        self.mistakes = sorted(
            mistakes, key=lambda found: (found.place or Place(0, 0), found.message)
        )
        super().__init__(f"{len(self.mistakes)} mistakes")
