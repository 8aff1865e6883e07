"""What a brand query is matched against: a mention, folded and taken apart only when needed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from triage.query_tree import ASCII_WORD, FARTHEST, UNPLAIN, WORD, fold

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from sources.mention import Mention

# A run of words: the numbers of its first and its last word.
Span = tuple[int, int]
FAR = FARTHEST + 1
SCANNED = 200  # words: up to here comparing them all is quicker than indexing them


@dataclass(frozen=True, slots=True)
class Document:
    """What a query sees of a mention.

    `author` is the handle, `source` the configured source's name, `kind` the platform, `lang` a
    BCP 47 tag, `type` what sort of mention it is (`post`, `reply`, …).
    """

    text: str
    title: str = ""
    author: str = ""
    url: str = ""
    source: str = ""
    kind: str = ""
    lang: str = ""
    type: str = "post"

    @classmethod
    def of(cls, mention: Mention, source: str = "", lang: str = "") -> Document:
        """The document of a mention; `lang` is what was detected, when that is known."""
        return cls(
            text=mention.text,
            title=mention.title,
            author=mention.author.handle or mention.author.id,
            url=mention.url,
            source=source,
            kind=mention.kind,
            lang=lang or mention.lang,
            type="reply" if mention.thread.parent else "post",
        )


class Hit(NamedTuple):
    """One term of the query and where it was found first: `text` is `document.where[start:end]`."""

    term: str
    where: str
    start: int
    end: int
    text: str


class Page:
    """A document prepared for searching; its words are only looked up when a term may be there.

    Words are numbered through the text and, a long way behind it, through the title, so that no
    phrase and no NEAR reaches from one into the other. `folded` is both, folded; `plain` says that
    it corresponds to the text letter by letter.
    """

    __slots__ = ("_numbers", "_spans", "_words", "document", "folded", "plain")

    def __init__(self, document: Document) -> None:
        """Fold the text and the title; nothing else is done yet."""
        self.document = document
        self.folded = fold_document(document)
        self.plain = not document.title and _is_plain(document.text, self.folded)
        self._words: list[str] | None = None
        self._numbers: dict[str, list[int]] | None = None
        self._spans: dict[str, list[tuple[int, int]]] = {}

    def words(self) -> list[str]:
        """The folded words in order."""
        if self._words is None:
            self._words = _folded_words(self.document.text)
            if self.document.title:
                self._words += [""] * FAR
                self._words += _folded_words(self.document.title)
        return self._words

    def places(self, word: str) -> list[int]:
        """The numbers of a word's places, ascending."""
        words = self.words()
        if len(words) > SCANNED:
            return self._all_numbers().get(word, [])
        return [number for number, other in enumerate(words) if other == word]

    def _all_numbers(self) -> dict[str, list[int]]:
        if self._numbers is None:
            self._numbers = {}
            for number, word in enumerate(self.words()):
                self._numbers.setdefault(word, []).append(number)
        return self._numbers

    def characters(self, span: Span) -> tuple[str, int, int]:
        """The part a run of words stands in, and its first character and the one behind it."""
        number, behind = span[0], len(self.words())
        text, title = self.document.text, self.document.title
        if title:
            behind -= len(_folded_words(title)) + FAR
            if number >= behind:
                at = self._offset(title, number - behind - FAR, span[1] - number)
                return title, *at
        return text, *self._offset(text, number, span[1] - number)

    def _offset(self, part: str, first: int, more: int) -> tuple[int, int]:
        """Where words stand: the first question walks there, the next ones look it up."""
        known = self._spans.get(part)
        if known:
            return known[first][0], known[first + more][1]
        if known is None:
            self._spans[part] = []
            found = islice(words_in(part), first, first + more + 1)
            begin, end = next(found).span()
            for last in found:
                end = last.end()
            return begin, end
        self._spans[part] = [found.span() for found in words_in(part)]
        return self._offset(part, first, more)

    def hit(self, term: str, span: Span, sign: int = 0) -> Hit:
        """A run of words as a hit in the text or the title; `sign` characters stand before it."""
        part, start, end = self.characters(span)
        start -= sign
        where = "text" if part is self.document.text else "title"
        return Hit(term, where, start, end, part[start:end])


def fold_document(document: Document) -> str:
    """All that is searched for terms, folded: the text and, on a line of its own, the title."""
    title = document.title
    return fold(f"{document.text}\n{title}" if title else document.text)


def _is_plain(text: str, folded: str) -> bool:
    r"""Whether letters and folded letters correspond one to one, and words are runs of `\\w`."""
    if text.isascii():
        return True
    if len(text) != len(folded) or UNPLAIN.search(text):
        return False
    return unicodedata.is_normalized("NFC", text)


def words_in(text: str) -> Iterator[re.Match[str]]:
    """Every word of a text as it is written, with where it stands."""
    return (ASCII_WORD if text.isascii() else WORD).finditer(text)


def _folded_words(text: str) -> list[str]:
    if text.isascii():
        return ASCII_WORD.findall(text.lower())
    return [fold(word) for word in WORD.findall(text)]
