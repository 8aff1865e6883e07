"""Whether a brand query is true of a mention: its tree turned into one quick function."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from triage.query_find import compile_find, needle_of
from triage.query_letters import Letters
from triage.query_page import Hit, Page
from triage.query_parser import plain_handle
from triage.query_tree import (
    And,
    Everything,
    Field,
    Handle,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Tag,
    fold,
)

# Hits when a part of a query is true of a page, None when it is not.
Test = Callable[[Page], "tuple[Hit, ...] | None"]
NO_HITS: tuple[Hit, ...] = ()


def compile_test(node: Node) -> Test:
    """Turn a tree into a function that is quick on the many mentions that do not match."""
    if isinstance(node, And):
        return _all(tuple(compile_test(part) for part in node.parts))
    if isinstance(node, Or):
        return _any(tuple(compile_test(part) for part in node.parts))
    if isinstance(node, Not):
        test = compile_test(node.part)
        return lambda page: NO_HITS if test(page) is None else None
    if isinstance(node, Everything):
        return lambda page: NO_HITS
    if isinstance(node, Field):
        return _field(node)
    return _placed(node)


def _all(tests: tuple[Test, ...]) -> Test:
    def test(page: Page) -> tuple[Hit, ...] | None:
        hits: tuple[Hit, ...] = NO_HITS
        for part in tests:
            found = part(page)
            if found is None:
                return None
            hits += found
        return hits

    return test


def _any(tests: tuple[Test, ...]) -> Test:
    def test(page: Page) -> tuple[Hit, ...] | None:
        hits: list[Hit] | None = None
        for part in tests:
            found = part(page)
            if found is not None:
                hits = [*found] if hits is None else [*hits, *found]
        return None if hits is None else tuple(hits)

    return test


def _placed(node: Phrase | Prefix | Handle | Tag | Near) -> Test:
    find = compile_find(node)
    term, needle = str(node), needle_of(node)
    sign = int(isinstance(node, Handle | Tag))
    letters = None if isinstance(node, Near) else Letters(node)

    def test(page: Page) -> tuple[Hit, ...] | None:
        if needle not in page.folded:
            return None
        if letters is not None and page.plain:
            return letters.hit(term, page)
        spans = find(page)
        return (page.hit(term, spans[0], sign),) if spans else None

    return test


def _field(node: Field) -> Test:
    value, term = node.value, str(node)
    name = node.name

    def test(page: Page) -> tuple[Hit, ...] | None:
        document = page.document
        if name == "from":
            own = plain_handle(fold(document.author))
            return _about(term, "author", document.author, own == value)
        if name == "lang":
            tag = fold(document.lang).replace("_", "-")
            return _about(term, "lang", document.lang, tag == value or tag.startswith(f"{value}-"))
        if name == "type":
            return _about(term, "type", document.type, fold(document.type) == value)
        if name == "source":
            if fold(document.kind) == value:
                return _about(term, "kind", document.kind, True)
            return _about(term, "source", document.source, fold(document.source) == value)
        return _about(term, "url", document.url, _on_site(document.url, value))

    return test


def _about(term: str, where: str, found: str, true: bool) -> tuple[Hit, ...] | None:
    return (Hit(term, where, 0, len(found), found),) if true else None


def _on_site(url: str, site: str) -> bool:
    """Whether the url lies on the host or one below it, and under the path when one is given."""
    host, slash, path = site.partition("/")
    try:
        parts = urlsplit(fold(url))
        own = parts.hostname or ""
    except ValueError:
        return False
    if own != host and not own.endswith(f".{host}"):
        return False
    return not slash or f"{parts.path}/".startswith(f"/{path}/")
