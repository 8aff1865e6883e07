"""Fitting: ridge logistic regression, probabilities that mean something, and their measures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from triage.evaluation import classification, ranking

ROUNDS = 200
CLOSE_ENOUGH = 1e-3


@dataclass(frozen=True)
class Column:
    """One head, or one choice of a head: a weight for every column of `matrix`, and a bias."""

    name: str
    weights: np.ndarray
    bias: float

    def margin(self, rows: sp.csr_matrix) -> np.ndarray:
        """The margins of texts before the weights are cut to bytes."""
        return rows @ self.weights + self.bias

    def scaled(self, by: float, bias: float) -> Column:
        """The column whose margin is `by · margin + bias`."""
        return Column(self.name, self.weights * by, self.bias * by + bias)


def yes_or_no(
    name: str,
    rows: sp.csr_matrix,
    gold: np.ndarray,
    strength: float,
    weight: np.ndarray | None = None,
) -> Column:
    """A logistic head. `strength` is the inverse of the ridge."""
    model = _model(strength, None).fit(rows, gold, sample_weight=weight)
    return Column(name, model.coef_[0].astype(np.float32), float(model.intercept_[0]))


def choice(
    names: list[str],
    rows: sp.csr_matrix,
    gold: np.ndarray,
    strength: float,
    weight: np.ndarray | None = None,
) -> list[Column]:
    """One column a class, by a softmax fit in which all classes weigh alike."""
    model = _model(strength, "balanced").fit(rows, gold, sample_weight=weight)
    return [
        Column(name, coef.astype(np.float32), float(bias))
        for name, coef, bias in zip(names, model.coef_, model.intercept_, strict=True)
    ]


def _model(strength: float, weights: str | None) -> LogisticRegression:
    return LogisticRegression(
        C=strength, class_weight=weights, max_iter=ROUNDS, tol=CLOSE_ENOUGH, solver="lbfgs"
    )


def folds(fold: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Which lines to train on and which to measure on, fold by fold."""
    for one in np.unique(fold):
        yield fold != one, fold == one


def platt(margins: np.ndarray, gold: np.ndarray) -> tuple[float, float]:
    """Slope and offset that turn margins of unseen lines into log-odds (Platt 1999)."""
    slope = yes_or_no("", sp.csr_matrix(margins[:, None]), gold, 1e6)
    return float(slope.weights[0]), slope.bias


def logistic(margins: np.ndarray) -> np.ndarray:
    """Probabilities of margins."""
    return 1 / (1 + np.exp(-margins))


def calibration_error(likely: np.ndarray, gold: np.ndarray, bins: int = 10) -> float:
    """The mean distance of probability and share, over bins of equal width, by their size."""
    at = np.minimum((likely * bins).astype(int), bins - 1)
    wrong = [abs(likely[at == b].sum() - gold[at == b].sum()) for b in range(bins)]
    return float(sum(wrong) / len(gold))


def auc(gold: np.ndarray, score: np.ndarray) -> float:
    """The chance that a positive stands above a negative."""
    return ranking(gold.astype(bool).tolist(), score.tolist()).roc_auc or 0.0


def precise(gold: np.ndarray, score: np.ndarray) -> float:
    """Average precision."""
    return ranking(gold.astype(bool).tolist(), score.tolist()).average_precision or 0.0


def macro_f1(gold: np.ndarray, said: np.ndarray) -> float:
    """The mean F1 of the classes in gold."""
    return classification([str(g) for g in gold], [str(s) for s in said]).macro_f1


def macro_recall(gold: np.ndarray, said: np.ndarray) -> float:
    """The mean recall of the classes in gold."""
    return classification([str(g) for g in gold], [str(s) for s in said]).macro_recall
