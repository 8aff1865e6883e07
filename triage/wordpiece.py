"""From a post to the rows of the embedding table: cleaning, words, word pieces.

Whole words of the vocabulary have their own row; other words of the Latin alphabet are cut greedily
into the longest known pieces (WordPiece: Schuster and Nakajima 2012, as BERT applies it). Words of
other alphabets, which the vocabulary cannot spell, fall into hashed rows: equal words still meet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import chain, islice
from zlib import crc32

from triage.tokens import Learnt

LONGEST_TEXT = 4_000
LONGEST_WORD = 32
MOST_ROWS = 128

_LINK = re.compile(r"(?:https?://|www\.|\bpic\.twitter\.com/)\S*", re.IGNORECASE)
_LINK_SIGNS = ("://", "ww.", "WW.", "pic.")
_SHARED = re.compile(r"\brt\s+(?=@)", re.IGNORECASE)
_NAME = re.compile(r"@[\w.\-]*:?")
_UNSEEN = re.compile(
    r"[\u0300-\u036f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)
_WORD = re.compile(r"[^\W_]+|[?!]")
_LATIN = re.compile(r"[a-z0-9?!]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]")


def strip_links_and_names(text: str) -> str:
    """The text without links, `@names` and `RT @name:`; what is left of hostile marks stays."""
    if any(sign in text for sign in _LINK_SIGNS):  # far cheaper than a search that finds nothing
        text = _LINK.sub(" ", text)
    if "@" in text:
        if "RT" in text or "rt" in text:
            text = _SHARED.sub(" ", text)
        text = _NAME.sub(" ", text)
    return text


def without_unseen(text: str) -> str:
    """The text without zero-width and direction marks and combining accents."""
    return _UNSEEN.sub("", text)


def words_of(text: str) -> list[str]:
    """The words of a post in order: lower case, without accents, links, names and punctuation.

    `?` and `!` count as words, because they tell a question from a statement. Only the first 4,000
    characters are read. Never raises: lone surrogates and other marks are no words.
    """
    text = text[:LONGEST_TEXT]
    if not text.isascii():
        text = without_unseen(unicodedata.normalize("NFKD", text))
    return _WORD.findall(strip_links_and_names(text).lower())


class WordPieces:
    """Looks up the table rows of a text. Keeps a bounded cache of words; one thread at a time."""

    def __init__(self, vocabulary: Mapping[str, int], hashed_rows: int) -> None:
        """`vocabulary` maps words and `##pieces` to rows; the hashed rows follow after its last."""
        self._vocabulary = vocabulary
        self._first_hashed = len(vocabulary)
        self._hashed_rows = hashed_rows
        self._cache: Learnt[tuple[int, ...]] = Learnt(self._spell)

    def rows(self, text: str) -> list[int]:
        """The rows of the text's words, in order, at most 128; empty when there is no word."""
        spelled = self._cache.all(words_of(text))
        return list(islice(chain.from_iterable(spelled), MOST_ROWS))

    def spell(self, word: str) -> tuple[int, ...]:
        """The rows of one word, which is lower case and without accents; at least one."""
        return self._cache[word]

    def _spell(self, word: str) -> tuple[int, ...]:
        row = self._vocabulary.get(word)
        if row is not None:
            return (row,)
        if _LATIN.fullmatch(word):
            return self._pieces(word[:LONGEST_WORD])
        if _UNSPACED.search(word):
            pairs = [word[at : at + 2] for at in range(max(1, min(len(word), LONGEST_WORD) - 1))]
            return tuple(map(self._hashed, pairs))
        return (self._hashed(word),)

    def _pieces(self, word: str) -> tuple[int, ...]:
        rows, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = f"##{word[start:end]}" if start else word[:end]
                row = self._vocabulary.get(piece)
                if row is not None:
                    rows.append(row)
                    start = end
                    break
            else:
                return (self._hashed(word),)
        return tuple(rows)

    def _hashed(self, word: str) -> int:
        return self._first_hashed + crc32(word.encode("utf-8", "replace")) % self._hashed_rows
