"""Names for issues that people can read: a title cut from a central post, and telling phrases.

A phrase tells by its log-odds of occurring in a post of the issue against the rest of the brand's
posts, with an informative prior, over its standard error (Monroe, Colaresi and Quinn 2008); two
words tell more than one, and a phrase that repeats a better one is left out. The title is cut from
the posts closest to the issue (`triage.titles`); while there is one post, its first telling clause.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from heapq import nlargest
from html import unescape
from itertools import accumulate, repeat
from math import log, sqrt
from zlib import compress, decompress

import numpy as np
from numpy.typing import NDArray

from triage.calibration import Rows
from triage.protocols import Label
from triage.stopwords import NEGATIONS
from triage.titles import (
    EMPTY,
    LONGEST_WORD,
    MOST_WORDS,
    SILENT,
    TELLS_LESS,
    opening,
    title_of,
)
from triage.wordpiece import LONGEST_TEXT, strip_links_and_names, without_unseen

PRIOR = 10.0
TWO_WORDS = 1.3
PHRASES = 4
KEPT = 8
KEPT_TEXT = 300
EVERYWHERE = 0.1  # what stands in more of the brand's posts tells less
COMMON_FROM = 100  # posts
BACKGROUND = 200_000
OF_AN_ISSUE = 4_000
REFRESHED_AT = frozenset(accumulate(repeat(1, 60), lambda n, _: 2 * n + 2))
SKIPPED = SILENT - NEGATIONS
_MASK = re.compile(r"\b__\w+__\b")


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


def phrases_of(words: list[str]) -> set[str]:
    """Single telling words, and pairs of them that stand together or one small word apart."""
    found: set[str] = set()
    last, gap = "", ""
    for word in words:
        if word in SKIPPED:
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

    def would_keep(self, closeness: float, post: int) -> bool:
        """Whether a post is among the closest few."""
        if len(self.kept) < KEPT:
            return True
        return any(
            one.closeness < closeness or (one.closeness == closeness and one.post > post)
            for one in self.kept
        )


class LabelWriter:
    """Counts phrases as posts come in and names an issue from the counts of that moment.

    Memory is bounded: 200,000 phrases of the brand, 4,000 and three texts an issue; when a bound is
    reached, what occurred once is forgotten.
    """

    def __init__(self, brand: Collection[str] = ()) -> None:
        """`brand` are the words of the brand's name: all its posts are about it, which tells nothing."""
        self._brand = frozenset(brand)
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
        if self._issues[issue].would_keep(closeness, post):
            self._keep(issue, _Kept(closeness, post, text[:KEPT_TEXT], row.astype(np.int8)))

    def move(self, source: int, target: int, told: Told) -> None:
        """Count a post of one issue in another from now on."""
        phrases = phrases_of(told.words[:MOST_WORDS])
        left = self._issues[source]
        left.posts -= 1
        for phrase in phrases:
            if left.counts[phrase] > 1:
                left.counts[phrase] -= 1
            else:
                left.counts.pop(phrase, None)
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
            return Label(issue, opening(only.text), (), only.post)
        weights = self._weights(own)
        phrases = _different(weights)
        central = max(own.kept, key=lambda kept: (float(kept.vector @ centre), -kept.post))
        title = title_of([kept.text for kept in own.kept], central.text, weights)
        return Label(issue, title or opening(central.text), phrases, central.post)

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
            if everywhere > EVERYWHERE * total and total >= COMMON_FROM:
                score *= TELLS_LESS
            if score > 0 and not self._brand.issuperset(words := phrase.split(" ")):
                if not self._brand.isdisjoint(words):
                    score *= TELLS_LESS
                weights[phrase] = score * (TWO_WORDS if len(words) > 1 else 1.0)
        return weights


def _without_rare(counts: Counter[str]) -> Counter[str]:
    return Counter({phrase: count for phrase, count in counts.items() if count > 1})


def _different(weights: Mapping[str, float]) -> tuple[str, ...]:
    """The best phrases that do not repeat each other's words."""
    chosen: list[str] = []
    taken: set[str] = set()
    for phrase in nlargest(8 * PHRASES, weights, key=lambda phrase: (weights[phrase], phrase)):
        if not set(phrase.split()) - EMPTY:
            continue
        words = {word for word in phrase.split() if word not in SILENT}
        if len(words & taken) * 2 < len(words):
            chosen.append(phrase)
            taken |= words
            if len(chosen) == PHRASES:
                break
    return tuple(chosen)
