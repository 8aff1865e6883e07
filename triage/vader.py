"""vaderSentiment 3.3.2's lexicon and rules, to the last bit, in time linear in the text.

The original lower-cases the whole text once per lexicon word, so a long public post can stop a
pipeline. Here a word's properties are learnt once, only the words that carry points are visited,
and the same floating-point operations follow in the same order. Rules and constants are those of
Hutto, C.J. & Gilbert, E.E. (2014), "VADER: A Parsimonious Rule-based Model for Sentiment Analysis
of Social Media Text", ICWSM-14, as vaderSentiment 3.3.2 implements them, oddities included.
"""

from __future__ import annotations

import math
import re
import string
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from vaderSentiment import vaderSentiment as reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEGATIONS = frozenset(reference.NEGATE)
BOOSTERS: Mapping[str, float] = reference.BOOSTER_DICT
CAPITALS: float = reference.C_INCR
NEGATED: float = reference.N_SCALAR
DAMPING = (1.0, 0.95, 0.9)
NORMAL_ALPHA = 15
MANY_HITS = 100

IDIOMS = {tuple(words.split(" ")): points for words, points in reference.SPECIAL_CASES.items()}
BOOSTER_PHRASES = {tuple(k.split(" ")): v for k, v in BOOSTERS.items() if " " in k}
FILLERS = frozenset({"the", "of", "to", "for", "just"})
IDIOM_WORDS = frozenset(w for phrase in (*IDIOMS, *BOOSTER_PHRASES) for w in phrase) - FILLERS
EMPHATIC = frozenset({"so", "this"})
MODIFIERS = frozenset({"no", "or", "nor", "so", "this", "doubt", "least", "never", "without"})
NAMED_BY_RULES = frozenset(
    {"but", "of", "at", "very", *FILLERS, *IDIOM_WORDS, *MODIFIERS, *BOOSTERS, *NEGATIONS}
)


@dataclass(slots=True, eq=False)
class Token:
    """What the rules need to know of one word; shared by every place the word stands in.

    `points` is None for a word outside the lexicon. `scores` marks a word that adds to the sum
    itself, `plain` one that changes no word after it, `calm` one that the rules may skip.
    """

    low: str
    shouted: bool
    points: float | None
    boost: float | None
    negates: bool
    scores: bool
    plain: bool
    calm: bool
    idiomatic: bool


@dataclass(frozen=True, slots=True)
class Valences:
    """The words that scored: their final points and their places among the tokens."""

    points: list[float]
    places: list[int]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The lexicon (word to points) and the emoji that are read as words."""

    lexicon: Mapping[str, float]
    emoji: Mapping[str, str]


def vader_vocabulary() -> Vocabulary:
    """VaderSentiment's own lexicon and emoji, read from its package."""
    analyzer = reference.SentimentIntensityAnalyzer()
    single = {sign: words for sign, words in analyzer.emojis.items() if len(sign) == 1}
    return Vocabulary(analyzer.lexicon, single)


class EmojiSpeller:
    """Spells emoji out in words, as vaderSentiment does, in one linear pass."""

    def __init__(self, emoji: Mapping[str, str]) -> None:
        """`emoji` maps single non-ASCII characters to words."""
        self._emoji = emoji
        # re walks a class with astral characters one by one: one covering range and a look-up is
        # linear with a small constant.
        low = "".join(re.escape(sign) for sign in emoji if ord(sign) <= 0xFFFF)
        high = [sign for sign in emoji if ord(sign) > 0xFFFF]
        self._pattern = re.compile(f"[{low}{min(high)}-{max(high)}]")

    def place(self, text: str, n: int) -> int:
        """Where the n-th known emoji stands (n from 0), or the text's length."""
        if text.isascii():
            return len(text)
        matches = (m for m in self._pattern.finditer(text) if m.group() in self._emoji)
        return next((m.start() for k, m in enumerate(matches) if k == n), len(text))

    def spell(self, text: str) -> str:
        """The text with every known emoji as words, a space before it unless one is there."""
        if text.isascii() or not self._pattern.search(text):
            return text

        def words(match: re.Match[str]) -> str:
            spelled = self._emoji.get(match.group())
            if spelled is None:
                return match.group()
            start = match.start()
            return spelled if start == 0 or text[start - 1] == " " else " " + spelled

        return self._pattern.sub(words, text)


def make_token(raw: str, lexicon: Mapping[str, float]) -> Token:
    """Learn a word as it stands between spaces: emoticons keep their punctuation, words lose it."""
    word = raw.strip(string.punctuation)
    if len(word) <= 2:
        word = raw
    return describe(word, word.lower(), lexicon)


def describe(word: str, low: str, lexicon: Mapping[str, float]) -> Token:
    """The token of a word whose look-up form is `low`; words that no rule knows share one."""
    if low not in lexicon and low not in NAMED_BY_RULES and "n't" not in low:
        return UNHEARD_SHOUTED if word.isupper() else UNHEARD
    return _heard(word, low, lexicon)


def _heard(word: str, low: str, lexicon: Mapping[str, float]) -> Token:
    """The token of a word that a rule or the lexicon may know."""
    points = lexicon.get(low)
    boost = BOOSTERS.get(low)
    negates = low in NEGATIONS or "n't" in low
    shouted = word.isupper()
    scores = points is not None and boost is None
    idiomatic = low in IDIOM_WORDS
    plain = not (negates or idiomatic or boost is not None or low in MODIFIERS)
    calm = plain and not scores and not shouted and low != "but"
    return Token(low, shouted, points, boost, negates, scores, plain, calm, idiomatic)


UNHEARD = _heard("", "", {})
UNHEARD_SHOUTED = _heard("A", "", {})
"""Every word that no rule knows, said and shouted: most words of most posts."""


def valences(tokens: Sequence[Token]) -> Valences:
    """The points of every word that scores, after all rules, in one pass over the tokens."""
    hits: list[int] = []
    undisturbed: list[bool] = []
    shouted = 0
    turn = -1
    stirred = -4
    for i in [i for i, token in enumerate(tokens) if not token.calm]:
        token = tokens[i]
        if token.shouted:
            shouted += 1
        if not token.plain:
            stirred = i
        if token.scores:
            hits.append(i)
            undisturbed.append(i - stirred > 3)
        elif turn < 0 and token.low == "but":
            turn = i
    found = Valences([], [])
    mixed_case = 0 < shouted < len(tokens)
    points_at = _points if len(hits) <= MANY_HITS else _Remembering()
    for i, alone in zip(hits, undisturbed, strict=True):
        token = tokens[i]
        moved = not alone or (token.shouted and mixed_case)
        value = points_at(tokens, i, mixed_case) if moved else token.points
        if value:
            found.points.append(value)
            found.places.append(i)
    if turn >= 0:
        _turn_at_but(found, turn)
    return found


def _points(tokens: Sequence[Token], i: int, mixed_case: bool) -> float:
    """The points of the scoring word at `i` after the words around it had their say."""
    token = tokens[i]
    base = points = token.points or 0.0
    following = tokens[i + 1] if i + 1 < len(tokens) else None
    if following is not None:
        if token.low == "kind" and following.low == "of":
            return 0.0
        if token.low == "no" and following.points is not None:
            points = 0.0
    before = [tokens[i - k] for k in range(1, min(i, 3) + 1)]
    if _after_no(before):
        points = base * NEGATED
    if token.shouted and mixed_case:
        points = points + CAPITALS if points > 0 else points - CAPITALS
    for distance, word in enumerate(before, start=1):
        if word.points is not None:
            continue
        if word.boost is not None:
            points = points + _boost(word, word.boost, points, distance, mixed_case)
        if distance == 1:
            points = points * NEGATED if word.negates else points
        elif not word.plain or distance == 3:
            points = _negate_from_afar(points, before, distance)
        if distance == 3 and (token.idiomatic or any(near.idiomatic for near in before)):
            points = _idioms(points, tokens, i)
    return _least(points, before)


class _Remembering:
    """`_points` for one long text, computed once per neighbourhood: flooded posts repeat theirs."""

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._known: dict[tuple[Token, ...], float] = {}

    def __call__(self, tokens: Sequence[Token], i: int, mixed_case: bool) -> float:
        """The points at `i`; only the three words before and the two after can matter."""
        if i < 3:
            return _points(tokens, i, mixed_case)
        around = tuple(tokens[i - 3 : i + 3])
        known = self._known.get(around)
        if known is None:
            known = self._known[around] = _points(tokens, i, mixed_case)
        return known


def _after_no(before: Sequence[Token]) -> bool:
    """Whether "no" stands one or two words before, or three with "or" or "nor" between."""
    words = [word.low for word in before]
    return "no" in words[:2] or (words[2:] == ["no"] and words[0] in {"or", "nor"})


def _boost(word: Token, boost: float, points: float, distance: int, mixed_case: bool) -> float:
    """What a word before adds: boosters strengthen, dampeners weaken, less so from afar."""
    if points < 0:
        boost = -boost
    if word.shouted and mixed_case:
        boost = boost + CAPITALS if points > 0 else boost - CAPITALS
    return boost if distance == 1 or boost == 0 else boost * DAMPING[distance - 1]


def _negate_from_afar(points: float, before: Sequence[Token], distance: int) -> float:
    """Turn or strengthen the points when the word two or three before negates."""
    word = before[distance - 1]
    nearest, nearer = before[0].low, before[distance - 2].low
    if (word.low == "never" and nearer in EMPHATIC) or (distance == 3 and nearest in EMPHATIC):
        return points * 1.25
    if word.low == "without" and "doubt" in (nearest, nearer):
        return points
    return points * NEGATED if word.negates else points


def _idioms(points: float, tokens: Sequence[Token], i: int) -> float:
    """Replace the points where an idiom covers the word at `i` or stands just before it."""
    three, two, one, zero = [token.low for token in tokens[i - 3 : i + 1]]
    for idiom in ((one, zero), (two, one, zero), (two, one), (three, two, one), (three, two)):
        if idiom in IDIOMS:
            points = IDIOMS[idiom]
            break
    after = [token.low for token in tokens[i + 1 : i + 3]]
    if after:
        points = IDIOMS.get((zero, after[0]), points)
    if len(after) == 2:
        points = IDIOMS.get((zero, *after), points)
    for phrase in ((three, two, one), (three, two), (two, one)):
        if phrase in BOOSTER_PHRASES:
            points = points + BOOSTER_PHRASES[phrase]
    return points


def _least(points: float, before: Sequence[Token]) -> float:
    """Negate after "least", except "at least" and "very least"."""
    if not before or before[0].low != "least" or before[0].points is not None:
        return points
    if len(before) > 1 and before[1].low in {"at", "very"}:
        return points
    return points * NEGATED


def _turn_at_but(found: Valences, turn: int) -> None:
    """Halve what comes before the first "but" and strengthen what comes after, in place.

    The original changes, for each value in turn, the *first* value equal to it, so equal values
    meet its oddities; a heap of places per value does the same without searching the list.
    """
    points = found.points
    where: dict[float, list[int]] = {}
    for k, value in enumerate(points):
        where.setdefault(value, []).append(k)
    for k in range(len(points)):
        value = points[k]
        first = heappop(where[value])
        changed = value * 0.5 if found.places[first] < turn else value * 1.5
        points[first] = changed
        heappush(where.setdefault(changed, []), first)


def compound(points: Sequence[float], text: str) -> float:
    """The normalised sum of the points, strengthened by the `!` and `?` of the text, in −1…1."""
    total = float(sum(points))
    if not total:
        return 0.0
    total += _emphasis(text) if total > 0 else -_emphasis(text)
    normal = total / math.sqrt(total * total + NORMAL_ALPHA)
    return round(max(-1.0, min(1.0, normal)), 4)


def _emphasis(text: str) -> float:
    """Up to four `!` count each; two or three `?` count each, more count as one strong push."""
    exclamation = min(text.count("!"), 4) * 0.292
    asked = text.count("?")
    if asked <= 1:
        return exclamation
    return exclamation + (asked * 0.18 if asked <= 3 else 0.96)
