"""`/undo`: taking moves back, from the sentence that told of them or from the history."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from listener.web.actor import Agent
from listener.web.borrowed import OpenDesk
from listener.web.moving import go_back
from listener.web.views.toast import MOST

router = APIRouter(include_in_schema=False)

HistoryIds = Annotated[
    list[Annotated[int, Form(ge=1, le=2**63 - 1)]], Form(min_length=1, max_length=MOST)
]


@router.post("/undo")
def undo(
    actor: Agent,
    desk: OpenDesk,
    history: HistoryIds,
    back: Annotated[str, Form(max_length=2000)] = "/queue",
) -> Response:
    """Take these moves back, the latest first."""
    taken = [desk.undo(actor.name, history=id) for id in sorted(set(history), reverse=True)]
    return go_back(back, *taken)
