"""`/api/v1/cases/{case}/…`: what people do with a case. Every answer is the move, as history has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi.responses import Response
from pydantic import AwareDatetime, Field

from listener.desk import Desk
from listener.desk.casework import WakesOn
from listener.desk.meanwhile import must_be_seen
from listener.store.rows import HistoryRow
from listener.web.actor import Agent
from listener.web.api.bodies import Look, Name, Noted, Remark
from listener.web.api.cursors import Id
from listener.web.api.noun import WRITING, noun
from listener.web.api.shapes import answer, shape
from listener.web.borrowed import OpenDesk, OpenStore, OurParts
from listener.web.refusals import Unfit

router = noun("moves")
MOVE = shape(HistoryRow)
LONGEST_SLEEP = 366 * 24 * 3600


class Assignment(Noted):
    """Whose task a case becomes."""

    to: Name


class Snooze(Noted):
    """Until when, or for how many seconds; one of the two.

    `wakes_on` answer or worse wakes it earlier; then both may be left out, for 30 days.
    """

    wakes_on: Literal["time", "answer", "worse"] = "time"
    until: Annotated[AwareDatetime | None, Field(strict=False)] = None
    seconds: Annotated[int | None, Field(ge=60, le=LONGEST_SLEEP)] = None


class Resolution(Look):
    """How a case ended."""

    outcome: Remark = ""


class Dismissal(Look):
    """Why a case needs no answer."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class Points(Noted):
    """A priority set by hand; null gives it back to the sum of its parts."""

    points: Annotated[int | None, Field(ge=-1000, le=1000)]


@router.post("/cases/{case}/claim", response_model=MOVE, responses=WRITING)
def claim(case: Id, body: Look, actor: Agent, desk: OpenDesk, store: OpenStore) -> Response:
    """Take a case for the length of a lease; of several at once exactly one gets it."""
    must_be_seen(store, case, body.seen, actor.name)
    return answer(desk.cases.claim(case, actor.name))


@router.post("/cases/{case}/release", response_model=MOVE, responses=WRITING)
def release(case: Id, body: Noted, actor: Agent, desk: OpenDesk, store: OpenStore) -> Response:
    """Give a case back to everybody."""
    must_be_seen(store, case, body.seen, actor.name)
    return answer(desk.cases.release(case, actor.name, body.note))


@router.post("/cases/{case}/assign", response_model=MOVE, responses=WRITING)
def assign(case: Id, body: Assignment, actor: Agent, desk: OpenDesk, store: OpenStore) -> Response:
    """Make a case somebody's task, without a lease."""
    must_be_seen(store, case, body.seen, actor.name)
    return answer(desk.cases.assign(case, actor.name, body.to, body.note))


@router.post("/cases/{case}/snooze", response_model=MOVE, responses=WRITING)
def snooze(
    case: Id, body: Snooze, actor: Agent, desk: OpenDesk, store: OpenStore, parts: OurParts
) -> Response:
    """Put a case out of sight until a moment, within a year, until they answer, or it gets worse."""
    must_be_seen(store, case, body.seen, actor.name)
    wakes_on = WakesOn("" if body.wakes_on == "time" else body.wakes_on)
    until = _until(body, parts.now())
    return answer(desk.cases.snooze(case, actor.name, until, body.note, wakes_on))


@router.post("/cases/{case}/resolve", response_model=MOVE, responses=WRITING)
def resolve(case: Id, body: Resolution, actor: Agent, desk: OpenDesk, store: OpenStore) -> Response:
    """End a case well."""
    must_be_seen(store, case, body.seen, actor.name)
    return answer(desk.cases.resolve(case, actor.name, body.outcome))


@router.post("/cases/{case}/dismiss", response_model=MOVE, responses=WRITING)
def dismiss(case: Id, body: Dismissal, actor: Agent, desk: OpenDesk, store: OpenStore) -> Response:
    """End a case that needs no answer."""
    must_be_seen(store, case, body.seen, actor.name)
    return answer(desk.cases.dismiss(case, actor.name, body.reason))


@router.post("/cases/{case}/reopen", response_model=MOVE, responses=WRITING)
def reopen(case: Id, body: Noted, actor: Agent, desk: OpenDesk, store: OpenStore) -> Response:
    """Put a case that has ended back into the queue."""
    must_be_seen(store, case, body.seen, actor.name)
    return answer(desk.cases.reopen(case, actor.name, body.note))


@router.post("/cases/{case}/priority", response_model=MOVE, responses=WRITING)
def priority(case: Id, body: Points, actor: Agent, desk: OpenDesk, store: OpenStore) -> Response:
    """Set a priority by hand, or give it back to the sum of its parts."""
    must_be_seen(store, case, body.seen, actor.name)
    if body.points is None:
        return answer(desk.cases.unprioritise(case, actor.name))
    return answer(desk.cases.prioritise(case, actor.name, body.points, body.note))


@router.post("/cases/{case}/undo", response_model=MOVE, responses=WRITING)
def undo(case: Id, body: Look, actor: Agent, desk: OpenDesk, store: OpenStore) -> Response:
    """Take your own latest move on a case back."""
    must_be_seen(store, case, body.seen, actor.name)
    return answer(desk.undo(actor.name, case=case))


def simple_moves(desk: Desk, who: str, words: str) -> dict[str, Callable[[int], HistoryRow]]:
    """The moves that may be made on many cases at once, by name."""
    return {
        "claim": lambda case: desk.cases.claim(case, who),
        "release": lambda case: desk.cases.release(case, who, words),
        "resolve": lambda case: desk.cases.resolve(case, who, words),
        "dismiss": lambda case: desk.cases.dismiss(case, who, words),
        "reopen": lambda case: desk.cases.reopen(case, who, words),
        "assign": lambda case: desk.cases.assign(case, who, words),
        "label": lambda case: desk.labels.add(case, who, [words])[0],
        "unlabel": lambda case: desk.labels.remove(case, who, [words])[0],
    }


def _until(body: Snooze, now: datetime) -> datetime | None:
    if body.until is None and body.seconds is None and body.wakes_on != "time":
        return None
    if (body.until is None) == (body.seconds is None):
        raise Unfit("one of until and seconds is needed", "until")
    return body.until if body.until is not None else now + timedelta(seconds=body.seconds or 0)
