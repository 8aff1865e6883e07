"""`/api/v1/cases/{case}/explanation`: what told the judge so, part by part, to the last digit."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi.responses import Response

from listener.conversation import first_mention
from listener.errors import NotFound
from listener.web.actor import Viewer
from listener.web.api.cursors import Id
from listener.web.api.noun import READING, noun
from listener.web.api.shapes import answer, shape
from listener.web.borrowed import OpenStore, OurParts
from triage.explanation import Change, fields
from triage.figures import Sum, figures
from triage.verdict import Reason, Signal

router = noun("cases")


@dataclass(frozen=True, slots=True)
class CaseExplanation:
    """Why the judge read a case's first post as it did.

    `figures` are complaint, severity and mood, in words: `start` and all `added` make `total`.
    `signals` have their places in the post, `changes` say what would put it in another band.
    `verdict` is the version of the verdict, more than `version` where corrections moved it; `exact`
    has the parts of all heads, from which every figure can be computed again
    (`triage.explanation.explained_from`).
    """

    case: int
    mention: int
    version: str
    verdict: str
    complaint: float
    severity: float
    sentiment: str
    figures: tuple[Sum, ...]
    signals: tuple[Signal, ...]
    reasons: tuple[Reason, ...]
    changes: tuple[Change, ...]
    exact: dict[str, object]


@router.get("/cases/{case}/explanation", response_model=shape(CaseExplanation), responses=READING)
def explain_case(case: Id, actor: Viewer, store: OpenStore, parts: OurParts) -> Response:
    """What told the judge so: the parts of every figure, which add up, and what would change them.

    404 also when nothing can be explained: the text is gone, or an older judge has read it.
    """
    file = store.case(case)
    if file is None:
        raise NotFound(f"there is no case {case}", "GET /api/v1/cases?view=all")
    told, first = parts.explainer.case(file), first_mention(file)
    if told is None or first is None or first.verdict is None:
        raise NotFound(
            f"nobody can explain case {case} any more: its text is gone, its brand is not configured, "
            "or another judge has read it",
            "listener run --again",
        )
    says = told.opinion()
    return answer(
        CaseExplanation(
            case=case,
            mention=first.id,
            version=told.version,
            verdict=first.verdict.version,
            complaint=says.complaint,
            severity=round(says.severity, 3),
            sentiment=says.label,
            figures=figures(told),
            signals=first.verdict.signals,
            reasons=first.verdict.reasons,
            changes=told.changes,
            exact=fields(told),
        )
    )
