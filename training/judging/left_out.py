"""Judges that have not seen the lines they are measured on: their heads are fitted without them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from training.heads import fit
from training.heads.complaint import SET as COMPLAINTS
from training.heads.complaint import Complaints
from training.heads.intent import CHOICES, REVIEWS, STRENGTH, Intents, fitted
from training.heads.left_out import without
from training.heads.matrix import Texts
from training.heads.sets import Row, Sets
from training.heads.spam import SET as COMMENTS
from training.heads.spam import Spam
from triage.judge import Judge
from triage.verdict import Verdict

Judged = list[tuple[Row, Verdict]]


class LeftOut:
    """Verdicts on the lines of the sets that the heads are trained on, each by heads without it."""

    def __init__(self, sets: Sets) -> None:
        self._sets, self._texts = sets, Texts()
        self._intents = Intents(sets, self._texts)

    def complaints(self) -> Judged:
        """Posts of the ACL 2019 set: complaint, severity and intent learnt without their domain."""
        rows = list(self._sets.read(COMPLAINTS))
        heads, intents = Complaints(self._sets, self._texts), self._intents
        first = int(intents.review.sum())
        judged: Judged = []
        for train, test in fit.folds(heads.fold):
            known = np.ones(len(intents.gold), bool)
            known[first : first + len(rows)] = train
            columns = heads.columns(train)
            columns += fitted("intent", CHOICES, intents, known, STRENGTH)
            judged += self._judged(columns, [rows[at] for at in np.flatnonzero(test)])
        return judged

    def reviews(self) -> Judged:
        """App reviews: intent learnt without the app."""
        rows, intents = list(self._sets.read(REVIEWS)), self._intents
        judged: Judged = []
        for train, test in fit.folds(intents.fold):
            columns = fitted("intent", CHOICES, intents, train, STRENGTH)
            test = np.flatnonzero(test & intents.review)
            judged += self._judged(columns, [rows[at] for at in test])
        return judged

    def comments(self) -> Judged:
        """Comments on videos, and complaints: advertising learnt without the video, or a third."""
        rows = list(self._sets.read(COMMENTS)) + list(self._sets.read(COMPLAINTS))
        spam = Spam(self._sets, self._texts)
        heads = Complaints(self._sets, self._texts)
        judged: Judged = []
        for train, test in fit.folds(spam.fold):
            columns = heads.columns(train[spam.comment.sum() :])
            judged += self._judged([*spam.columns(train), *columns], list(_chosen(rows, test)))
        return judged

    def _judged(self, columns: list[fit.Column], rows: list[Row]) -> Judged:
        judge = Judge(heads=without(columns, self._texts))
        return list(zip(rows, judge.judge([str(row["text"]) for row in rows]), strict=True))


def _chosen(rows: list[Row], which: np.ndarray) -> Iterator[Row]:
    return (row for row, chosen in zip(rows, which, strict=True) if chosen)
