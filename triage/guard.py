"""Whether something learnt is better than what it replaces, on corrections it was not taught with.

Two samples, neither seen by what is measured on it: the answers to the audit sample, chosen by
nobody, which are never learnt from; and every correction, judged by what was learnt from the
others (the folds are by the words of a post, so that its copies are kept apart with it).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from triage.correction import LABEL, value_of
from triage.learning import Example, learn, read_all
from triage.learnt_judge import Reviser
from triage.wordpiece import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from triage.learnt import Learnt, Meanings
    from triage.points import Points
    from triage.protocols import Scorer
    from triage.verdict import Verdict

FOLDS = 5
MANY = 1_000
"""With more corrections one fold is enough, and learning five times over would take too long."""

KEPT_APART, AUDIT = "kept apart", "audit sample"


class Figure(NamedTuple):
    """How many of `asked` corrections of a field were right before, and would be right after."""

    field: str
    sample: str
    asked: int
    before: int
    after: int

    @property
    def worse(self) -> bool:
        """Whether it gets worse. A team's own label has no "before" that it could worsen."""
        return self.after < self.before and not self.field.startswith(LABEL)


def fold_of(text: str) -> int:
    """The fold of a text: by its words alone, without links, names and punctuation."""
    words = " ".join(words_of(text)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(words, digest_size=8).digest()) % FOLDS


class Guard:
    """Measures what was learnt. `judge` is the brand's, without anything learnt."""

    def __init__(self, judge: Scorer, meanings: Meanings, severe: Points = ()) -> None:
        """`meanings` of words, shared with whoever learns; `severe` are the brand's points."""
        self._severe = severe
        self._judge = judge
        self._meanings = meanings

    def figures(
        self,
        examples: Sequence[Example],
        audit: Sequence[Example],
        now: Learnt | None,
        new: Learnt,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> list[Figure]:
        """By field: corrections kept apart, against the judge alone; the audit sample, against `now`."""
        counts: dict[tuple[str, str], list[int]] = {}
        folds = range(FOLDS if len(examples) <= MANY else 1)
        for fold in folds:
            progress(fold, len(folds))
            held = [one for one in examples if fold_of(one.text) == fold]
            rest = [one for one in examples if fold_of(one.text) != fold]
            if held and rest:
                learnt = learn(rest, self._judge, self._meanings)
                self._count(counts, KEPT_APART, held, None, learnt)
        progress(len(folds), len(folds))
        if audit:
            self._count(counts, AUDIT, audit, now, new)
        return [Figure(*key, *counted) for key, counted in sorted(counts.items())]

    def _count(
        self,
        counts: dict[tuple[str, str], list[int]],
        sample: str,
        examples: Sequence[Example],
        before: Learnt | None,
        after: Learnt,
    ) -> None:
        verdicts = zip(
            examples, self._verdicts(examples, before), self._verdicts(examples, after), strict=True
        )
        for one, was, would_be in verdicts:
            counted = counts.setdefault((one.field, sample), [0, 0, 0])
            counted[0] += 1
            counted[1] += value_of(was, one.field) == one.value
            counted[2] += value_of(would_be, one.field) == one.value

    def _verdicts(self, examples: Sequence[Example], learnt: Learnt | None) -> Iterator[Verdict]:
        seen = read_all(list(dict.fromkeys([one.text for one in examples])), self._judge)
        if learnt is None:
            return (seen[one.text].verdict for one in examples)
        revised = Reviser(learnt, self._meanings, self._severe).revise(list(seen.values()))
        by_text = dict(zip(seen, revised, strict=True))
        return (by_text[one.text] for one in examples)


def refusal(figures: Sequence[Figure]) -> str:
    """Why what was learnt should not be used, "" when nothing gets worse."""
    return "; ".join(
        f"{one.field}: {one.before} of {one.asked} were right in the {one.sample}, "
        f"{one.after} would be"
        if one.sample == AUDIT
        else f"{one.field}: of {one.asked} corrections {one.sample} {one.before} were right, "
        f"{one.after} would be"
        for one in figures
        if one.worse
    )
