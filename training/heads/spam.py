"""Advertising for oneself, told from what people say."""

from __future__ import annotations

import numpy as np

from training.heads import fit
from training.heads.complaint import SET as COMPLAINTS
from training.heads.fit import Column
from training.heads.matrix import Texts
from training.heads.sets import Sets

SET = "spam/youtube_given"
FIRST_LINES = (0, 350, 700)  # of each video
STRENGTH = 1.0
UNSURE = 0.1
"""How much a random post weighs: nobody looked whether it advertises, and with a link many do."""
SURE = 0.5


class Spam:
    """Comments on three videos; complaints and random posts are not spam either."""

    def __init__(self, sets: Sets, texts: Texts) -> None:
        comments = sets.train(SET)
        posts = sets.train(COMPLAINTS)
        lines = comments + posts
        self.known = bool(comments)
        self.gold = np.array([line.get("spam", 0) for line in lines]).astype(int)
        self.complains = np.array([line.get("complaint", 0) for line in lines]).astype(bool)
        self.comment = np.arange(len(lines)) < len(comments)
        video = np.searchsorted(FIRST_LINES, np.arange(len(lines)), "right") - 1
        self.fold = np.where(self.comment, video, np.arange(len(lines)) % 3)
        chance = [str(line.get("domain", "")).startswith("random") for line in lines]
        self.weight = np.where(chance, UNSURE, 1.0)
        self.rows = texts.rows([str(line["text"]) for line in lines]) if comments else None

    def columns(self, train: np.ndarray | None = None) -> list[Column]:
        """The head, fitted on these lines (on everything without); none without comments."""
        if not self.known:
            return []
        use = np.ones(len(self.gold), bool) if train is None else train
        margins, shown = self.unseen(), self.comment & use
        head = self._fit(use)
        return [head.scaled(*fit.platt(margins[shown], self.gold[shown]))]

    def _fit(self, train: np.ndarray) -> Column:
        rows, gold, weight = self.rows[train], self.gold[train], self.weight[train]
        return fit.yes_or_no("spam", rows, gold, STRENGTH, weight)

    def unseen(self) -> np.ndarray:
        """The margin of every line, from a head that saw no line of its video or third."""
        margins = np.zeros(len(self.gold))
        for train, test in fit.folds(self.fold):
            margins[test] = self._fit(train).margin(self.rows[test])
        return margins

    def figures(self) -> list[tuple[str, str, str]]:
        """What, on which data, how well."""
        if not self.known:
            return []
        margins, comment = self.unseen(), self.comment
        slope, offset = fit.platt(margins[comment], self.gold[comment])
        likely = fit.logistic(slope * margins + offset)
        said = (likely >= SURE).astype(int)
        fires = said[self.complains].mean()
        return [
            (
                "spam",
                f"YouTube comments, {comment.sum():,}; one video left out",
                f"macro F1 {fit.macro_f1(self.gold[comment], said[comment]):.3f}; "
                f"fires on {fires:.2%} of {self.complains.sum()} complaints it did not see",
            )
        ]
