"""`/api/v1/bulk`: one move on many cases, each by itself: one that fails stops no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi.responses import Response
from pydantic import Field

from listener.errors import DeskError
from listener.store.rows import HistoryRow
from listener.web.actor import Agent
from listener.web.api.bodies import Body, Number, Remark
from listener.web.api.moves import simple_moves
from listener.web.api.noun import WRITING, noun
from listener.web.api.shapes import answer, shape
from listener.web.borrowed import OpenDesk
from listener.web.refusals import status_of

router = noun("moves")


class Bulk(Body):
    """Which cases, which move, and its words: the note, reason or outcome, whose task they become, or a label."""

    cases: Annotated[list[Number], Field(min_length=1, max_length=200)]
    move: Literal["claim", "release", "resolve", "dismiss", "reopen", "assign", "label", "unlabel"]
    words: Remark = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case: its move, or what was wrong."""

    case: int
    status: int
    move: HistoryRow | None
    detail: str


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of each case, in the order asked for; `done` of them were moved."""

    done: int
    outcomes: tuple[Outcome, ...]


@router.post("/bulk", response_model=shape(Outcomes), responses=WRITING)
def bulk(body: Bulk, actor: Agent, desk: OpenDesk) -> Response:
    """Make one move on many cases. 200 also when some could not be moved: look at each outcome."""
    move = simple_moves(desk, actor.name, body.words)[body.move]
    outcomes = []
    for case in dict.fromkeys(body.cases):
        try:
            outcomes.append(Outcome(case, 200, move(case), ""))
        except DeskError as error:
            outcomes.append(Outcome(case, status_of(error), None, str(error)))
    done = sum(one.move is not None for one in outcomes)
    return answer(Outcomes(done, tuple(outcomes)))
