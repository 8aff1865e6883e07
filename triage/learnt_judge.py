"""The judge of a brand with what was learnt from its corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.decisions import decisions_of
from triage.learnt import Learnt, LearntHeads, Meanings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from triage.learning import Seen
    from triage.points import Points
    from triage.protocols import Scorer
    from triage.verdict import Verdict


class JudgedOnce:
    """A `triage.protocols.Scorer` that judges each text once and remembers all: for a few thousand."""

    def __init__(self, judge: Scorer) -> None:
        """Nothing is judged yet."""
        self._judge = judge
        self._known: dict[str, Verdict] = {}
        self.version = judge.version

    def judge(self, texts: Sequence[str]) -> list[Verdict]:
        """One verdict per text, in order."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._judge.judge(new), strict=True))
        return [self._known[text] for text in texts]


def version_of(version: str, learnt: Learnt | None) -> str:
    """The version of a judge with something learnt; without, it is the judge's."""
    return version if learnt is None else f"{version}+{learnt.id}"


class Reviser:
    """Moves a judge's verdicts by what was learnt. One instance, one thread."""

    def __init__(
        self, learnt: Learnt, meanings: Meanings | None = None, severe: Points = ()
    ) -> None:
        """`meanings` of words, when they are loaded already; `severe` are the brand's points."""
        self._heads = LearntHeads(learnt, meanings)
        at = {name: column for column, name in enumerate(self._heads.names)}
        self._decisions = [
            (one, [at[head] for head in one.heads])
            for one in decisions_of(self._heads.names, severe)
        ]

    def revise(self, seen: Sequence[Seen]) -> list[Verdict]:
        """The verdicts on some posts after what was learnt; their versions stay."""
        if not seen:
            return []
        return self.moved(
            seen,
            self._heads.margins([one.words for one in seen], [one.features for one in seen]),
        )

    def moved(self, seen: Sequence[Seen], margins: NDArray[np.float64]) -> list[Verdict]:
        """The same, when the margins of the learnt heads are known: a row a post."""
        return [self._revised(one, row) for one, row in zip(seen, margins.tolist(), strict=True)]

    def scores(self, seen: Sequence[Seen], head: str) -> list[float]:
        """What a head that the judge knows nothing of says of some posts, in log-odds."""
        column = self._heads.names.index(head)
        [offset] = {
            one.offsets(seen[0].verdict)[0] for one, _ in self._decisions if head in one.heads
        }
        margins = self._heads.margins([one.words for one in seen], [one.features for one in seen])
        return [offset + added for added in margins[:, column].tolist()]

    def words(self, seen: Seen, up: str, down: str = "") -> list[tuple[str, float]]:
        """The words that speak for a head, and against another, with their points."""
        return self._heads.words(seen.words, seen.features, up, down)

    def _revised(self, seen: Seen, margins: Sequence[float]) -> Verdict:
        def words(up: str, down: str) -> Sequence[tuple[str, float]]:
            return self.words(seen, up, down)

        verdict = seen.verdict
        for decision, columns in self._decisions:
            verdict = decision.revise(verdict, [margins[column] for column in columns], words)
        return verdict
