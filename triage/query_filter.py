"""The queries of all brands at once: one pass over a mention says which of them to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick, Implementation

from triage.query_find import needle_of
from triage.query_page import Page, fold_document
from triage.query_tree import And, Everything, Field, Near, Node, Not, Or

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from triage.query import Match, Query
    from triage.query_page import Document

LONGEST_NEEDLE = 64  # bytes: more would tell hardly anything more
# Of a mention at a time, so that one that repeats a term a million times fills no memory.
PIECE = 64 * 1024
# A table for every letter in every state is twice as quick and, for large sets, very large.
LARGEST_TABLE = 10_000  # bytes of needles: about 10 MB


class BrandFilter:
    """Asks the queries of many brands about a mention at the price of about one.

    The answers are those of asking every query by itself. A query is only asked when the mention
    holds one of the letters it cannot be true without, which one Aho-Corasick automaton looks for;
    one that can be true without any (`*`, `NOT jobs`, `lang:en`) is always asked. Time is linear in
    the length of the mention. Nothing changes after it was made: several threads may share it.
    """

    def __init__(self, queries: Mapping[str, Query | None]) -> None:
        """Take the brands in the order of their answers; a brand without a query hears nothing."""
        self._queries = [(name, query) for name, query in queries.items() if query is not None]
        self._always: list[int] = []
        asked: dict[bytes, list[int]] = {}
        for number, (_, query) in enumerate(self._queries):
            needles = needles_of(query.tree)
            if needles is None:
                self._always.append(number)
            for needle in {_cut(needle) for needle in needles or ()}:
                asked.setdefault(needle, []).append(number)
        self._asked = list(asked.values())
        table = sum(map(len, asked)) <= LARGEST_TABLE
        automaton = BytesAhoCorasick(asked, implementation=Implementation.DFA if table else None)
        self._find = automaton.find_matches_as_indexes

    def matches(self, document: Document) -> list[tuple[str, Match]]:
        """The brands the mention is about, in the order given, and why."""
        asked = self._candidates(fold_document(document))
        if not asked:
            return []
        page = Page(document)
        found = []
        for number in asked:
            name, query = self._queries[number]
            match = query.on(page)
            if match is not None:
                found.append((name, match))
        return found

    def _candidates(self, folded: str) -> list[int]:
        """The numbers of the queries to ask, ascending."""
        # Lone surrogates are letters like any other; no needle holds one.
        text = folded.encode("utf-8", "surrogatepass")
        if len(text) <= PIECE:
            found = self._find(text, overlapping=True)
            if not found:
                return self._always
            needles = {needle for needle, _, _ in found}
        else:
            needles = self._needles_in(text)
        asked = {number for needle in needles for number in self._asked[needle]}
        return sorted(asked.union(self._always))

    def _needles_in(self, text: bytes) -> set[int]:
        """Piece by piece, each with what a needle across its end needs of the next one."""
        needles: set[int] = set()
        for start in range(0, len(text), PIECE):
            piece = text[start : start + PIECE + LONGEST_NEEDLE - 1]
            needles.update(needle for needle, _, _ in self._find(piece, overlapping=True))
        return needles


def needles_of(node: Node) -> frozenset[str] | None:
    """Strings of which one must be in a folded mention for the query to be true of it.

    None when the query can be true without any. Of the parts of an AND the one whose needles are
    longest speaks for it: long words are rarer.
    """
    if isinstance(node, Not | Everything | Field):
        return None
    if isinstance(node, Or):
        return _together([needles_of(part) for part in node.parts])
    if isinstance(node, And):
        return _rarest([needles_of(part) for part in node.parts])
    if isinstance(node, Near):
        return _rarest([needles_of(node.left), needles_of(node.right)])
    return frozenset((needle_of(node),))


def _together(parts: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    every: set[str] = set()
    for part in parts:
        if part is None:
            return None
        every |= part
    return frozenset(every)


def _rarest(parts: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    known = [part for part in parts if part is not None]
    return max(known, key=lambda part: min(map(len, part)), default=None)


def _cut(needle: str) -> bytes:
    return needle.encode()[:LONGEST_NEEDLE]
