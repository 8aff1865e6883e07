"""`/queue/bulk`: one move on several cases, and `/mentions/…`: a post that should have been a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response

from listener.desk import Desk
from listener.errors import DeskError, UsageError
from listener.store.rows import HistoryRow
from listener.web.actor import Agent
from listener.web.borrowed import OpenAccounts, OpenDesk, OpenStore, OurParts
from listener.web.moving import Field, Text, go_back
from listener.web.pages.queue import LARGEST, asked_for, queue_page
from listener.web.sleeping import until as sleeping_until
from listener.web.sleeping import wakes_on
from listener.web.views.toast import MOST

router = APIRouter(include_in_schema=False)

Move = Callable[[int], HistoryRow]
Ids = Annotated[list[Annotated[int, Form(ge=1, le=LARGEST)]], Form(min_length=1, max_length=MOST)]
Back = Annotated[str, Form(max_length=2000)]


@router.post("/queue/bulk")
def bulk(
    request: Request,
    actor: Agent,
    desk: OpenDesk,
    store: OpenStore,
    accounts: OpenAccounts,
    parts: OurParts,
    case: Ids,
    move: Field,
    until: Field = "1d",
    reason: Text = "",
    label: Field = "",
    back: Back = "/queue",
) -> Response:
    """Make the move on every one that can take it, and tell which could not."""
    moves: dict[str, Move] = {
        "claim": lambda one: desk.cases.claim(one, actor.name),
        "resolve": lambda one: desk.cases.resolve(one, actor.name),
        "snooze": lambda one: desk.cases.snooze(
            one,
            actor.name,
            sleeping_until(until, "", parts.config, parts.now()),
            wakes_on=wakes_on(until),
        ),
        "label": lambda one: desk.labels.add(one, actor.name, [label])[0],
        "unlabel": lambda one: desk.labels.remove(one, actor.name, [label])[0],
        "dismiss": lambda one: desk.cases.dismiss(one, actor.name, reason),
    }
    if move not in moves:
        raise UsageError(f"there is no move {move!r} for several cases: {', '.join(moves)}")
    done, missed = _each(case, moves[move])
    if not missed:
        return go_back(back, *done)
    said = f"{len(done)} done, {len(missed)} not: {'; '.join(missed[:5])}"
    return queue_page(
        request, actor, store, accounts, asked_for("", ""), case[0], wrong=said, status=409
    )


@router.post("/mentions/{mention}/lane")
def lane(
    actor: Agent,
    desk: OpenDesk,
    mention: Annotated[int, Path(ge=1, le=LARGEST)],
    lane: Field,
    brand: Field = "",
    back: Back = "/queue",
) -> Response:
    """Say that a post belongs into another lane; a case opens when it needs an answer now."""
    return go_back(back, _correct(desk, actor.name, mention, lane, brand))


def _correct(desk: Desk, who: str, mention: int, lane: str, brand: str) -> HistoryRow:
    return desk.corrections.correct(mention, who, [("lane", lane)], brand=brand)


def _each(cases: list[int], move: Move) -> tuple[list[HistoryRow], list[str]]:
    done, missed = [], []
    for case in dict.fromkeys(cases):
        try:
            done.append(move(case))
        except DeskError as error:
            missed.append(str(error))
    return done, missed
