"""Which words a query cannot do without: so that a store looks at few cases to answer it."""

from __future__ import annotations

import re
from typing import NamedTuple

from triage.query_tree import And, Near, Node, Or, Phrase, Prefix

MOST = 20  # alternatives; a query with more is answered without this
PLAIN = re.compile(r"[a-z0-9]+")


class Needed(NamedTuple):
    """Whole words, and the beginning of one more."""

    words: tuple[str, ...]
    stem: str = ""

    def __str__(self) -> str:
        """As people would type it: the last word may be unfinished."""
        return " ".join((*self.words, self.stem) if self.stem else self.words)


def required(node: Node) -> tuple[Needed, ...]:
    """Alternatives: every text that a query matches holds all that one of them needs.

    Empty when nothing is known. Only plain ASCII words are told: what others count as one word
    differs between store and query.
    """
    if isinstance(node, Phrase):
        plain = tuple(word.lower() for word in node.words if PLAIN.fullmatch(word.lower()))
        return (Needed(plain),) if plain else ()
    if isinstance(node, Prefix):
        return (Needed((), node.stem),) if PLAIN.fullmatch(node.stem) else ()
    if isinstance(node, Near):
        return _all(required(node.left), required(node.right))
    if isinstance(node, And):
        return _all(*(required(part) for part in node.parts))
    if isinstance(node, Or):
        found = [required(part) for part in node.parts]
        every = tuple(one for alternatives in found for one in alternatives)
        return every if all(found) and len(every) <= MOST else ()
    return ()


def _all(*parts: tuple[Needed, ...]) -> tuple[Needed, ...]:
    """What several parts need together: those that can be met in one way only, else the narrowest."""
    known = sorted(filter(None, parts), key=len)
    singles = [part[0] for part in known if len(part) == 1]
    if not singles:
        return known[0] if known else ()
    words = tuple(dict.fromkeys(word for one in singles for word in one.words))
    return (Needed(words, max((one.stem for one in singles), key=len)),)
