"""Words to listen for in a stream of everything: the coarse sieve before the brand's query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sources.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable


class Terms:
    """Says whether a text holds one of some words or phrases, anywhere and in any case.

    A term is found inside longer words too: what is too much is for the brand's query to drop, what
    is missed here is missed for good. Hidden characters between letters hide nothing, and every
    white space is alike. No terms let everything through. Linear in the length of the text.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        """Prepare the terms; those without a letter are ignored."""
        self._terms = tuple(dict.fromkeys(filter(None, map(_plain, terms))))

    def found_in(self, text: str) -> bool:
        """Say whether one of the terms is in the text."""
        if not self._terms:
            return True
        plain = _plain(text)
        return any(term in plain for term in self._terms)


def _plain(text: str) -> str:
    spaced = " ".join(text.split())
    if spaced.isascii() and spaced.isprintable():  # nothing to clean: most of a stream is so
        return spaced.lower()
    return " ".join(clean(text).casefold().split())
