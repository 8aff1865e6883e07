"""Why a post is in an issue, or is not, as the page of that issue tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from listener.belonging import Explanation, Likeness
from listener.store.protocol import Store
from sources.text import clean_line

SHOWN = 8
WORDS = 6
EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Alike:
    """A post that the explained one resembles; `wide` is the similarity out of 100, `tied` if enough."""

    mention: int
    issue: int
    similarity: str
    wide: int
    tied: bool
    words: tuple[str, ...]
    said: str


@dataclass(frozen=True, slots=True)
class WhyHere:
    """Why a post is in the issue `asked` (`here`), or why not; `issue` is where it is, 0 for nowhere.

    `needed` is the least similarity that ties posts, "" when nobody knows it; `mark` the same out of
    100. `shares` are the issues that its ties lead to, with their percentages.
    """

    mention: int
    asked: int
    issue: int
    here: bool
    said: str
    rule: str
    needed: str
    mark: int
    ties: tuple[Alike, ...]
    shares: tuple[tuple[int, str], ...]
    instead: tuple[Alike, ...]


def why_here(store: Store, told: Explanation, asked: int) -> WhyHere:
    """An explanation in words, for the page of the issue `asked`."""
    row = next(iter(store.readings(told.mention)), None)
    needed = told.needed
    return WhyHere(
        mention=told.mention,
        asked=asked,
        issue=told.issue or 0,
        here=told.issue == asked,
        said=clean_line(row.mention.full_text, 2 * EXCERPT) if row is not None else "",
        rule=told.rule,
        needed="" if needed is None else f"{needed:.2f}",
        mark=0 if needed is None else round(100 * needed),
        ties=_alike(told.ties, needed),
        shares=tuple((issue, f"{share:.0%}") for issue, share in told.shares.items()),
        instead=_alike(told.instead, needed),
    )


def _alike(found: Sequence[Likeness], needed: float | None) -> tuple[Alike, ...]:
    return tuple(
        Alike(
            mention=one.mention,
            issue=one.issue,
            similarity=f"{one.similarity:.2f}",
            wide=max(0, min(100, round(100 * one.similarity))),
            tied=needed is None or one.similarity >= needed,
            words=tuple(clean_line(word, 40) for word in one.words[:WORDS]),
            said=clean_line(one.text, EXCERPT),
        )
        for one in found[:SHOWN]
    )
