"""What grouping reads of a post, once: its words, what repeats it, whether it says enough."""

from __future__ import annotations

from dataclasses import dataclass

from triage.duplicates import Fingerprint, fingerprint
from triage.labels import plain
from triage.protocols import Post
from triage.substance import says_enough
from triage.titles import telling_words


@dataclass(frozen=True, slots=True)
class Reading:
    """A post read once: plain text, its words, its fingerprint, whether it says enough."""

    post: Post
    text: str
    words: list[str]
    print_: Fingerprint
    enough: bool


def read(post: Post) -> Reading:
    """Read a post; linear in its length, which is capped."""
    text = plain(post.text)
    words = telling_words(text)
    return Reading(post, text, words, fingerprint(words), any(post.vector) and says_enough(words))
