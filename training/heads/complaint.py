"""Complaint or not, and how bad: four ordinal cuts."""

from __future__ import annotations

import numpy as np

from training.heads import fit
from training.heads.fit import Column
from training.heads.matrix import FEATURES, FOUND, Texts
from training.heads.sets import Sets

SET = "complaints/acl2019_given"
STRENGTH = 1.0
CUTS = (1, 2, 3, 4)
SEVERE = 3
NAMES = ("complaint", *(f"severity_{cut}" for cut in CUTS))


class Complaints:
    """The ACL 2019 complaint labels with the severity of X-CI."""

    def __init__(self, sets: Sets, texts: Texts) -> None:
        lines = list(sets.read(SET))
        self.rows = texts.rows([str(line["text"]) for line in lines])
        self.vader = self.rows[:, FOUND + FEATURES.index("vader_reading")].toarray()[:, 0]
        self.gold = np.array([line["complaint"] for line in lines]).astype(int)
        self.severity = np.array(
            [-1 if line["severity"] is None else line["severity"] for line in lines]
        ).astype(int)
        domains = [str(line["domain"]) for line in lines]
        self.chance = np.array([domain.startswith("random") for domain in domains])
        self.domain = np.unique(domains, return_inverse=True)[1]
        # Posts of no domain are of the same kind wherever they stand: a fifth of them in each fold.
        self.fold = np.where(self.chance, np.arange(len(lines)) % 5, self.domain)

    def columns(self, train: np.ndarray | None = None) -> list[Column]:
        """The heads, fitted on these lines (on everything without), scaled by unseen domains."""
        use = np.ones(len(self.gold), bool) if train is None else train
        unseen = self.unseen(self.fold)
        return [
            column.scaled(*fit.platt(unseen[column.name][known & use], gold[known & use]))
            for column, known, gold in self._fit(use)
        ]

    def unseen(self, fold: np.ndarray) -> dict[str, np.ndarray]:
        """The margin of every line for each head, from heads that saw no line of its fold."""
        margins = {name: np.zeros(len(self.gold)) for name in NAMES}
        for train, test in fit.folds(fold):
            for column, _, _ in self._fit(train):
                margins[column.name][test] = column.margin(self.rows[test])
        return margins

    def _fit(self, train: np.ndarray) -> list[tuple[Column, np.ndarray, np.ndarray]]:
        """Each head with the lines that have a label for it, and the labels."""
        known = self.severity >= 0
        golds = [(np.ones(len(known), bool), self.gold)]
        golds += [(known, (self.severity >= cut).astype(int)) for cut in CUTS]
        return [
            (fit.yes_or_no(name, self.rows[train & use], gold[train & use], STRENGTH), use, gold)
            for name, (use, gold) in zip(NAMES, golds, strict=True)
        ]

    def figures(self) -> list[tuple[str, str, str]]:
        """What, on which data, how well."""
        return [
            *self._figures("one domain left out, random posts spread over the folds", self.fold),
            *self._figures("one domain left out, both kinds of random posts too", self.domain),
        ]

    def _figures(self, how: str, fold: np.ndarray) -> list[tuple[str, str, str]]:
        margins = self.unseen(fold)
        p, likely = margins["complaint"], np.zeros(len(self.gold))
        for train, test in fit.folds(fold):  # scaled by the other folds
            slope, offset = fit.platt(p[train], self.gold[train])
            likely[test] = fit.logistic(slope * p[test] + offset)
        directed, known = ~self.chance, self.severity >= 0
        severe = (self.severity[known] >= SEVERE).astype(int)
        expected = sum(fit.logistic(margins[f"severity_{cut}"]) for cut in CUTS)
        data = f"ACL 2019 complaints, {len(p):,}; {how}"
        return [
            (
                "complaint",
                data,
                f"macro F1 {fit.macro_f1(self.gold, (likely >= 0.5).astype(int)):.3f}, "
                f"AP {fit.precise(self.gold, likely):.3f}, AUC {fit.auc(self.gold, likely):.3f}, "
                f"AUC of posts directed at a brand {fit.auc(self.gold[directed], p[directed]):.3f}, "
                f"calibration error {fit.calibration_error(likely, self.gold):.3f}; vaderSentiment's "
                f"AUC {fit.auc(self.gold, -self.vader):.3f}, directed at a brand "
                f"{fit.auc(self.gold[directed], -self.vader[directed]):.3f}",
            ),
            (
                f"severe (≥ {SEVERE}, {severe.mean():.0%})",
                data,
                f"AP {fit.precise(severe, expected[known]):.3f} (by P(complaint) "
                f"{fit.precise(severe, p[known]):.3f}, by vaderSentiment's order "
                f"{fit.precise(severe, -self.vader[known]):.3f})",
            ),
        ]
