"""The seams inside triage: what a scorer, an embedder and a clusterer promise.

Everything here is a function of its inputs: no store, no network, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from triage.verdict import Lane, Verdict


@dataclass(frozen=True, slots=True)
class BrandContext:
    """What judging must know of the brand: its name, handles and words are neither good nor bad."""

    name: str = ""
    handles: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


class Scorer(Protocol):
    """Judges texts. `version` changes whenever any verdict could change."""

    version: str

    def judge(self, texts: Sequence[str]) -> list[Verdict]:
        """One verdict per text, in order; linear in length, never raises for any text."""
        ...


class Embedder(Protocol):
    """Turns texts into vectors. The vector of a text never depends on the texts beside it."""

    model: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """One vector per text, in order, as `dimensions` int8 bytes; only its direction matters."""
        ...


class Post(NamedTuple):
    """What grouping sees of a mention. `id` grows with arrival."""

    id: int
    text: str
    vector: bytes
    lane: Lane
    created_at: datetime
    author: str = ""


class Placement(NamedTuple):
    """Where grouping put a post, and why.

    `similarity` is the cosine to what it joined (1.0 for a post that opened its issue), `nearest`
    the id of the post that drew it there (0 when it opened the issue). `duplicate_of` is the id of
    the post it repeats almost word for word, 0 when it is original. Issue 0 is no issue: the post
    says too little to go on ("thanks!"), or repeats one that does; a similarity of 0.0 then.
    `story` is the address of the article it is (`triage.canonical`), "" when it is none;
    `same_story` says that it was placed by that address alone, whatever its words: clusterers
    neither make such placements nor learn from them.
    """

    post: int
    issue: int
    similarity: float
    nearest: int = 0
    duplicate_of: int = 0
    story: str = ""
    same_story: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A readable name for an issue: `title`, the phrases that set it apart, and its central post."""

    issue: int
    title: str
    phrases: tuple[str, ...]
    central: int


class Clusterer(Protocol):
    """Groups one brand's posts into issues as they arrive.

    Sequential and deterministic: placing a stream in any batches gives the same placements and the
    same labels, and so does restoring from what was placed and going on. One instance, one thread.
    """

    version: str

    def restore(self, placed: Iterable[tuple[Post, Placement]]) -> None:
        """Forget everything and relearn it from earlier posts, in order of id."""
        ...

    def place(self, posts: Sequence[Post], new_issue: Callable[[], int]) -> list[Placement]:
        """Place posts in order of id; `new_issue` hands out the id of an issue to be opened."""
        ...

    def labels(self) -> list[Label]:
        """New labels of the issues whose label changed since the last call, in order of issue id."""
        ...
