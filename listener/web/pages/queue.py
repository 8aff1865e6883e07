"""`/queue`: the cases that wait."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from listener.health import report
from listener.store.rows import QueueQuery
from listener.web.actor import Viewer
from listener.web.borrowed import OpenStore, OurParts
from listener.web.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/queue")
def show(request: Request, actor: Viewer, store: OpenStore, parts: OurParts) -> Response:
    """The open cases, the most urgent first."""
    at = parts.now()
    cases = store.queue(QueueQuery(at=at))
    return page(request, "queue.html", {"cases": cases, "alarms": report(store, at).alarms})
