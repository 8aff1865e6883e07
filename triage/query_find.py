"""Every place of a term among the words of a mention, for NEAR and for texts in any script."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from triage.query_page import Page, Span, words_in
from triage.query_tree import WORD, Handle, Near, Node, Or, Phrase, Prefix, Tag, fold

NOWHERE: Sequence[Span] = ()
# Every place of a part, ascending.
Find = Callable[[Page], Sequence[Span]]


def compile_find(node: Node) -> Find:
    """Turn a part that stands somewhere into a function that finds every place of it."""
    if isinstance(node, Phrase):
        return _cased(node) if node.cased else _phrase(node.words)
    if isinstance(node, Prefix):
        return _prefix(node.stem)
    if isinstance(node, Handle):
        return _handle(node.name)
    if isinstance(node, Tag):
        return _signed(_phrase(node.words), "#＃")
    if isinstance(node, Near):
        return _near(node)
    if isinstance(node, Or):
        return _either(tuple(compile_find(part) for part in node.parts))
    raise TypeError(f"{node} has no place in a text")


def needle_of(node: Node) -> str:
    """What must be in a folded text for the part to be there; empty when nothing can be said."""
    if isinstance(node, Phrase):
        return max((fold(word) for word in node.words), key=len)
    if isinstance(node, Prefix):
        return node.stem
    if isinstance(node, Tag):
        return max(node.words, key=len)
    return node.name if isinstance(node, Handle) else ""


def _phrase(words: tuple[str, ...], needle: str = "") -> Find:
    needle = needle or max(words, key=len)
    first, length, wanted = words[0], len(words), list(words)

    def find(page: Page) -> Sequence[Span]:
        if needle not in page.folded:
            return NOWHERE
        places = page.places(first)
        if length == 1:
            return [(place, place) for place in places]
        found = page.words()
        return [
            (place, place + length - 1)
            for place in places
            if found[place : place + length] == wanted
        ]

    return find


def _cased(node: Phrase) -> Find:
    find = _phrase(tuple(fold(word) for word in node.words))

    def find_cased(page: Page) -> Sequence[Span]:
        return [span for span in find(page) if _written(page, span) == node.words]

    def _written(page: Page, span: Span) -> tuple[str, ...]:
        part, start, end = page.characters(span)
        return tuple(found[0] for found in words_in(part[start:end]))

    return find_cased


def _prefix(stem: str) -> Find:
    def find(page: Page) -> Sequence[Span]:
        if stem not in page.folded:
            return NOWHERE
        words = enumerate(page.words())
        return [(place, place) for place, word in words if word.startswith(stem)]

    return find


def _signed(find: Find, signs: str) -> Find:
    """Only the places behind one of the signs, which must not stand behind a letter or digit."""

    def find_signed(page: Page) -> Sequence[Span]:
        return [span for span in find(page) if _has_sign(page, span, signs)]

    return find_signed


def _has_sign(page: Page, span: Span, signs: str) -> bool:
    part, start, _ = page.characters(span)
    if not start or part[start - 1] not in signs:
        return False
    return start == 1 or not (part[start - 2].isalnum() or part[start - 2] in "_@")


def _handle(name: str) -> Find:
    parts = tuple(found[0] for found in WORD.finditer(name))
    find = _signed(_phrase(parts, name), "@＠")
    exact = len(parts) > 1

    def find_handle(page: Page) -> Sequence[Span]:
        return [span for span in find(page) if _is_handle(page, span)]

    def _is_handle(page: Page, span: Span) -> bool:
        part, start, end = page.characters(span)
        if exact and fold(part[start:end]) != name:
            return False
        # "@acme." ends a sentence, "@acme.bsky.social" and "@acme-jobs" are somebody else.
        return not (part[end : end + 1] in (".", "-") and part[end + 1 : end + 2].isalnum())

    return find_handle


def _near(node: Near) -> Find:
    left, right, distance = compile_find(node.left), compile_find(node.right), node.distance
    needles = needle_of(node.left), needle_of(node.right)

    def find(page: Page) -> Sequence[Span]:
        if needles[0] not in page.folded or needles[1] not in page.folded:
            return NOWHERE
        lefts = left(page)
        rights = right(page) if lefts else NOWHERE
        if not rights:
            return NOWHERE
        begins = [span[0] for span in rights]
        found = []
        for span in lefts:
            at = bisect_left(begins, span[0])
            # Runs of one term hardly differ in length: the nearest are the neighbours in order.
            for other in rights[max(0, at - 1) : at + 2]:
                gap = other[0] - span[1] if other[0] > span[1] else span[0] - other[1]
                if 0 < gap <= distance:
                    found.append((min(span[0], other[0]), max(span[1], other[1])))
                    break
        return found

    return find


def _either(finds: tuple[Find, ...]) -> Find:
    def find(page: Page) -> Sequence[Span]:
        return sorted({span for part in finds for span in part(page)})

    return find
