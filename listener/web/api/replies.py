"""`/api/v1/cases/{case}/replies` and `/notes`: drafted, approved, marked as sent. Nothing is sent here."""

from __future__ import annotations

from fastapi.responses import Response

from listener.desk.meanwhile import must_be_seen
from listener.store.rows import HistoryRow
from listener.web.actor import Agent, Lead
from listener.web.api.bodies import Body, Look, Text
from listener.web.api.cursors import Id
from listener.web.api.noun import WRITING, noun
from listener.web.api.shapes import answer, shape
from listener.web.borrowed import OpenDesk, OpenStore

router = noun("replies")
MOVE = shape(HistoryRow)


class Draft(Look):
    """What we would say to the customer."""

    text: Text


class Note(Body):
    """What we say to colleagues."""

    text: Text


@router.post("/cases/{case}/replies", response_model=MOVE, responses=WRITING)
def draft(case: Id, body: Draft, actor: Agent, desk: OpenDesk, store: OpenStore) -> Response:
    """Keep a draft of an answer; 409 while somebody else answers the case."""
    must_be_seen(store, case, body.seen, actor.name)
    return answer(desk.replies.draft(case, actor.name, body.text))


@router.post("/cases/{case}/replies/{reply}/approve", response_model=MOVE, responses=WRITING)
def approve(case: Id, reply: Id, actor: Lead, desk: OpenDesk) -> Response:
    """Let a draft go out."""
    return answer(desk.replies.approve(case, actor.name, reply))


@router.post("/cases/{case}/replies/{reply}/sent", response_model=MOVE, responses=WRITING)
def sent(
    case: Id, reply: Id, body: Look, actor: Agent, desk: OpenDesk, store: OpenStore
) -> Response:
    """Record that you have posted a reply by hand; the case then waits for the customer."""
    must_be_seen(store, case, body.seen, actor.name)
    return answer(desk.replies.sent(case, actor.name, reply))


@router.post("/cases/{case}/notes", response_model=MOVE, responses=WRITING)
def note(case: Id, body: Note, actor: Agent, desk: OpenDesk) -> Response:
    """Keep a note for colleagues."""
    return answer(desk.replies.note(case, actor.name, body.text))
