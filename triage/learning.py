"""Learning from corrections: base + delta, refitted from all of them.

What is learnt is a function of the judge and the set of corrections: their order does not matter,
and leaving one out undoes it. Few corrections move little: the fit is a ridge around the judge's
own word (`triage/ridge.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from triage.correction import check
from triage.decisions import decisions
from triage.evidence import EvidenceReader
from triage.head_delta import FEATURES, HeadChange, HeadDelta
from triage.heads import readings
from triage.learnt import Learnt, Meanings, blank, places
from triage.post_rows import PostRows
from triage.ridge import NOWHERE, fit, rows_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from triage.decisions import Decision
    from triage.protocols import Scorer
    from triage.ridge import Rows
    from triage.verdict import Verdict

VERSION = "learning-2026-11-3"
RIDGE = 1.0  # of a yes or no; of a choice twice that, since two of its heads move a difference
MANY = 500
"""From so many posts on, what is said in one of them only is left out."""
FEATURE_SHARE = 0.5
MOST_WORDS = 1_000
AT_ONCE = 256
FINE = 1 << 12
"""Weights are kept to this part of a log-odd: smaller ones say nothing."""


class Example(NamedTuple):
    """What somebody said of a post: `field` and `value` as in `triage.correction`.

    `key` names the post, whatever its text; `text` is what was judged.
    """

    key: str
    text: str
    field: str
    value: str


class Seen(NamedTuple):
    """A post as the judge reads it: its words, what was found in it, the judge's verdict."""

    words: list[str]
    features: dict[str, float]
    verdict: Verdict


class PostReader:
    """Reads posts as learning sees them. One instance, one thread."""

    def __init__(self) -> None:
        """Nothing is known of any word yet."""
        self._evidence = EvidenceReader()

    def read(self, text: str, verdict: Verdict) -> Seen:
        """A text with the judge's verdict on it."""
        words = text.split(maxsplit=MOST_WORDS)[:MOST_WORDS]
        found = self._evidence.read(words, verdict.sentiment, verdict.signals)
        return Seen(words, found | readings(verdict.sentiment), verdict)


def learn(examples: Iterable[Example], judge: Scorer, meanings: Meanings | None = None) -> Learnt:
    """What these corrections teach beyond what the judge knows.

    Equal examples, in any order, give equal bytes. `judge` is the brand's, without anything learnt.
    Raises ValueError for a field or value that there is not.
    """
    ordered = sorted(set(examples))
    for field, value in sorted({(one.field, one.value) for one in ordered}):
        check(field, value)
    seen = read_all(list(dict.fromkeys([one.text for one in ordered])), judge)
    prepared = _Prepared(seen, meanings or Meanings())
    changes: list[HeadChange] = []
    columns: dict[str, NDArray[np.float64]] = {}
    for decision in decisions([(one.field, one.value) for one in ordered]):
        known, offsets, targets = _said(decision, ordered, seen)
        rows = prepared.rows(known)
        ridge = RIDGE * min(2, len(decision.heads))
        weights = fit(rows, offsets, targets, np.ones(len(known)), ridge)
        for head, column in zip(decision.heads, weights.T, strict=True):
            changes.append(_change(head, rows, column))
            columns[head] = column[len(rows.places) + 1 :]
    names = sorted(columns)
    meaning = np.zeros((prepared.dimensions, len(names)))
    for at, name in enumerate(names):
        meaning[:, at] = np.rint(columns[name] * FINE) / FINE
    return Learnt(HeadDelta(places(), tuple(changes)), meaning.astype(np.float32))


def read_all(texts: Sequence[str], judge: Scorer) -> dict[str, Seen]:
    """Every text as the judge reads it."""
    reader, seen = PostReader(), {}
    for start in range(0, len(texts), AT_ONCE):
        some = texts[start : start + AT_ONCE]
        for text, verdict in zip(some, judge.judge(some), strict=True):
            seen[text] = reader.read(text, verdict)
    return seen


class _Prepared:
    """The rows of texts, made once for all decisions."""

    def __init__(self, seen: Mapping[str, Seen], meanings: Meanings) -> None:
        self.dimensions = meanings.of([]).shape[1]
        self._posts = PostRows(
            [one.words for one in seen.values()],
            [one.features for one in seen.values()],
            blank().features,
        )
        self._at = {text: row for row, text in enumerate(seen)}
        self._meaning = self._posts.meanings(meanings.of(self._posts.tokens))

    def rows(self, texts: Sequence[str]) -> Rows:
        """A row for each of these texts: sparse places, then a one for the bias, then meanings."""
        which = [self._at[text] for text in texts]
        row, at = self._posts.chosen(which)
        places = self._posts.places[at]
        # What the judge has weighed already counts for less.
        values = self._posts.values[at] * np.where(places >= FEATURES, FEATURE_SHARE, 1.0)
        dense = np.hstack([np.ones((len(which), 1)), self._meaning[which]])
        return rows_from(row, places, values, dense, 1 if len(texts) < MANY else 2)


def _said(
    decision: Decision, examples: Sequence[Example], seen: Mapping[str, Seen]
) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    """The texts that corrections say something of, the judge's word for each, and theirs."""
    texts, offsets, targets = [], [], []
    for one in examples:
        verdict = seen[one.text].verdict
        target = decision.targets(one.field, one.value, verdict)
        if target is not None:
            texts.append(one.text)
            offsets.append(decision.offsets(verdict))
            targets.append(target)
    return texts, np.array(offsets, np.float64), np.array(targets, np.float64)


def _change(head: str, rows: Rows, column: NDArray[np.float64]) -> HeadChange:
    """The weights of one head as they are kept."""
    share = np.where(rows.places >= FEATURES, FEATURE_SHARE, 1.0)
    weights = np.rint(column[: len(rows.places)] * share * FINE) / FINE
    kept = (weights != 0) & (rows.places != NOWHERE)
    bias = float(np.rint(column[len(rows.places)] * FINE) / FINE)
    return HeadChange(head, bias, rows.places[kept], weights[kept].astype(np.float32))
