"""Names for issues that people can read: a title cut from a central post, and telling phrases.

A phrase tells by its log-odds of occurring in a post of the issue against the rest of the brand's
posts, with an informative prior, over its standard error (Monroe, Colaresi and Quinn 2008); two
words tell more than one, and a phrase that repeats a better one is left out. The title is the
stretch of a central post that holds most of what tells the issue apart; while there is one post, its
first telling clause.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nlargest
from html import unescape
from itertools import accumulate, pairwise, repeat
from math import log, sqrt
from operator import add
from types import MappingProxyType
from zlib import compress, decompress

import numpy as np
from numpy.typing import NDArray

from triage.calibration import Rows
from triage.protocols import Label
from triage.stopwords import COURTESY, NEGATIONS, QUESTIONS, STOPWORDS
from triage.wordpiece import LONGEST_TEXT, strip_links_and_names, without_unseen

PRIOR = 10.0
TWO_WORDS = 1.3
PHRASES = 4
KEPT = 3
KEPT_TEXT = 300
MOST_WORDS = 120
LONGEST_TITLE = 60
LONGEST_WORD = 32
EFFORT = 3.0
SMALL_EFFORT = 0.4
WHOLE_START, WHOLE_END = 1.25, 1.15
MOST_PER_WEIGHT = (
    WHOLE_START * WHOLE_END / (EFFORT + 1 + 2 * SMALL_EFFORT)
)  # three words, one telling
MOST_TITLE_WORDS = 8
TELLS = 3  # words with which a clause says what it is about
SHORTER = MappingProxyType({1: 0.3, 2: 0.7})
BACKGROUND = 200_000
OF_AN_ISSUE = 4_000
REFRESHED_AT = frozenset(accumulate(repeat(1, 60), lambda n, _: 2 * n + 2))
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CLAUSE = re.compile(r"[.!?;:,…]+(?:\s+|$)|[()\[\]\"“”|•–—\r\n]+|\s-+\s|#")
_MASK = re.compile(r"\b__\w+__\b")
_PLAIN = re.compile(r"[^\w\s'’&%$€£+/.-]|_")
_SILENT = STOPWORDS | COURTESY


def plain(text: str) -> str:
    """The first 4,000 characters without links, @names, masks, character references and marks."""
    text = text[:LONGEST_TEXT]
    if "&" in text:
        text = unescape(text)
    if not text.isascii():
        text = without_unseen(text)
    if "__" in text:
        text = _MASK.sub(" ", text)
    return strip_links_and_names(text)


def telling_words(text: str) -> list[str]:
    """The words of a plain text, in order, lower case, typographic apostrophes made straight."""
    return _WORD.findall(text.lower().replace("’", "'"))


def phrases_of(words: list[str]) -> set[str]:
    """Single telling words, and pairs of them that stand together or one small word apart."""
    found: set[str] = set()
    last, gap = "", ""
    for word in words:
        if word in _SILENT and word not in NEGATIONS:
            last, gap = ("", "") if gap or not last else (last, word)
            continue
        if word not in NEGATIONS and not word.isdigit() and 1 < len(word) <= LONGEST_WORD:
            found.add(word)
            if last:
                found.add(f"{last} {gap} {word}" if gap else f"{last} {word}")
        last, gap = word, ""
    return found


@dataclass(slots=True)
class _Kept:
    closeness: float
    post: int
    text: str
    vector: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Told:
    """What naming knows of one post: its first 120 words, the text to cut from, its place, its row."""

    post: int
    words: list[str]
    text: str
    closeness: float
    row: NDArray[np.floating]


@dataclass(slots=True)
class _Issue:
    posts: int = 0
    named_at: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    kept: list[_Kept] = field(default_factory=list)
    label: Label | None = None


class LabelWriter:
    """Counts phrases as posts come in and names an issue from the counts of that moment.

    Memory is bounded: 200,000 phrases of the brand, 4,000 and three texts an issue; when a bound is
    reached, what occurred once is forgotten.
    """

    def __init__(self) -> None:
        self._posts = 0
        self._everywhere: Counter[str] = Counter()
        self._issues: dict[int, _Issue] = {}
        self._changed: dict[int, Label] = {}

    def add(
        self, issue: int, post: int, words: list[str], text: str, closeness: float, row: Rows
    ) -> None:
        """Count one post of an issue (0: of none); the closest to their issue are kept for titles.

        `text` is plain and `words` are its telling words.
        """
        phrases = phrases_of(words[:MOST_WORDS])
        self._posts += 1
        self._everywhere.update(phrases)
        if len(self._everywhere) > BACKGROUND:
            self._everywhere = _without_rare(self._everywhere)
        if not issue:
            return
        self._count(issue, phrases)
        self._keep(issue, _Kept(closeness, post, text[:KEPT_TEXT], row.astype(np.int8)))

    def move(self, source: int, target: int, told: Told) -> None:
        """Count a post of one issue in another from now on."""
        phrases = phrases_of(told.words[:MOST_WORDS])
        left = self._issues[source]
        left.posts -= 1
        left.counts.subtract(phrases)
        left.counts = +left.counts
        left.kept = [kept for kept in left.kept if kept.post != told.post]
        if not left.posts:
            del self._issues[source]
        self._count(target, phrases)
        row = told.row.astype(np.int8)
        self._keep(target, _Kept(told.closeness, told.post, told.text[:KEPT_TEXT], row))

    def absorb(self, issue: int, into: int) -> None:
        """Count all of an issue's posts in another from now on."""
        gone = self._issues.pop(issue)
        self._changed.pop(issue, None)
        own = self._issues.setdefault(into, _Issue())
        own.posts += gone.posts
        own.counts.update(gone.counts)
        for kept in gone.kept:
            self._keep(into, kept)

    def renew(self, issue: int, centre: NDArray[np.float64]) -> None:
        """Name an issue anew when a quarter of its posts have come or gone since it was named."""
        own = self._issues[issue]
        if own.kept and abs(own.posts - own.named_at) * 4 >= own.named_at:
            self._name(issue, own, centre)

    def _count(self, issue: int, phrases: set[str]) -> None:
        own = self._issues.setdefault(issue, _Issue())
        own.posts += 1
        own.counts.update(phrases)
        if len(own.counts) > OF_AN_ISSUE:
            own.counts = _without_rare(own.counts)

    def _keep(self, issue: int, candidate: _Kept) -> None:
        """Keep the closest few for titles."""
        kept = self._issues[issue].kept
        kept.append(candidate)
        if len(kept) > KEPT:
            kept.remove(min(kept, key=lambda one: (one.closeness, -one.post)))

    def refresh(self, issue: int, centre: NDArray[np.float64]) -> None:
        """Name an issue anew when its size is due for it; `centre` points where its posts do."""
        own = self._issues[issue]
        if own.posts in REFRESHED_AT and own.kept:
            self._name(issue, own, centre)

    def _name(self, issue: int, own: _Issue, centre: NDArray[np.float64]) -> None:
        own.named_at = own.posts
        label = self._label(issue, own, centre)
        if label != own.label:
            own.label = self._changed[issue] = label

    def changed(self) -> list[Label]:
        """The labels that changed since the last call, in order of issue id."""
        changed, self._changed = self._changed, {}
        return [changed[issue] for issue in sorted(changed)]

    def unsay(self, issue: int, post: int) -> None:
        """Cut no title from a post any more: its author has deleted it."""
        own = self._issues.get(issue)
        if own is not None:
            own.kept = [kept for kept in own.kept if kept.post != post]

    def forget(self, issue: int) -> None:
        """Drop an issue that will not grow any more."""
        self._issues.pop(issue, None)

    def kept(self) -> dict[str, NDArray[np.generic]]:
        """Everything but the labels that nobody asked for yet, as arrays."""
        issues = [
            (
                *(issue, own.posts, own.named_at, own.counts),
                [(one.closeness, one.post, one.text) for one in own.kept],
                None
                if own.label is None
                else (own.label.title, own.label.phrases, own.label.central),
            )
            for issue, own in self._issues.items()
        ]
        told = json.dumps([self._posts, self._everywhere, issues], separators=(",", ":"))
        vectors = [one.vector for own in self._issues.values() for one in own.kept]
        return {
            "told": np.frombuffer(compress(told.encode("ascii"), 1), np.uint8),
            "vectors": np.array(vectors, np.int8),
        }

    def take_up(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Become what was kept."""
        self._posts, everywhere, issues = json.loads(decompress(arrays["told"].tobytes()))
        self._everywhere, self._changed = Counter(everywhere), {}
        vectors = iter(arrays["vectors"].astype(np.int8))
        self._issues = {
            issue: _Issue(
                posts,
                named_at,
                Counter(counts),
                [_Kept(closeness, post, text, next(vectors)) for closeness, post, text in kept],
                label and Label(issue, label[0], tuple(label[1]), label[2]),
            )
            for issue, posts, named_at, counts, kept, label in issues
        }

    def _label(self, issue: int, own: _Issue, centre: NDArray[np.float64]) -> Label:
        if own.posts == 1:  # most issues never grow; one post tells no phrases from chance
            (only,) = own.kept
            return Label(issue, _opening(only.text), (), only.post)
        weights = self._weights(own)
        phrases = _different(weights)
        central = max(own.kept, key=lambda kept: (float(kept.vector @ centre), -kept.post))
        title = _title(own.kept, central, weights) or _capital(
            ", ".join(phrases[:3])[:LONGEST_TITLE]
        )
        return Label(issue, title or _shortened(central.text), phrases, central.post)

    def _weights(self, own: _Issue) -> dict[str, float]:
        """Log-odds of each phrase that enough of the issue's posts contain, best first."""
        enough = 1 if own.posts < 4 else max(2, own.posts // 12)
        posts, total = own.posts, self._posts
        weights: dict[str, float] = {}
        for phrase, here in own.counts.items():
            if here < enough:
                continue
            everywhere = max(here, self._everywhere[phrase])
            prior = PRIOR * everywhere / (total + 1)
            there = min(everywhere - here, total - posts)
            odds = log((here + prior) / (posts + PRIOR - here - prior))
            odds -= log((there + prior) / (total - posts + PRIOR - there - prior))
            score = odds / sqrt(1 / (here + prior) + 1 / (there + prior))
            if score > 0:
                weights[phrase] = score * (TWO_WORDS if " " in phrase else 1.0)
        return weights


def _without_rare(counts: Counter[str]) -> Counter[str]:
    return Counter({phrase: count for phrase, count in counts.items() if count > 1})


def _different(weights: Mapping[str, float]) -> tuple[str, ...]:
    """The best phrases that do not repeat each other's words."""
    chosen: list[str] = []
    taken: set[str] = set()
    for phrase in nlargest(8 * PHRASES, weights, key=lambda phrase: (weights[phrase], phrase)):
        words = {word for word in phrase.split() if word not in _SILENT}
        if len(words & taken) * 2 < len(words):
            chosen.append(phrase)
            taken |= words
            if len(chosen) == PHRASES:
                break
    return tuple(chosen)


def _title(kept: list[_Kept], central: _Kept, weights: Mapping[str, float]) -> str:
    """The stretch of up to eight words that says most per word, or nothing when none says any."""
    best, title = 0.0, ""
    for one in kept:
        favour = 1.1 if one is central else 1.0
        for clause in _CLAUSE.split(one.text):
            shown = _PLAIN.sub(" ", clause).split()[:MOST_WORDS]
            score, start, end = _best_stretch(shown, weights, best / favour)
            if end:
                best, title = score * favour, " ".join(shown[start:end])
    return _capital(title)


def _opening(text: str) -> str:
    """The first clause of a text with three telling words, else its beginning."""
    for clause in _CLAUSE.split(text):
        words = telling_words(clause)
        if len({word for word in words if len(word) > 1 and word not in _SILENT}) >= TELLS:
            return _shortened(clause)
    return _shortened(text)


def _best_stretch(
    shown: list[str], weights: Mapping[str, float], floor: float
) -> tuple[float, int, int]:
    """Score and bounds of the best stretch that starts and ends on a word that may do so.

    The whole clause is favoured over a part of it, three words or more over fewer. (floor, 0, 0)
    when none scores above the floor.
    """
    words = [word.lower().replace("’", "'").strip("'.-/&+") for word in shown]
    best = (floor, 0, 0)
    alone = [weights.get(word, 0.0) for word in words]
    paired = [0.0, *(weights.get(f"{a} {b}", 0.0) for a, b in pairwise(words))]
    if (sum(alone) + sum(paired)) * MOST_PER_WEIGHT <= floor:
        return best
    telling = [1 < len(word) <= LONGEST_WORD and word not in _SILENT for word in words]
    if not any(telling):
        return best
    starts = [at for at in range(len(words)) if telling[at] or _opens(words, at)]
    final = max(at for at, tells in enumerate(telling) if tells)
    sums = [0.0, *accumulate(map(add, alone, paired))]
    for start in starts:
        reach = min(len(words), start + MOST_TITLE_WORDS)
        if (sums[reach] - sums[start]) * MOST_PER_WEIGHT <= best[0]:
            continue
        said, effort, letters = 0.0, EFFORT, -1
        seen: set[str] = set()
        favour = WHOLE_START if start == starts[0] else 1.0
        for at in range(start, reach):
            letters += 1 + len(shown[at])
            effort += 1.0 if telling[at] else SMALL_EFFORT
            if letters > LONGEST_TITLE:
                break
            if words[at] not in seen:
                seen.add(words[at])
                said += alone[at]
            if at > start:
                said += paired[at]
            if telling[at]:
                length = at + 1 - start
                score = said * SHORTER.get(length, 1.0) * favour / effort
                if at == final:
                    score *= WHOLE_END
                if score > best[0]:
                    best = (score, start, at + 1)
    return best


def _opens(words: list[str], at: int) -> bool:
    """A negation opens a title well, and so does a question word with nothing telling before it."""
    word = words[at]
    return word in NEGATIONS or (word in QUESTIONS and (at == 0 or words[at - 1] in _SILENT))


def _capital(stretch: str) -> str:
    stretch = stretch.strip(" '’.-/&+")
    if stretch.isupper():
        stretch = stretch.lower()
    return stretch[:1].upper() + stretch[1:]


def _shortened(text: str) -> str:
    """The beginning of a text, cut at a word."""
    shown = " ".join(_PLAIN.sub(" ", text).split())
    if len(shown) > LONGEST_TITLE:
        shown = shown[:LONGEST_TITLE].rsplit(" ", 1)[0][:LONGEST_TITLE]
    return _capital(shown)
