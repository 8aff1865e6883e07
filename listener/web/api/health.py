"""`/api/v1/health`: how everything is, with the names that /readyz keeps to itself."""

from __future__ import annotations

from fastapi.responses import Response

from listener.health import HealthReport, report
from listener.web.actor import Viewer
from listener.web.api.noun import READING, noun
from listener.web.api.shapes import answer, shape
from listener.web.borrowed import OpenStore, OurParts

router = noun("health")


@router.get("/health", response_model=shape(HealthReport), responses=READING)
def health(actor: Viewer, store: OpenStore, parts: OurParts) -> Response:
    """Sources, the worst first, queue and store, and what is alarming."""
    return answer(report(store, parts.now()))
