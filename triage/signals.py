"""The signals: named observations about a post, each with the words that show it.

What they are stands in `signals.toml`, in a phrase language people can read; this file finds them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from triage.phrases import PhraseFinder, spans
from triage.verdict import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE = Path(__file__).with_name("signals.toml")


@dataclass(frozen=True, slots=True)
class SignalKind:
    """One row of the table.

    `says` completes "the post …"; `policy` marks a signal whose points no data has validated,
    `rule` one that no trained head has learnt, `whole` phrases that must be all that a post says,
    `brief` phrases that count in posts of a few words alone.
    """

    name: str
    says: str
    phrases: tuple[str, ...]
    examples: tuple[str, ...]
    counter: tuple[str, ...]
    policy: bool = False
    rule: bool = False
    whole: bool = False
    brief: bool = False

    @property
    def learnt(self) -> bool:
        """Whether trained heads weigh it."""
        return not (self.policy or self.rule)


@dataclass(frozen=True, slots=True)
class SignalTable:
    """All signals by name, and the word groups their phrases use."""

    kinds: Mapping[str, SignalKind]
    groups: Mapping[str, str]


@cache
def signal_table() -> SignalTable:
    """The packaged table, read once."""
    data = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    kinds = [
        SignalKind(
            name=row["name"],
            says=row["says"],
            phrases=tuple(row["phrases"]),
            examples=tuple(row["examples"]),
            counter=tuple(row["counter"]),
            policy=row.get("policy", False),
            rule=row.get("rule", False),
            whole=row.get("whole", False),
            brief=row.get("brief", False),
        )
        for row in data["signal"]
    ]
    return SignalTable({kind.name: kind for kind in kinds}, data["groups"])


class SignalFinder:
    """Finds all signals of a post in one pass. One instance serves one thread."""

    def __init__(self) -> None:
        """Compile the packaged table."""
        table = signal_table()
        phrases = {name: kind.phrases for name, kind in table.kinds.items()}
        whole = [name for name, kind in table.kinds.items() if kind.whole]
        brief = [name for name, kind in table.kinds.items() if kind.brief]
        self._finder = PhraseFinder(phrases, table.groups, whole, brief)

    def find(self, text: str, words: list[str] | None = None) -> tuple[Signal, ...]:
        """The first standing of every signal, in order of appearance, linear in the length.

        `words` is `text.split()` or its beginning, for callers who have it already.
        """
        raw = text.split() if words is None else words
        found = self._finder.find(raw)
        return tuple(
            [
                Signal(find.name, start, end, text[start:end])
                for find, (start, end) in zip(found, spans(text, raw, found), strict=True)
            ]
        )
