"""`/api/v1/history`: every move, and the way back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response

from listener.store.rows import HistoryRow
from listener.web.actor import Agent, Analyst
from listener.web.api.cursors import LARGEST, Id, Limit
from listener.web.api.noun import READING, WRITING, noun
from listener.web.api.shapes import answer, answer_page, page_of, shape
from listener.web.borrowed import OpenDesk, OpenStore

router = noun("history")


@router.get("/history", response_model=page_of(HistoryRow), responses=READING)
def list_history(
    actor: Analyst,
    store: OpenStore,
    case: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    after: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
    limit: Limit = 50,
) -> Response:
    """Moves, newest first; or with `after` those with a larger id, oldest first, to follow them."""
    if after is None:
        return answer_page(store.history(case, limit), None)
    found = [row for row in store.moves_since(after, limit) if case in (None, row.case)]
    return answer_page(found, None)


@router.post("/history/{move}/undo", response_model=shape(HistoryRow), responses=WRITING)
def undo(move: Id, actor: Agent, desk: OpenDesk) -> Response:
    """Take one move back; 409 when what it changed has been changed again since."""
    return answer(desk.undo(actor.name, history=move))
