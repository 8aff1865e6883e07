"""`/api/v1/learning`: what corrections teach, what that would change, putting it to use, taking it back."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi.responses import Response
from pydantic import Field

from listener.desk.words import LONGEST_NAME
from listener.errors import NotFound
from listener.learning.classroom import Job
from listener.learning.standing import Standing
from listener.learning.study import Order
from listener.store.rows import HistoryRow
from listener.web.actor import Agent, Lead
from listener.web.api.bodies import Body, Name, Remark
from listener.web.api.cursors import Id, Word
from listener.web.api.noun import READING, WRITING, noun
from listener.web.api.shapes import answer, answer_page, page_of, shape
from listener.web.borrowed import OpenDesk, OpenStore, OurParts
from listener.web.lessons import begun, standings, teaching

router = noun("learning")
MOVE = shape(HistoryRow)
JOB = shape(Job)
Brand = Annotated[str, Field(max_length=200)]
Days = Annotated[int, Field(ge=1, le=3650)]


class Preview(Body):
    """For which brand (the only one when left out), and how many days of posts to look at."""

    brand: Brand = ""
    days: Days = 30


class Apply(Body):
    """For which brand, why, and whether also when it makes things worse."""

    brand: Brand = ""
    note: Remark = ""
    force: bool = False


class Offer(Preview):
    """In respect of which own label (without one: of being a complaint), and how many posts."""

    label: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    count: Annotated[int, Field(ge=1, le=200)] = 11


class TakenBack(Body):
    """For which brand."""

    brand: Brand = ""


class Labelled(Body):
    """A label of the team's own, and whether the post has it."""

    label: Name
    has: bool
    brand: Brand = ""


@router.get("/learning", response_model=page_of(Standing), responses=READING)
def standing(actor: Lead, store: OpenStore, parts: OurParts, brand: Word = "") -> Response:
    """How learning stands, by brand: corrections, own labels, what is in use, what contradicts itself."""
    return answer_page(standings(store, parts, brand), None)


@router.get("/learning/{what}", response_model=JOB, responses=READING)
def job(
    what: Literal["preview", "apply", "offer"], actor: Lead, parts: OurParts, brand: Word = ""
) -> Response:
    """How the latest preview, application or offer goes, and what came of it; 404 before the first.

    It is remembered by the server that was asked, until it ends.
    """
    about = parts.config.brand(brand).name
    found = parts.classroom.latest(about, what)
    if found is None:
        raise NotFound(f"no {what} was asked for {about}", f"POST /api/v1/learning/{what}")
    return answer(found)


@router.post("/learning/preview", response_model=JOB, responses=WRITING)
def preview(body: Preview, actor: Lead, store: OpenStore, parts: OurParts) -> Response:
    """Begin to learn from all corrections and to judge stored posts by it; changes nothing."""
    brand = parts.config.brand(body.brand).name
    order = Order("preview", brand, actor.name, parts.now(), days=body.days)
    return answer(begun(store, parts, order))


@router.post("/learning/apply", response_model=JOB, responses=WRITING)
def apply(body: Apply, actor: Lead, store: OpenStore, parts: OurParts) -> Response:
    """Begin to learn from all corrections, to judge by it from then on.

    Refused, with the figures, where that would be worse on corrections it was not taught with.
    """
    brand = parts.config.brand(body.brand).name
    order = Order("apply", brand, actor.name, parts.now(), force=body.force, note=body.note)
    return answer(begun(store, parts, order))


@router.post("/learning/offer", response_model=JOB, responses=WRITING)
def offer(body: Offer, actor: Lead, store: OpenStore, parts: OurParts) -> Response:
    """Begin to look for the posts whose answers teach the most: half likely, half unsure, one at random."""
    brand = parts.config.brand(body.brand).name
    order = Order(
        *("offer", brand, actor.name, parts.now()),
        days=body.days,
        label=body.label,
        count=body.count,
    )
    return answer(begun(store, parts, order))


@router.post("/learning/undo", response_model=MOVE, responses=WRITING)
def undo(body: TakenBack, actor: Lead, store: OpenStore, parts: OurParts) -> Response:
    """Take back what is in use; what was used before is used again, to the last bit."""
    brand = parts.config.brand(body.brand).name
    done = teaching(store, parts, brand).undo(actor.name)
    parts.classroom.forget(brand)
    return answer(done)


@router.post("/mentions/{mention}/labels", response_model=MOVE, responses=WRITING)
def label(mention: Id, body: Labelled, actor: Agent, desk: OpenDesk) -> Response:
    """Say whether a post has a label of the team's own."""
    done = desk.corrections.label(mention, actor.name, body.label, has=body.has, brand=body.brand)
    return answer(done)
