"""One hashed n-gram pass for all trained heads: words, their letters, and pairs of neighbours.

A token is learnt on first sight: its row holds, for every head at once, what the word and all
letter sequences inside it weigh. So a text costs one look-up per word and two sums over a batch,
however many heads there are. Weights are small integers and their sums are exact: a text's sums
depend neither on its batch nor on the machine.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from triage.tokens import LONGEST_KEPT, MOST_KEPT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

BUCKETS = 1 << 16  # what 16 bits can tell apart
ONE = 64
"""How finely sums are kept: the weight 1 of a word or a pair counts 64, letters count parts of it."""

MOST_TOKENS = 1_000
LONGEST_READ = 64
LONGEST_TOKEN = 24
MOST_IN_A_WORD = 8
AT_ONCE = 1_000
SHORTEST_LETTERS, LONGEST_LETTERS = 2, 5

START = ""
"""What stands before the first token, so that how a post begins is a pair too."""
LINK = "<link>"
NUMBER = "0"

_MARKS = "\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff"  # vowel signs belong to their word
_TOKEN = re.compile(rf"[^\W\d_][\w{_MARKS}]*(?:'[^\W\d_]+)*|\d+|[!?]+|\.\.+|[^\w\s]")
_RUN = re.compile(r"(.)\1{2,}", re.DOTALL)
_UNSEEN = re.compile(
    r"[\u00ad\u064b-\u065f\u0640\ufe0f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]"
)
_QUIET = frozenset(",.;:()[]{}\"*-–—_/\\|<>«»“”&+=~^%…·•`'‘’")
_LINKS = frozenset({"http", "https", "http…", "https…"})
_OPENING = ".\"'([“‘-"


def split(raw: str) -> tuple[str, ...]:
    """The tokens of a word between spaces; none for a handle, which says who and not what.

    Lower case, compatibility forms folded, three or more equal signs cut to two; a number is "0"
    and a link "<link>". At most the first 64 characters and 8 tokens; a token has at most 24.
    """
    word = raw[:LONGEST_READ].lower()
    if word.isascii() and word.isalpha() and word not in _LINKS:
        return (_RUN.sub(r"\1\1", word)[:LONGEST_TOKEN],)
    if "&" in word:
        word = html.unescape(word)
    if not word.isascii():
        word = _UNSEEN.sub("", unicodedata.normalize("NFKC", word)).replace("’", "'").lower()
    said = word.lstrip(_OPENING)
    if said.startswith("@") and len(said) > 1:
        return ()
    if "://" in word or said.startswith("www.") or word in _LINKS:
        return (LINK,)
    word = _RUN.sub(r"\1\1", word)
    if word.isascii() and not any(map(str.isalnum, word)):
        return (word[:LONGEST_TOKEN],) if word and word not in _QUIET else ()
    found = [_plain(token) for token in _TOKEN.findall(word) if token not in _QUIET]
    return tuple(found[:MOST_IN_A_WORD])


def _plain(token: str) -> str:
    return NUMBER if token.isdigit() else token[:LONGEST_TOKEN]


def identity(token: str) -> int:
    """The 32 bits by which a token is told from others."""
    return crc32(b"w" + token.encode("utf-8", "replace"))


def word_bucket(token: str) -> int:
    """Where the weight of a whole token stands."""
    return identity(token) % BUCKETS


def letter_buckets(tokens: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Where the weights of the letter sequences of some tokens stand, ends of words marked.

    For each length from 2 to 5: the buckets, token after token, and how many each token has (0 for
    what is no word). Of n sequences in a token each counts one part in √n.
    """
    marked = [f"<{token}>" if token[:1].isalpha() else "" for token in tokens]
    sizes = np.fromiter(map(len, marked), np.int64, len(marked))
    letters = np.frombuffer("".join(marked).encode("utf-32-le", "surrogatepass"), np.uint32)
    left = np.repeat(np.cumsum(sizes), sizes) - np.arange(len(letters))
    short = np.repeat(sizes, sizes)
    mixed = letters.astype(np.uint64)
    for length in range(SHORTEST_LETTERS, LONGEST_LETTERS + 1):
        mixed = mixed[:-1] * np.uint64(0x100000001B3) + letters[length - 1 :]
        fits = (left[: len(mixed)] >= length) & (short[: len(mixed)] > length)
        yield _folded(mixed[fits]), np.where(sizes > length, sizes - length + 1, 0)


def _folded(mixed: NDArray[np.uint64]) -> NDArray[np.int64]:
    """A bucket from all bits of a number."""
    spread = mixed * np.uint64(0x9E3779B97F4A7C15)
    return (spread >> np.uint64(48)).astype(np.int64)


def pair_buckets(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where the weights of neighbours stand, from their identities."""
    return _folded(first * np.uint64(0x9E3779B1) + second)


@dataclass(frozen=True, slots=True)
class NgramTable:
    """Whole numbers by bucket and head, each of shape (65,536, heads): bytes as they are packaged,
    larger ones where corrections were added.
    """

    words: NDArray[np.signedinteger]
    letters: NDArray[np.signedinteger]
    pairs: NDArray[np.signedinteger]


@dataclass(frozen=True, slots=True)
class NgramPart:
    """What one token (with the letters in it) or one pair weighs for a head, in whole units."""

    said: str
    units: int


class NgramSums:
    """Sums the weights of texts for all heads of a table. One instance, one thread."""

    def __init__(self, table: NgramTable) -> None:
        """Nothing is known of any word yet."""
        self._table = table
        self._kept: dict[str, tuple[int, ...]] = {}
        self._long: list[str] = []
        self._words: dict[str, int] = {}
        self._rows = np.zeros((1024, table.words.shape[1]), np.int32)
        self._marks = np.zeros(1024, np.uint64)
        self._forget()

    def of(self, posts: Sequence[Sequence[str]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The sums of each post's words for each head, and the number of its tokens (1 or more).

        `posts` are texts split at spaces. Only the first 1,000 tokens of a post count.
        """
        if len(self._kept) + len(self._words) >= MOST_KEPT:
            self._forget()
        self._learn(posts)
        ids = [self._ids(words) for words in posts]
        counts = np.fromiter(map(len, ids), np.int64, len(ids))
        flat = np.fromiter(chain.from_iterable(ids), np.int64, int(counts.sum()))
        starts = np.cumsum(counts) - counts
        sums = np.zeros((len(ids), self._rows.shape[1]), np.int64)
        if len(ids):
            rows = self._rows[flat] + self._paired(flat, starts)
            sums += np.add.reduceat(rows, starts, axis=0, dtype=np.int64)
        return sums, np.maximum(counts - 1, 1)

    def parts(self, words: Sequence[str], head: int) -> tuple[list[NgramPart], int]:
        """The units that each token and pair adds to a head's sum, in order, and the count.

        The units add up to the sum of `of`.
        """
        self._learn([words])
        ids = np.array(self._ids(words), np.int64)
        tokens = [START, *islice(chain.from_iterable(map(split, words)), MOST_TOKENS)]
        alone = self._rows[ids, head].tolist()
        paired = self._paired(ids, np.array([0]))[:, head].tolist()
        found = [NgramPart(*part) for part in zip(tokens[1:], alone[1:], strict=True)]
        for before, token, units in zip(tokens, tokens[1:], paired[1:], strict=False):
            found.append(NgramPart(f"{before or '^'} {token}", units))
        return [part for part in found if part.units], max(len(ids) - 1, 1)

    def _paired(self, ids: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int32]:
        """What each token weighs with the one before it; nothing for those that start a post."""
        marks = self._marks[ids]
        before = np.empty_like(marks)
        before[1:], before[:1] = marks[:-1], 0
        found = self._table.pairs[pair_buckets(before, marks)].astype(np.int32)
        found *= ONE
        found[starts] = 0
        return found

    def _ids(self, words: Sequence[str]) -> list[int]:
        """The rows of a post's tokens, the start's first; all its words are known."""
        found = chain.from_iterable(map(self._kept.__getitem__, words))
        return [0, *islice(found, MOST_TOKENS)]

    def _learn(self, posts: Iterable[Sequence[str]]) -> None:
        """Know all words of some posts."""
        for raw in self._long:
            del self._kept[raw]
        new = set().union(*posts).difference(self._kept)
        self._long = [raw for raw in new if len(raw) > LONGEST_KEPT]
        tokens = {raw: split(raw) for raw in sorted(new)}
        unknown = set(chain.from_iterable(tokens.values())).difference(self._words)
        for some in batched(sorted(unknown)):
            self._add(some)
        words = self._words
        for raw, said in tokens.items():
            self._kept[raw] = tuple([words[token] for token in said])

    def _add(self, tokens: Sequence[str]) -> None:
        """A row for each of some new tokens."""
        first = len(self._words)
        last = first + len(tokens)
        while last > len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._marks = np.concatenate([self._marks, np.zeros_like(self._marks)])
        self._words.update(zip(tokens, range(first, last), strict=True))
        self._rows[first:last] = self._units(tokens)
        self._marks[first:last] = list(map(identity, tokens))

    def _units(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        """What some new tokens weigh by themselves; a kind of its own may add to it."""
        return token_units(self._table, tokens)

    def _forget(self) -> None:
        """Know nothing but how a post starts."""
        self._kept.clear()
        self._long.clear()
        self._words.clear()
        self._words[START] = 0
        self._rows[0], self._marks[0] = 0, identity(START)


def token_units(table: NgramTable, tokens: Sequence[str]) -> NDArray[np.int32]:
    """What some tokens weigh, a row each, for each head: themselves and the letters in them."""
    inside = np.zeros((len(tokens), table.words.shape[1]), np.int64)
    letters = np.zeros(len(tokens), np.int64)
    for buckets, counts in letter_buckets(tokens):
        some = counts > 0
        if some.any():
            starts = np.cumsum(counts[some]) - counts[some]
            inside[some] += np.add.reduceat(table.letters[buckets], starts, axis=0, dtype=np.int64)
        letters += counts
    share = ONE / np.sqrt(np.maximum(letters, 1))
    alone = table.words[[word_bucket(token) for token in tokens]].astype(np.int64) * ONE
    return (alone + np.rint(inside * share[:, None]).astype(np.int64)).astype(np.int32)


def batched(tokens: Sequence[str]) -> Iterator[Sequence[str]]:
    """The tokens a thousand at a time: however many there are, little memory is needed."""
    return (tokens[start : start + AT_ONCE] for start in range(0, len(tokens), AT_ONCE))
