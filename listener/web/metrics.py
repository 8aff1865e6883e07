"""`/metrics` for Prometheus. It names sources and counts cases, so it asks for a token of scope `read`."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from listener.metrics import CONTENT_TYPE, exposition
from listener.web.actor import Viewer
from listener.web.borrowed import OpenStore, OurParts

router = APIRouter()


@router.get("/metrics", include_in_schema=False)
def metrics(actor: Viewer, store: OpenStore, parts: OurParts) -> Response:
    """Everything a monitor asks for, at this moment."""
    return Response(exposition(store, parts.now(), parts.times), media_type=CONTENT_TYPE)
