"""`/`: where everybody arrives."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from listener.web.actor import Viewer

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(actor: Viewer) -> RedirectResponse:
    """The queue, for everybody who is signed in."""
    return RedirectResponse("/queue", 303)
