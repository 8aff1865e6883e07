"""Whether a post reads like a report in an issue tracker at all."""

from __future__ import annotations

import numpy as np

from training.heads import fit
from training.heads.fit import Column
from training.heads.intent import REPORTS, REVIEWS, questions
from training.heads.matrix import Texts
from training.heads.sets import Sets

FOLDS = 5
STRENGTH = 0.3


class Trackers:
    """Issues of five software projects against reviews, posts about brands, and questions."""

    def __init__(self, sets: Sets, texts: Texts) -> None:
        reports = sets.train(REPORTS)
        others = sets.train(REVIEWS) + sets.train("complaints/acl2019_given")
        others += questions(sets)
        self.known = bool(reports)
        self.gold = (np.arange(len(reports) + len(others)) < len(reports)).astype(int)
        project = np.unique([str(line["repo"]) for line in reports], return_inverse=True)[1]
        self.fold = np.concatenate([project, np.arange(len(others)) % FOLDS])
        lines = [str(line["text"]) for line in reports + others]
        self.rows = texts.rows(lines) if reports else None

    def columns(self) -> list[Column]:
        """The head, fitted on everything; none without issues."""
        if not self.known:
            return []
        return [fit.yes_or_no("report", self.rows, self.gold, STRENGTH)]

    def figures(self) -> list[tuple[str, str, str]]:
        """What, on which data, how well."""
        if not self.known:
            return []
        said = np.zeros(len(self.gold), bool)
        for train, test in fit.folds(self.fold):
            head = fit.yes_or_no("report", self.rows[train], self.gold[train], STRENGTH)
            said[test] = head.margin(self.rows[test]) > 0
        issue = self.gold == 1
        found = f"{said[issue].mean():.1%} found, {said[~issue].mean():.2%} of others taken for one"
        data = f"GitHub issues, {issue.sum():,}; {(~issue).sum():,} others; one project left out"
        return [("is it a report", data, found)]
