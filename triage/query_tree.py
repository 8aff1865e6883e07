"""What a brand query means: its frozen tree, and the tree written out again."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

FIELDS = ("from", "site", "source", "lang", "type")
FARTHEST = 100  # words, that NEAR can reach
OPERATORS = frozenset(("AND", "OR", "NOT", "NEAR"))

# A word is a run of letters, digits and "_" with the accents that follow them. Scripts written
# without spaces (Han, Kana, Thai, Lao, Burmese, Khmer) count a character as a word, so that 楽天
# is found inside 楽天銀行; Hangul is written with spaces.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_MARKS = "\u0300-\u036f"
WORD = re.compile(rf"[^\W{_UNSPACED}]+(?:[{_MARKS}]+[^\W{_UNSPACED}]*)*|[{_UNSPACED}]")
ASCII_WORD = re.compile(r"\w+", re.ASCII)
UNPLAIN = re.compile(rf"[{_UNSPACED}{_MARKS}]")
HANDLE = re.compile(r"@\w+(?:[.-]\w+)*(?:@\w+(?:[.-]\w+)*)?")


def fold(text: str) -> str:
    """Text without the differences that do not count: case, full-width @ and #, coded accents."""
    if text.isascii():
        return text.lower()
    text = text.replace("＠", "@").replace("＃", "#")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def words(text: str) -> tuple[str, ...]:
    """The words of a text as it is written."""
    return tuple((ASCII_WORD if text.isascii() else WORD).findall(text))


@dataclass(frozen=True, slots=True)
class Everything:
    """`*`: every mention."""

    def __str__(self) -> str:
        """Write it as it is typed."""
        return "*"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order with nothing but punctuation between them; one word is a phrase too.

    Words are folded; with `cased` they are as written and must be found so.
    """

    words: tuple[str, ...]
    cased: bool = False

    def __str__(self) -> str:
        """Write it bare when it can be, quoted when it must be."""
        text = " ".join(self.words)
        bare = len(self.words) == 1 and text.upper() not in OPERATORS
        text = text if bare else f'"{text}"'
        return f"case:{text}" if self.cased else text


@dataclass(frozen=True, slots=True)
class Prefix:
    """`cancel*`: every word that begins so. Folded."""

    stem: str

    def __str__(self) -> str:
        """Write it as it is typed."""
        return f"{self.stem}*"


@dataclass(frozen=True, slots=True)
class Handle:
    """`@acmebank`: somebody addressed by name. Folded, without the @."""

    name: str

    def __str__(self) -> str:
        """Write it as it is typed."""
        return f"@{self.name}"


@dataclass(frozen=True, slots=True)
class Tag:
    """`#acmebank`: a hashtag. Folded words without the #."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        """Write it as it is typed."""
        return "#" + "".join(self.words)


@dataclass(frozen=True, slots=True)
class Field:
    """`lang:en`: something about a mention other than its words. `value` is folded."""

    name: str
    value: str

    def __str__(self) -> str:
        """Write it bare when it can be, quoted when it must be."""
        bare = re.fullmatch(r"[^\s\"()]+", self.value)
        return f"{self.name}:{self.value}" if bare else f'{self.name}:"{self.value}"'


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more parts."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        """Write it with its operators spelt out."""
        return " AND ".join(_inside(part, Or) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more parts."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        """Write it with its operators spelt out."""
        return " OR ".join(str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """Its part must not be true."""

    part: Node

    def __str__(self) -> str:
        """Write it with its operator spelt out."""
        return f"NOT {_inside(self.part, And, Or, Near)}"


@dataclass(frozen=True, slots=True)
class Near:
    """Left and right stand at most `distance` words apart, in any order; neighbours are 1 apart."""

    left: Place
    right: Place
    distance: int

    def __str__(self) -> str:
        """Write it with its operator spelt out; a chain reads from the left."""
        left, right = _inside(self.left, Or), _inside(self.right, Or, Near)
        return f"{left} NEAR/{self.distance} {right}"


Node = Everything | Phrase | Prefix | Handle | Tag | Field | And | Or | Not | Near
# What stands somewhere in a text and so can be near something; an Or only of such.
Place = Phrase | Prefix | Handle | Tag | Or | Near


def has_place(node: Node) -> bool:
    """Whether NEAR can measure from it."""
    if isinstance(node, Or):
        return all(has_place(part) for part in node.parts)
    return isinstance(node, Phrase | Prefix | Handle | Tag | Near)


def _inside(node: Node, *looser: type) -> str:
    return f"({node})" if isinstance(node, looser) else str(node)
