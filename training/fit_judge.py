"""Fit the complaint and severity heads of `triage/weights.toml` on labelled lines.

    python training/fit_judge.py COMPLAINTS.jsonl [--write]

COMPLAINTS.jsonl holds `text`, `complaint` (0/1), `severity` (0–4 or null) and `domain` a line: the
ACL 2019 complaint labels (Preoţiuc-Pietro, Gaman, Aletras 2019; MIT) with the severity of X-CI. The
texts stay where they are; only weights are written. Without --write it prints how well the
heads do on domains they were not fitted on. Policy signals are not fitted: too rare to measure.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np

from triage.evidence import WEIGHTS, EvidenceReader
from triage.protocols import BrandContext
from triage.sentiment import SentimentReader
from triage.signals import SignalFinder, signal_table

RIDGE = 2.0
# Left out on purpose: whether a post is addressed to somebody, and its length. They tell this data
# set's complaints (tweets to a help desk) from its other half (random tweets), and nothing else.
CUTS = (1, 2, 3, 4)
SHAPES = [
    *("first_person", "second_person", "link", "shouts"),
    *("exclaims", "asks", "tag", "service_reading"),
]
FITTED = [name for name, kind in signal_table().kinds.items() if kind.learnt] + SHAPES


def features(texts: list[str]) -> np.ndarray:
    """One row per text, one column per fitted feature."""
    sentiment, signals, evidence = SentimentReader(BrandContext()), SignalFinder(), EvidenceReader()
    table = np.zeros((len(texts), len(FITTED)))
    for row, text in zip(table, texts, strict=True):
        found = evidence.read(text.split(), sentiment.read(text), signals.find(text))
        row[:] = [found.get(name, 0.0) for name in FITTED]
    return table


def fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Ridge logistic regression by Newton's method; the bias, last, is not shrunk."""
    x = np.hstack([x, np.ones((len(x), 1))])
    ridge = np.full(x.shape[1], RIDGE)
    ridge[-1] = 1e-6
    w = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ w))
        slope = x.T @ (p - y) + ridge * w
        w -= np.linalg.solve((x.T * (p * (1 - p))) @ x + np.diag(ridge), slope)
    return w


def predict(w: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Probabilities."""
    return 1 / (1 + np.exp(-(x @ w[:-1] + w[-1])))


def auc(p: np.ndarray, y: np.ndarray) -> float:
    """The chance that a positive stands above a negative."""
    ranks = np.empty(len(p))
    order = np.argsort(p, kind="stable")
    for value in np.unique(p):
        same = p == value
        ranks[same] = (
            np.searchsorted(p[order], value, "left") + np.searchsorted(p[order], value, "right") + 1
        ) / 2
    positive = y == 1
    n = positive.sum()
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(y) - n)))


def average_precision(p: np.ndarray, y: np.ndarray) -> float:
    """The mean precision at each positive, best first."""
    hits = y[np.argsort(-p, kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits == 1].mean())


def macro_f1(p: np.ndarray, y: np.ndarray) -> float:
    """The mean of both classes' F1 at .5."""
    scores = []
    for label in (0, 1):
        said, true = (p >= 0.5) == label, y == label
        scores.append(2 * (said & true).sum() / max(1, said.sum() + true.sum()))
    return float(np.mean(scores))


def report(
    x: np.ndarray, y: np.ndarray, severity: np.ndarray, folds: np.ndarray, what: str
) -> None:
    """Print how well heads fitted without a fold do on it."""
    p, s = np.zeros(len(y)), np.zeros(len(y))
    known = severity >= 0
    for fold in np.unique(folds):
        train, test = folds != fold, folds == fold
        p[test] = predict(fit(x[train], y[train]), x[test])
        rows = train & known
        for cut in CUTS:
            s[test] += predict(fit(x[rows], (severity[rows] >= cut).astype(float)), x[test])
    severe = (severity[known] >= 3).astype(int)
    print(
        f"{what}: {len(y)} lines, AUC {auc(p, y):.3f}, macro F1 {macro_f1(p, y):.3f}, "
        f"severe (>= 3, {severe.mean():.0%}) AP {average_precision(s[known], severe):.3f} "
        f"(by complaint {average_precision(p[known], severe):.3f})"
    )


def head(name: str, w: np.ndarray) -> str:
    """One head as TOML."""
    rows = [f"{feature} = {value:.3f}" for feature, value in zip(FITTED, w, strict=False)]
    return f"[head.{name}]\nbias = {w[-1]:.3f}\n[head.{name}.weights]\n" + "\n".join(rows) + "\n"


def main(path: str, *, write: bool) -> None:
    """Report, and write the heads when asked to."""
    with Path(path).open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    x = features([row["text"] for row in rows])
    y = np.array([row["complaint"] for row in rows])
    severity = np.array([-1 if row["severity"] is None else row["severity"] for row in rows])
    domains = np.unique([row["domain"] for row in rows], return_inverse=True)[1]
    report(x, y, severity, domains, "one domain left out")
    report(x, y, severity, np.random.default_rng(7).integers(0, 10, len(y)), "ten folds")
    if not write:
        return
    known = severity >= 0
    fitted = [head("complaint", fit(x, y))]
    for cut in CUTS:
        labels = (severity[known] >= cut).astype(float)
        fitted.append(head(f"severity_{cut}", fit(x[known], labels)))
    kept = re.split(r"# fitted below.*?\n", WEIGHTS.read_text(encoding="utf-8"))[0]
    mark = "# fitted below by training/fit_judge.py; do not edit\n"
    WEIGHTS.write_text(kept + mark + "\n" + "\n".join(fitted), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], write="--write" in sys.argv)
