"""From labelled lines to figures with their counts; nothing that was left out goes unsaid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from listener.errors import ListenerError
from listener.grouping import Joined, Tools, placed
from listener.lines import Line
from listener.measuring.gold import Gold, Task, gold_of
from listener.scoring import judged
from triage.evaluation import ClassScore, classification, grouping, ranking
from triage.protocols import Scorer
from triage.verdict import Lane, Verdict

SEVERE = 3
Figures = dict[str, float | int | None]


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one task. `left_out` counts the lines that had no part, by reason.

    `figures` are named; shares are in 0…1 and None where they are not defined (no positive line).
    `classes` is empty for groups. `quality` is the same measured with the quality tier, where that is
    installed.
    """

    task: str
    lines: int
    measured: int
    left_out: Mapping[str, int]
    figures: Mapping[str, float | int | None]
    classes: tuple[ClassScore, ...]
    versions: Mapping[str, str]
    quality: Report | None = None


def measure(task: Task, lines: Iterable[Line], scorer: Scorer) -> Report:
    """Judge every line and compare with its label; not for groups.

    Lines whose label is missing or unknown have no part in the figures. Raises ListenerError when
    no line has a label.
    """
    labels = _Labels(task)
    found = [v for line, v in judged(lines, scorer) if labels.take(line) and v is not None]
    labels.must_be_some()
    figures, classes = _FIGURES[task.name](labels.gold, found)
    return labels.report(figures, classes, {"judge": scorer.version})


def measure_tiers(task: Task, lines: Iterable[Line], scorers: Sequence[Scorer]) -> Report:
    """What `measure` gives for the first scorer, with the same for the second, if there is one."""
    if len(scorers) < 2:
        return measure(task, lines, scorers[0])
    kept = list(lines)
    small, quality = [measure(task, kept, scorer) for scorer in scorers[:2]]
    return replace(small, quality=quality)


def measure_groups(task: Task, lines: Iterable[Line], tools: Tools) -> Report:
    """Group all lines as a stream and compare with their labels.

    Lines without a label are grouped too, but have no part in the figures. A line that was not
    grouped is a group of its own. Raises ListenerError when no line has a label.
    """
    labels = _Labels(task)
    joined = [one for line, one in placed(lines, tools) if labels.take(line) and one is not None]
    labels.must_be_some()
    figures, classes = _groups(labels.gold, joined)
    versions = {"judge": tools.scorer.version, "groups": tools.clusterer.version}
    return labels.report(figures, classes, versions)


class _Labels:
    """The labels of the lines that have one, and why the others have none."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._left_out: Counter[str] = Counter()
        self._total = 0
        self.gold: list[Gold] = []

    def take(self, line: Line) -> bool:
        """Whether the line has a part in the figures."""
        self._total += 1
        gold, problem = gold_of(self._task, line.fields)
        if line.error:
            gold, problem = None, f"line can't be read: {line.error}"
        if gold is None:
            self._left_out[problem] += 1
            return False
        self.gold.append(gold)
        return True

    def must_be_some(self) -> None:
        if not self.gold:
            raise ListenerError(
                _nothing(self._task, self._total, self._left_out),
                f"listener eval {self._task.name} --help",
            )

    def report(
        self, figures: Figures, classes: tuple[ClassScore, ...], versions: Mapping[str, str]
    ) -> Report:
        left_out = dict(self._left_out.most_common())
        return Report(
            self._task.name, self._total, len(self.gold), left_out, figures, classes, versions
        )


def _nothing(task: Task, total: int, left_out: Mapping[str, int]) -> str:
    reasons = "; ".join(f"{count} × {why}" for why, count in list(left_out.items())[:5])
    return (
        f"none of {total} lines has a label for {task.name} ({reasons or 'the file is empty'}); "
        f"it is read from {' or '.join(task.fields)}, known values: {task.known}"
    )


Measured = tuple[Figures, tuple[ClassScore, ...]]


def _labels(gold: Sequence[str], predicted: Sequence[str]) -> Measured:
    result = classification(gold, predicted)
    figures: Figures = {
        "accuracy": result.accuracy,
        "macro_recall": result.macro_recall,
        "macro_f1": result.macro_f1,
    }
    return figures, result.classes


def _rank(name: str, gold: Sequence[bool], scores: Sequence[float]) -> Figures:
    result = ranking(gold, scores)
    return {f"ap_{name}": result.average_precision, f"auc_{name}": result.roc_auc}


def _sentiment(gold: Sequence[Gold], found: Sequence[Verdict]) -> Measured:
    figures, classes = _labels([str(g) for g in gold], [one.sentiment.label for one in found])
    negative = [g == "negative" for g in gold]
    figures |= _rank("negative", negative, [-one.sentiment.leaning for one in found])
    vader = [_vader(one.sentiment.compound) for one in found]
    figures["macro_recall_vader"] = classification([str(g) for g in gold], vader).macro_recall
    figures["unread"] = sum(one.sentiment.label == "unknown" for one in found)
    return figures, classes


def _vader(compound: float) -> str:
    """The usual reading of vaderSentiment's compound, for comparison."""
    if compound >= 0.05:
        return "positive"
    return "negative" if compound <= -0.05 else "neutral"


def _complaint(gold: Sequence[Gold], found: Sequence[Verdict]) -> Measured:
    names = ["complaint" if g else "not a complaint" for g in gold]
    predicted = ["complaint" if one.complaint_p >= 0.5 else "not a complaint" for one in found]
    figures, classes = _labels(names, predicted)
    return figures | _rank(
        "complaint", [bool(g) for g in gold], [v.complaint_p for v in found]
    ), classes


def _severity(gold: Sequence[Gold], found: Sequence[Verdict]) -> Measured:
    values = [int(g) for g in gold]
    expected = [one.severity for one in found]
    figures, classes = _labels(
        [str(v) for v in values], [str(min(4, max(0, round(e)))) for e in expected]
    )
    figures |= _rank("severe", [v >= SEVERE for v in values], expected)
    wrong = sum(abs(e - v) for e, v in zip(expected, values, strict=True))
    figures["mean_absolute_error"] = wrong / len(values)
    figures["severe"] = sum(v >= SEVERE for v in values)
    return figures, classes


def _intent(gold: Sequence[Gold], found: Sequence[Verdict]) -> Measured:
    names = [str(g) for g in gold]
    asked = set(names)
    # A set that knows no praise calls it "other"; only then is praise counted so.
    predicted = [_lane(one) for one in found]
    if Lane.PRAISE.value not in asked:
        predicted = ["other" if lane == Lane.PRAISE.value else lane for lane in predicted]
    figures, classes = _labels(names, predicted)
    lanes = [dict(one.lanes) for one in found]
    if Lane.PRAISE.value not in asked:
        lanes = [p | {"other": max(p.get("other", 0.0), p.get("praise", 0.0))} for p in lanes]
    for lane in sorted(asked):
        scores = [one.get(lane, 0.0) for one in lanes]
        figures |= _rank(lane, [name == lane for name in names], scores)
    return figures, classes


def _lane(verdict: Verdict) -> str:
    """The lane, or the likeliest one behind a muting: intent is not about spam."""
    if verdict.lane is Lane.MUTED and verdict.lanes:
        return max(verdict.lanes, key=lambda one: one[1])[0]
    return verdict.lane.value


def _language(gold: Sequence[Gold], found: Sequence[Verdict]) -> Measured:
    figures, classes = _labels([str(g) for g in gold], [one.lang for one in found])
    figures["languages"] = len(set(gold))
    return figures, classes


def _spam(gold: Sequence[Gold], found: Sequence[Verdict]) -> Measured:
    return _labels(
        ["spam" if g else "not spam" for g in gold],
        ["spam" if one.lane is Lane.MUTED else "not spam" for one in found],
    )


def _groups(gold: Sequence[Gold], joined: Sequence[Joined]) -> Measured:
    result = grouping(gold, [one.issue for one in joined])
    figures: Figures = {
        "ari": result.ari,
        "nmi": result.nmi,
        "bcubed_precision": result.bcubed_precision,
        "bcubed_recall": result.bcubed_recall,
        "bcubed_f1": result.bcubed_f1,
        "gold_groups": result.gold_groups,
        "groups": result.groups,
        "not_grouped": sum(one.similarity is None for one in joined),
    }
    return figures, ()


_FIGURES: Mapping[str, Callable[[Sequence[Gold], Sequence[Verdict]], Measured]] = {
    "sentiment": _sentiment,
    "complaint": _complaint,
    "severity": _severity,
    "intent": _intent,
    "language": _language,
    "spam": _spam,
}
