"""From a post to the tokens of the encoder: BERT's word pieces, with emoji said in words.

Unlike the words of the embedding table (`triage/wordpiece.py`) punctuation counts, because ":)" and
"..." tell how a post is meant.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING

from triage.wordpiece import LONGEST_TEXT, WordPieces, strip_links_and_names, without_unseen

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_TOKENS = 128
MOST_EMOJI = 32
UNKNOWN, BEGIN, END = 100, 101, 102

_RUN = re.compile(r"(.)\1{3,}", re.DOTALL)
_PIECE = re.compile(r"[^\W_]+|[^\w\s]|_")


def plain(text: str) -> str:
    """The text as the encoder reads it: lower case, no accents, links or names, emoji as words.

    Only the first 4,000 characters are read. Never raises: what is no letter, digit, sign or emoji
    counts for nothing, and neither does the length of a run of equal characters beyond three.
    """
    text = _RUN.sub(r"\1\1\1", text[:LONGEST_TEXT])
    if not text.isascii():
        text = _without_emoji(without_unseen(unicodedata.normalize("NFKD", text)))
    return " ".join(strip_links_and_names(text).lower().split())


def _without_emoji(text: str) -> str:
    """Each run of one emoji said once in words; surrogates and what else cannot be said left out."""
    parts: list[str] = []
    said = 0
    for sign, run in groupby(text):
        kind = "" if sign.isascii() else unicodedata.category(sign)
        if kind == "So":
            if said < MOST_EMOJI:
                parts.append(f" {unicodedata.name(sign, '').lower()} ")
            said += 1
        elif kind not in ("Sk", "Cs", "Co", "Cn", "Cf"):
            parts += run
    return "".join(parts)


class EncoderTokens:
    """Looks up token ids. Keeps a bounded cache of words; one instance, one thread."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        """`vocabulary` maps BERT's uncased words and `##pieces` to ids."""
        self._vocabulary = vocabulary
        self._pieces = WordPieces(vocabulary, 1)

    def ids(self, text: str) -> list[int]:
        """The ids of a text between the marks of beginning and end, at most 128."""
        ids = [BEGIN]
        known = len(self._vocabulary)
        for word in _PIECE.findall(plain(text)):
            ids += [piece if piece < known else UNKNOWN for piece in self._pieces.spell(word)]
            if len(ids) >= MOST_TOKENS - 1:
                break
        return [*ids[: MOST_TOKENS - 1], END]
