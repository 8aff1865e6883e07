"""`listener score`: the verdict of every line of a file, in order; no store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from listener.lines import Line, answer, batches
from triage.protocols import Scorer
from triage.verdict import Lane, Verdict


def scored(lines: Iterable[Line], scorer: Scorer) -> Iterator[tuple[Line, bytes]]:
    """Every line with what comes out for it, in order; memory holds one batch."""
    for line, verdict in judged(lines, scorer):
        yield line, answer(line, {} if verdict is None else verdict_fields(verdict))


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
