"""Why a post is in its issue, and why not in another one, as it is told: in posts, words, numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from listener.store.rows import MentionRow


@dataclass(frozen=True, slots=True)
class Likeness:
    """A post that the explained one resembles, and the telling words and pairs that both have."""

    mention: int
    issue: int
    similarity: float
    words: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a mention is in its issue.

    `rule` says it in a sentence. `needed` is the least similarity that ties two posts of the brand;
    `shares` are those of what ties it, by issue. `instead` are the posts of the other issue that was
    asked about which resemble it most.
    """

    mention: int
    issue: int | None
    rule: str
    needed: float | None = None
    ties: tuple[Likeness, ...] = ()
    shares: Mapping[int, float] = field(default_factory=dict)
    instead: tuple[Likeness, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A post that shows what an issue holds, with why it is here and not in the issue next to it."""

    text: str
    why: Explanation


Explains = Callable[[MentionRow], Explanation]
"""Explains one reading of a mention; exports are handed one."""
