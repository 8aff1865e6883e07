"""How good a judgement or a grouping is, against labels people gave: the figures and their counts.

Values in, frozen results out; the same numbers as scikit-learn gives where it has the measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One label: how many bear it, how many were given it, and how well the two agree (0…1)."""

    name: str
    gold: int
    predicted: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Classification:
    """Agreement of labels. The macro figures weigh every label that occurs in gold alike."""

    count: int
    accuracy: float
    macro_recall: float
    macro_f1: float
    classes: tuple[ClassScore, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """How well a score puts the positives first; None where no positive or no negative exists."""

    count: int
    positives: int
    average_precision: float | None
    roc_auc: float | None


@dataclass(frozen=True, slots=True)
class Grouping:
    """Agreement of groups; names of groups do not matter.

    `ari` is the adjusted Rand index (Hubert and Arabie 1985), `nmi` mutual information over the
    arithmetic mean of the entropies, the B-cubed figures those of Bagga and Baldwin (1998). Read
    `nmi` only beside the others: it hides fragmentation.
    """

    count: int
    gold_groups: int
    groups: int
    ari: float
    nmi: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float


def classification(gold: Sequence[str], predicted: Sequence[str]) -> Classification:
    """Compare two label sequences of equal, positive length; labels come out sorted by name.

    A label that was predicted but is never gold is listed and lowers others' recall, but has no
    part in the macro figures. Precision of a label never predicted is 0.
    """
    _check(len(gold), len(predicted))
    in_gold, in_predicted = Counter(gold), Counter(predicted)
    right = Counter(g for g, p in zip(gold, predicted, strict=True) if g == p)
    classes = tuple(
        ClassScore(
            name=name,
            gold=in_gold[name],
            predicted=in_predicted[name],
            precision=_ratio(right[name], in_predicted[name]),
            recall=_ratio(right[name], in_gold[name]),
            f1=_ratio(2 * right[name], in_gold[name] + in_predicted[name]),
        )
        for name in sorted(in_gold.keys() | in_predicted.keys())
    )
    known = [score for score in classes if score.gold]
    return Classification(
        count=len(gold),
        accuracy=sum(right.values()) / len(gold),
        macro_recall=sum(score.recall for score in known) / len(known),
        macro_f1=sum(score.f1 for score in known) / len(known),
        classes=classes,
    )


def ranking(gold: Sequence[bool], scores: Sequence[float]) -> Ranking:
    """Compare a finite score with a yes/no of equal, positive length; equal scores share a rank."""
    _check(len(gold), len(scores))
    truth, score = np.asarray(gold, dtype=bool), np.asarray(scores, dtype=np.float64)
    if not np.isfinite(score).all():
        raise ValueError("a score is not a finite number")
    count, positives = len(truth), int(truth.sum())
    if positives in (0, count):
        return Ranking(count, positives, None, None)
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), count - 1)  # last place of each score
    found = np.cumsum(truth[order])[ends]
    precision, recall = found / (ends + 1), found / positives
    missed = ends + 1 - found
    auc = np.trapezoid(np.append(0, found), np.append(0, missed)) / (
        positives * (count - positives)
    )
    return Ranking(
        count=count,
        positives=positives,
        average_precision=float(np.sum(np.diff(np.append(0.0, recall)) * precision)),
        roc_auc=float(auc),
    )


def grouping(
    gold: Sequence[Hashable], predicted: Sequence[Hashable], ungrouped: Hashable | None = None
) -> Grouping:
    """Compare two groupings of the same posts; linear in posts.

    Posts whose prediction equals `ungrouped` count as groups of one each.
    """
    _check(len(gold), len(predicted))
    rows, columns = _numbered(gold), _numbered(predicted)
    if ungrouped is not None:
        alone = np.fromiter((p == ungrouped for p in predicted), bool, len(predicted))
        columns[alone] = columns.max() + 1 + np.arange(alone.sum())
        columns = _numbered(columns.tolist())
    total = len(rows)
    sizes_gold, sizes = np.bincount(rows), np.bincount(columns)
    cells, shared = np.unique(rows * len(sizes) + columns, return_counts=True)
    of_row, of_column = sizes_gold[cells // len(sizes)], sizes[cells % len(sizes)]
    precision = float(np.sum(shared * (shared / of_column)) / total)
    recall = float(np.sum(shared * (shared / of_row)) / total)
    return Grouping(
        count=total,
        gold_groups=len(sizes_gold),
        groups=len(sizes),
        ari=_adjusted_rand(sizes_gold, sizes, shared),
        nmi=_normalised_information(sizes_gold, sizes, shared, of_row, of_column),
        bcubed_precision=precision,
        bcubed_recall=recall,
        bcubed_f1=2 * precision * recall / (precision + recall),
    )


Counts = NDArray[np.int64]


def _check(gold: int, predicted: int) -> None:
    if gold != predicted:
        raise ValueError(f"{gold} labels were given but {predicted} predicted")
    if not gold:
        raise ValueError("nothing to compare: no labelled line")


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _numbered(names: Sequence[Hashable]) -> Counts:
    number: dict[Hashable, int] = {}
    return np.fromiter((number.setdefault(n, len(number)) for n in names), np.int64, len(names))


def _pairs(sizes: Counts) -> int:
    return int(np.sum(sizes * (sizes - 1))) // 2


def _adjusted_rand(gold: Counts, predicted: Counts, shared: Counts) -> float:
    together = _pairs(shared)
    in_gold, in_predicted = _pairs(gold), _pairs(predicted)
    every = _pairs(gold.sum(keepdims=True))
    expected = in_gold * in_predicted / every if every else 0.0
    most = (in_gold + in_predicted) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def _entropy(sizes: Counts) -> float:
    share = sizes / sizes.sum()
    return float(-np.sum(share * np.log(share)))


def _normalised_information(
    gold: Counts, predicted: Counts, shared: Counts, of_row: Counts, of_column: Counts
) -> float:
    mean = (_entropy(gold) + _entropy(predicted)) / 2
    if mean <= 0:
        return 1.0
    total = int(gold.sum())
    information = np.sum(shared / total * np.log(shared * total / (of_row * of_column)))
    return float(min(1.0, max(0.0, information / mean)))
