"""`/api/v1/labels` and `/api/v1/cases/{case}/labels`: words of the team's own on cases."""

from __future__ import annotations

from typing import Annotated

from fastapi.responses import Response
from pydantic import Field

from listener.desk.labels import LONGEST, MOST
from listener.desk.meanwhile import must_be_seen
from listener.store.labels import LabelRow
from listener.store.rows import HistoryRow
from listener.web.actor import Agent, Viewer
from listener.web.api.bodies import Look
from listener.web.api.cursors import Id, Limit, Word
from listener.web.api.noun import READING, WRITING, noun
from listener.web.api.shapes import answer_page, page_of
from listener.web.borrowed import OpenDesk, OpenStore

router = noun("labels")
Label = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class Labelling(Look):
    """Which labels to put on, and which to take off; all of it, or a word on what cannot be."""

    add: Annotated[tuple[Label, ...], Field(max_length=MOST, strict=False)] = ()
    remove: Annotated[tuple[Label, ...], Field(max_length=MOST, strict=False)] = ()


@router.get("/labels", response_model=page_of(LabelRow), responses=READING)
def list_labels(actor: Viewer, store: OpenStore, brand: Word = "", limit: Limit = 50) -> Response:
    """The labels in use, those with most open cases first. Their cases: `/cases?label=`."""
    return answer_page(store.labels(brand, limit), None)


@router.post("/cases/{case}/labels", response_model=page_of(HistoryRow), responses=WRITING)
def label(case: Id, body: Labelling, actor: Agent, desk: OpenDesk, store: OpenStore) -> Response:
    """Put labels on a case and take others off; every one is a move of its own."""
    must_be_seen(store, case, body.seen, actor.name)
    return answer_page(desk.labels.change(case, actor.name, body.add, body.remove), None)
