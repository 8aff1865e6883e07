"""The small phrase language of the signal table, matched word by word in linear time.

A phrase is words between spaces, told apart from text by nothing but these marks:

    a|b        either word                    work*      a word beginning with "work"
    #          a number                       <group>    any word of a named group
    word?      a word that may be missing     ~3         up to three words of any kind
    ?          the question mark (also ! and .); nothing else crosses the end of a sentence

Text is compared in lower case, without apostrophes ("can't" is "cant"), look-alike forms folded
(NFKC) and invisible characters removed, so that spelling tricks do not hide a word. Links, e-mail
addresses and @handles are one opaque word each.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate, chain
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from triage.tokens import Learnt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

LINK, HANDLE, NUMBER = "<link>", "<handle>", "#"
STOPS = frozenset("?!.")
APOSTROPHES = {ord(mark): None for mark in "'’‘ʼ＇`´"}
PIECES = re.compile(r"\d+(?=[^\W\d])|\w+|[?!.]|[%$€£]|[\U0001F300-\U0001FAFF\u2190-\u2bff]")
LINKISH = re.compile(r"https?://|www\.|\w@\w")
SHORTEST_STEM = 3
LONGEST_WORD = 200
BRIEF = 6
"""At most so many words, links among them, say hardly anything beside a link."""


class Bits(dict[str, int]):
    """One bit for each spelling that can go on with a phrase, so that one `&` compares all at once.

    Spellings that only open phrases need none: fewer bits are compared faster.
    """

    def __missing__(self, key: str) -> int:
        """Give a spelling met for the first time the next bit."""
        bit = self[key] = 1 << len(self)
        return bit

    def of(self, keys: Iterable[str]) -> int:
        """The bits of all these spellings together; new ones get theirs."""
        return sum([self[key] for key in keys])

    def known(self, keys: Iterable[str]) -> int:
        """The bits of those of these spellings that have one."""
        return sum([self.get(key, 0) for key in keys])


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a phrase: the words and `stems*` that may stand there, `gap` words before it.

    `bits` are those of `choices`, which are all different; 0 in the first place of a phrase.
    """

    choices: frozenset[str]
    gap: int
    bits: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """A compiled phrase. `name` is whose phrase it is; `first` opens it, `rest` must follow."""

    name: str
    first: Element
    rest: tuple[Element, ...]

    def end(self, words: Sequence[Word], start: int) -> int:
        """The index after the phrase when it stands at `start`, else −1.

        The last word must be one that stops, as END does: then nothing is looked for behind it.
        """
        at = start + 1
        for element in self.rest:
            bits = element.bits
            for i in range(at, at + element.gap + 1):
                word = words[i]
                if bits & word.bits:
                    at = i + 1
                    break
                if word.stops:
                    return -1
            else:
                return -1
        return at


@dataclass(frozen=True, slots=True)
class Openings:
    """The phrases a word opens, by what it takes to go on: nothing, the next word, a later one.

    `next_bits` and `later_bits` are all that can go on with an adjacent or a distant phrase: most
    words are followed by neither, and then no phrase is looked at.
    """

    alone: tuple[Phrase, ...]
    adjacent: Mapping[str, Sequence[Phrase]]
    distant: tuple[Phrase, ...]
    next_bits: int
    later_bits: int


@dataclass(slots=True)
class Word:
    """A word as phrases see it: `keys` are its spellings in the table, itself and its stems."""

    keys: tuple[str, ...]
    bits: int
    stops: bool
    opens: Openings | None


END = Word((), 0, stops=True, opens=None)
"""Stands behind the last word of a post."""


class Found(NamedTuple):
    """A phrase that stands in the text between two raw words (the last one included)."""

    name: str
    first: int
    last: int


class PhraseFinder:
    """Finds the phrases of many signals at once, in one pass over the words of a post."""

    def __init__(
        self,
        phrases: Mapping[str, Iterable[str]],
        groups: Mapping[str, str],
        whole: Collection[str] = (),
        brief: Collection[str] = (),
    ) -> None:
        """`phrases` are the phrases by name; `groups` the words that `<group>` stands for.

        Phrases of names in `whole` count only where they are all that a post says, those of names in
        `brief` only in posts of at most six words.
        """
        self._brief = frozenset(brief)
        self._bits = Bits()
        compiled = [
            phrase
            for name, sayings in phrases.items()
            for saying in sayings
            for phrase in compile_phrase(name, saying, groups, self._bits)
        ]
        self._whole: dict[str, list[Phrase]] = {name: [] for name in whole}
        for phrase in compiled:
            if phrase.name in self._whole:
                self._whole[phrase.name].append(phrase)
        self._opening: dict[str, list[Phrase]] = {}
        for phrase in compiled:
            for key in phrase.first.choices:
                self._opening.setdefault(key, []).append(phrase)
        self._stems: dict[str, list[str]] = {}
        self._keys = self._bits.keys() | self._opening.keys()
        stems = sorted([key[:-1] for key in self._keys if key.endswith("*")])
        for stem in sorted(stems, key=len):
            self._stems.setdefault(stem[:SHORTEST_STEM], []).append(stem)
        self._words: dict[tuple[bool, tuple[str, ...]], Word] = {}
        self._known: Learnt[tuple[Word, ...]] = Learnt(self._learn)

    def find(self, raw: list[str]) -> list[Found]:
        """The first standing of every name, in order of appearance, from words between spaces."""
        pieces = self._known.all(raw)
        words = [*chain.from_iterable(pieces), END]
        hits = _hits(words)
        for name in self._whole.keys() & hits.keys():
            if any(_is_all(phrase, words) for phrase in self._whole[name]):
                hits[name] = (0, len(words) - 1)
            else:
                del hits[name]
        if len(raw) > BRIEF:
            for name in self._brief & hits.keys():
                del hits[name]
        if not hits:
            return []
        ends = list(accumulate(map(len, pieces)))  # of each raw word, in words
        return [
            Found(name, bisect_right(ends, i), bisect_right(ends, end - 1))
            for name, (i, end) in hits.items()
        ]

    def _learn(self, raw: str) -> tuple[Word, ...]:
        """The words inside a raw word, each with what it opens."""
        return tuple([self._word(text) for text in pieces_of(raw)])

    def _word(self, text: str) -> Word:
        """A word with its keys in the table, of which one is kept for each set of keys."""
        stems = self._stems.get(text[:SHORTEST_STEM], ())
        keys = [text] if text in self._keys else []
        keys += [stem + "*" for stem in stems if text.startswith(stem)]
        spelled = (text in STOPS, tuple(keys))
        word = self._words.get(spelled)
        if word is None:
            phrases = [phrase for key in keys for phrase in self._opening.get(key, ())]
            opens = _openings(tuple(dict.fromkeys(phrases)))
            word = Word(tuple(keys), self._bits.known(keys), text in STOPS, opens)
            self._words[spelled] = word
        return word


def _hits(words: Sequence[Word]) -> dict[str, tuple[int, int]]:
    """Where each name stands first: its first word and the one after its last."""
    hits: dict[str, tuple[int, int]] = {}
    bits = [word.bits for word in words]
    ahead = list(accumulate(reversed(bits), or_))
    ahead.reverse()
    for i, opens in [(i, word.opens) for i, word in enumerate(words) if word.opens is not None]:
        for phrase in opens.alone:
            hits.setdefault(phrase.name, (i, i + 1))
        if opens.next_bits & bits[i + 1]:
            for key in words[i + 1].keys:
                _try(opens.adjacent.get(key, ()), words, i, hits)
        if opens.later_bits & ahead[i + 1]:
            later = [phrase for phrase in opens.distant if phrase.rest[0].bits & ahead[i + 1]]
            _try(later, words, i, hits)
    return hits


def _is_all(phrase: Phrase, words: Sequence[Word]) -> bool:
    """Whether a phrase is all that a post says; END stands behind its words."""
    opens = not phrase.first.choices.isdisjoint(words[0].keys)
    return opens and phrase.end(words, 0) == len(words) - 1


def _try(
    phrases: Iterable[Phrase], words: Sequence[Word], i: int, hits: dict[str, tuple[int, int]]
) -> None:
    """Add the phrases of names not met before that stand at `i`."""
    for phrase in phrases:
        if phrase.name not in hits and (end := phrase.end(words, i)) > 0:
            hits[phrase.name] = (i, end)


def _openings(phrases: Sequence[Phrase]) -> Openings | None:
    """Sort phrases by what must follow their first word; None when there are none."""
    if not phrases:
        return None
    near = [phrase for phrase in phrases if phrase.rest and not phrase.rest[0].gap]
    distant = [phrase for phrase in phrases if phrase.rest and phrase.rest[0].gap]
    adjacent: dict[str, list[Phrase]] = {}
    for phrase in near:
        for key in phrase.rest[0].choices:
            adjacent.setdefault(key, []).append(phrase)
    return Openings(
        alone=tuple([phrase for phrase in phrases if not phrase.rest]),
        adjacent=adjacent,
        distant=tuple(distant),
        next_bits=reduce(or_, [phrase.rest[0].bits for phrase in near], 0),
        later_bits=reduce(or_, [phrase.rest[0].bits for phrase in distant], 0),
    )


def pieces_of(raw: str) -> list[str]:
    """What a raw word says, as phrases compare it; runs of one mark count once."""
    raw = raw[:LONGEST_WORD]
    if raw.isalpha() and raw.isascii():
        return [raw.lower()]
    if LINKISH.search(raw):
        return [LINK]
    if raw.startswith("@") and len(raw) > 1:
        return [HANDLE]
    if not raw.isascii():
        raw = "".join(
            [c for c in unicodedata.normalize("NFKC", raw) if unicodedata.category(c) != "Cf"]
        )
    found: list[str] = []
    for piece in PIECES.findall(raw.translate(APOSTROPHES).lower()):
        said = NUMBER if piece.isdigit() else piece
        if not found or said != found[-1]:
            found.append(said)
    return found


def compile_phrase(name: str, saying: str, groups: Mapping[str, str], bits: Bits) -> list[Phrase]:
    """The phrases a saying stands for: one, or more where words may be missing."""
    variants: list[list[tuple[frozenset[str], int]]] = [[]]
    gap = 0
    for part in saying.split():
        if part.startswith("~"):
            gap = int(part[1:])
            continue
        optional = part.endswith("?") and len(part) > 1
        choices = _choices(part.removesuffix("?") if optional else part, groups)
        with_it = [[*variant, (choices, gap)] for variant in variants]
        variants = with_it + variants if optional else with_it
        gap = 0
    if not all(variants):
        raise ValueError(f"signal {name}: {saying!r} has no word that must be there")
    return [
        Phrase(
            name,
            Element(*opening, bits=0),
            tuple([Element(choices, gap, bits.of(choices)) for choices, gap in rest]),
        )
        for opening, *rest in variants
    ]


def _choices(part: str, groups: Mapping[str, str]) -> frozenset[str]:
    """The words and stems that may stand in one place of a phrase, from its spelling."""
    spelled = part
    for group, members in groups.items():
        spelled = spelled.replace(f"<{group}>", "|".join(members.split()))
    choices = frozenset(spelled.split("|"))
    short = sorted(c for c in choices if not c or (c.endswith("*") and len(c) <= SHORTEST_STEM))
    if short:
        raise ValueError(f"{part!r}: words must not be empty, stems not shorter than 3: {short}")
    return choices


def spans(text: str, raw: Sequence[str], found: Sequence[Found]) -> list[tuple[int, int]]:
    """Where each find stands in the text, in characters, punctuation around it left out.

    `raw` are the words between spaces that `found` was found in.
    """
    if not found:
        return []
    starts = _starts(text, raw, max([find.last for find in found]) + 1)
    return [
        _trimmed(text, starts[find.first], starts[find.last] + len(raw[find.last]))
        for find in found
    ]


def _starts(text: str, raw: Sequence[str], count: int) -> list[int]:
    """Where the first words between spaces start; all at once where one space parts each two."""
    lengths = list(map(len, raw))
    if sum(lengths) + len(raw) - 1 == len(text):
        return [0, *accumulate([length + 1 for length in lengths[: count - 1]])]
    starts: list[int] = []
    at = 0
    for word in raw[:count]:
        at = text.index(word, at)
        starts.append(at)
        at += len(word)
    return starts


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the punctuation around it, unless it is nothing else."""
    said = text[start:end]
    if said[0].isalnum() and said[-1].isalnum():
        return start, end
    left = len(said) - len(said.lstrip(OUTSIDE))
    right = len(said) - len(said.rstrip(OUTSIDE))
    return (start + left, end - right) if left + right < len(said) else (start, end)


OUTSIDE = "\"'“”‘’.,;:!?()[]{}…*_~<>#-–—"
