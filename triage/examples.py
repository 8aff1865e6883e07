"""Examples of an issue: a few posts that say as different things as its posts do."""

from __future__ import annotations

from collections.abc import Sequence

from triage.titles import EMPTY, MOST_WORDS, telling_words

MOST_COMPARED = 200
SAYS_ENOUGH = 3  # telling words


def varied(texts: Sequence[str], count: int) -> list[int]:
    """The places of up to `count` texts, the first one first, each as unlike those before as can be.

    Unlike is 1 minus the shared part of their telling words; of equals the earlier one. What repeats
    another word for word or says next to nothing comes in only when nothing else is left. Only the
    first 200 texts are looked at.
    """
    words = [_words(text) for text in texts[:MOST_COMPARED]]
    if not words or count < 1:
        return []
    chosen = [0]
    nearest = [_shared(one, words[0]) for one in words]
    while len(chosen) < min(count, len(words)):
        left = [place for place in range(len(words)) if place not in chosen]
        best = min(left, key=lambda place: (_poor(words[place], nearest[place]), nearest[place]))
        chosen.append(best)
        nearest = [
            max(before, _shared(one, words[best]))
            for before, one in zip(nearest, words, strict=True)
        ]
    return chosen


def _words(text: str) -> frozenset[str]:
    return frozenset(telling_words(text[: MOST_WORDS * 20])[:MOST_WORDS]) - EMPTY


def _poor(words: frozenset[str], nearest: float) -> bool:
    return len(words) < SAYS_ENOUGH or nearest >= 1.0


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    union = len(one | other)
    return len(one & other) / union if union else 1.0
