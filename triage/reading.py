"""What grouping reads of a post, once: its words, what repeats it, whether it says enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triage.duplicates import Fingerprint, fingerprints
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


def read(posts: Sequence[Post]) -> list[Reading]:
    """Read posts, each for itself; linear in their lengths, which are capped."""
    texts = [plain(post.text) for post in posts]
    words = [telling_words(text) for text in texts]
    return [
        Reading(post, text, own, print_, any(post.vector) and says_enough(own))
        for post, text, own, print_ in zip(posts, texts, words, fingerprints(words), strict=True)
    ]
