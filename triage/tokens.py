"""The one tokenisation that both sentiment readings and the signals share: words between spaces.

A post is split once; each reader then looks up what it knows of a word, and learns it on first
sight. So a reader's cost per word is one dictionary look-up, whatever its rules are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

LONGEST_KEPT = 40
MOST_KEPT = 100_000


class Learnt(dict[str, T]):
    """What a reader knows of each word, computed on first sight and kept within bounds.

    Words longer than 40 characters are never kept and the whole memory is dropped at 100,000
    words, so that hostile posts cannot fill it. What is returned never depends on what is kept.
    """

    def __init__(self, learn: Callable[[str], T]) -> None:
        """`learn` must be a pure function of the word."""
        super().__init__()
        self._learn = learn

    def all(self, words: list[str]) -> list[T]:
        """What is known of each word, in order."""
        return list(map(self.__getitem__, words))

    def __missing__(self, word: str) -> T:
        """Learn a word met for the first time."""
        learnt = self._learn(word)
        if len(word) <= LONGEST_KEPT:
            if len(self) >= MOST_KEPT:
                self.clear()
            self[word] = learnt
        return learnt
