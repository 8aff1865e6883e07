"""The brand query language: which mentions are about the brand, and which words say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from triage.query_match import Test, compile_test
from triage.query_page import Document, Hit, Page
from triage.query_parser import QueryError, parse
from triage.query_tree import And, Node, Not, Or

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Document", "Hit", "Match", "Query", "QueryError"]


@dataclass(frozen=True, slots=True)
class Match:
    """Why a mention is about the brand: the first place of every term that was found.

    Empty for a query that is true without a term being there (`*`, `NOT jobs`).
    """

    hits: tuple[Hit, ...]

    def explain(self) -> str:
        """One sentence a support person reads."""
        if not self.hits:
            return "nothing that the query excludes"
        return f"found {_found(self.hits)}"


class Query:
    """A brand query, read once and matched against any number of mentions.

    `str(query)` writes it with every operator spelt out; reading that gives an equal query. Equal
    queries match alike. Matching takes time linear in the length of the mention, changes nothing
    and may be done by several threads at once.
    """

    __slots__ = ("_test", "tree")

    def __init__(self, tree: Node) -> None:
        """Prepare a tree for matching; `Query.parse` is the usual way."""
        self.tree = tree
        self._test: Test = compile_test(tree)

    @classmethod
    def parse(cls, text: str) -> Query:
        """Read a query. Raises QueryError, which points at the character it is about."""
        return cls(parse(text))

    def matches(self, document: Document) -> Match | None:
        """Why the document matches; None when it does not."""
        return self.on(Page(document))

    def on(self, page: Page) -> Match | None:
        """As `matches`, for a document that several queries look at: it is prepared once."""
        hits = self._test(page)
        return None if hits is None else Match(hits)

    def why_not(self, document: Document) -> str:
        """One sentence a support person reads: what keeps the document out; "" when it matches."""
        return "; ".join(dict.fromkeys(_faults(self.tree, Page(document))))

    def explain(self, document: Document) -> str:
        """The query as an indented list, each part with yes or no and where it was found."""
        return "\n".join(_lines(self.tree, Page(document), 0))

    def __str__(self) -> str:
        """The query with its operators spelt out."""
        return str(self.tree)

    def __repr__(self) -> str:
        """How to make this query."""
        return f"Query.parse({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        """Queries are equal when they mean the same tree."""
        return isinstance(other, Query) and self.tree == other.tree

    def __hash__(self) -> int:
        """Equal queries have equal hashes."""
        return hash(self.tree)


def _faults(node: Node, page: Page) -> Iterator[str]:
    """What is missing and what should not be there, for a part that must be true."""
    if isinstance(node, And):
        for part in node.parts:
            yield from _faults(part, page)
    elif isinstance(node, Not):
        hits = compile_test(node.part)(page)
        if hits:
            yield f"excluded by {_found(hits)}"
        elif hits is not None:
            yield f"excluded by {node}"
    elif compile_test(node)(page) is None:
        yield f"lacks {node}"


def _found(hits: tuple[Hit, ...]) -> str:
    """The words that were found and where, each place once."""
    return ", ".join(dict.fromkeys(f"“{hit.text}”{_place(hit)}" for hit in hits))


def _lines(node: Node, page: Page, depth: int) -> Iterator[str]:
    hits = compile_test(node)(page)
    answer = "no " if hits is None else "yes"
    indent = "  " * depth
    if isinstance(node, And | Or):
        name = "all of" if isinstance(node, And) else "any of"
        yield f"{answer} {indent}{name}"
        for part in node.parts:
            yield from _lines(part, page, depth + 1)
    elif isinstance(node, Not):
        yield f"{answer} {indent}none of"
        yield from _lines(node.part, page, depth + 1)
    else:
        where = f": “{hits[0].text}”{_place(hits[0])}" if hits else ""
        yield f"{answer} {indent}{node}{where}"


def _place(hit: Hit) -> str:
    if hit.where in ("text", "title"):
        return f" ({hit.where} {hit.start}–{hit.end})"
    return f" ({hit.where})"
