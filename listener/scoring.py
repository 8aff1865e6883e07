"""`listener score`: the verdict of every line of a file, in order; no store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from listener.lines import Line, answer, batches
from triage.explanation import Explained, fields
from triage.protocols import Scorer
from triage.verdict import Lane, Verdict

Why = Callable[[str, str], Explained]  # of a text and its language


def scored(
    lines: Iterable[Line], scorer: Scorer, explain: Why | None = None
) -> Iterator[tuple[Line, bytes]]:
    """Every line with what comes out for it, in order; memory holds one batch.

    `explain` adds the parts of every figure.
    """
    for line, verdict in judged(lines, scorer):
        added: Mapping[str, object] = {} if verdict is None else verdict_fields(verdict)
        if verdict is not None and explain is not None:
            added = {**added, "explanation": fields(explain(line.text, verdict.lang))}
        yield line, answer(line, added)


def judged(lines: Iterable[Line], scorer: Scorer) -> Iterator[tuple[Line, Verdict | None]]:
    """Every line with its verdict, in order; None for a line with an error."""
    for batch in batches(lines):
        verdicts = iter(scorer.judge([line.text for line in batch if not line.error]))
        for line in batch:
            yield line, None if line.error else next(verdicts)


def verdict_fields(verdict: Verdict) -> Mapping[str, object]:
    """A verdict as `score`, the exports and the API write it: stable names, plain values."""
    return {
        "lang": verdict.lang,
        "sentiment": {
            "label": verdict.sentiment.label,
            "compound": verdict.sentiment.compound,
            "service_compound": verdict.sentiment.service_compound,
            "leaning": verdict.sentiment.leaning,
            "words": [{"word": word, "points": points} for word, points in verdict.sentiment.words],
        },
        "complaint": {"p": verdict.complaint_p, "band": verdict.complaint.value},
        "severity": {"expected": verdict.severity, "band": verdict.severity_band},
        "lane": verdict.lane.value,
        "lanes": dict(verdict.lanes),
        "vigilante": {
            "band": verdict.vigilante.value,
            "reasons": list(verdict.vigilante_reasons),
        },
        "signals": [
            {"name": one.name, "start": one.start, "end": one.end, "text": one.text}
            for one in verdict.signals
        ],
        "spam": {"muted": verdict.lane is Lane.MUTED, "rules": list(verdict.muted_by)},
        "reasons": [{"about": one.about, "text": one.text} for one in verdict.reasons],
        "versions": {"judge": verdict.version},
    }
