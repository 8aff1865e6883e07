"""What a report in an issue tracker says first: the rest is code, logs and the tracker's own forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_WORDS = 80
FENCE, COMMENT, END = "```", "<!--", "-->"


def said_first(words: Iterable[str]) -> list[str]:
    """The first 80 words of a report, without fenced code and comments of its form.

    `words` are a text split at spaces.
    """
    found = []
    for word in _plain(words):
        found.append(word)
        if len(found) == MOST_WORDS:
            break
    return found


def _plain(words: Iterable[str]) -> Iterator[str]:
    """The words outside of code and comments; what is opened and never closed hides all else."""
    until = ""
    for word in words:
        if until:
            until = "" if until in word else until
        elif word.startswith(COMMENT):
            until = "" if END in word else END
        elif word.startswith(FENCE):
            until = "" if FENCE in word[len(FENCE) :] else FENCE
        else:
            yield word
