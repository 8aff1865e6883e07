"""Which posts to label next, so that a hundred answers teach the most.

Half of them from the top of the ranking (a rare label is found there), half where the ranking is
least sure, and one at random, without which nobody would notice what the ranking does not know.
The random one comes from the audit sample (`triage/audit.py`) and all others do not: so answers
to the audit sample are a fair sample, and are measured with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from triage.wordpiece import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

TOP, UNSURE, RANDOM = "top", "unsure", "random"


class Candidate(NamedTuple):
    """A post that nobody has answered for: `score` in log-odds; `audit`: in the audit sample."""

    id: int
    text: str
    score: float
    audit: bool


class Pick(NamedTuple):
    """A post to be labelled next, and why it was chosen: top, unsure or random."""

    candidate: Candidate
    why: str


def mixed(candidates: Sequence[Candidate], count: int) -> list[Pick]:
    """At most `count` posts, no two with the same words; the same for the same candidates."""
    ordered = sorted(candidates, key=lambda one: (-one.score, one.id))
    unsure = sorted(candidates, key=lambda one: (abs(one.score), one.id))
    newest = sorted(candidates, key=lambda one: -one.id)
    picks = _Picks()
    picks.add(RANDOM, (one for one in newest if one.audit), min(1, count))
    picks.add(TOP, (one for one in ordered if not one.audit), count // 2 + len(picks.made))
    picks.add(UNSURE, (one for one in unsure if not one.audit), count)
    return sorted(picks.made, key=lambda pick: ((TOP, UNSURE, RANDOM).index(pick.why),))


class _Picks:
    """What was chosen so far, each wording once."""

    def __init__(self) -> None:
        self.made: list[Pick] = []
        self._said: set[str] = set()

    def add(self, why: str, candidates: Iterable[Candidate], until: int) -> None:
        """Choose from the front until there are so many."""
        following: Iterator[Candidate] = iter(candidates)
        while len(self.made) < until and (one := next(following, None)) is not None:
            words = " ".join(words_of(one.text))
            if words not in self._said:
                self._said.add(words)
                self.made.append(Pick(one, why))
