"""`/suggestions`, and what people decide about groups: accept, dismiss, move, together, apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from listener.errors import DeskError
from listener.store.rows import HistoryRow
from listener.web.actor import Actor, Agent, Viewer
from listener.web.borrowed import OpenDesk, OpenStore
from listener.web.framed import framed
from listener.web.moving import Field, go_back
from listener.web.pages.issues import IssueId, Moving, Number, Short
from listener.web.pages.queue import LARGEST
from listener.web.refusals import status_of
from listener.web.views.suggestions import LISTED, STATES, suggested

router = APIRouter(include_in_schema=False)

SuggestionId = Annotated[int, Path(ge=1, le=LARGEST)]
Asked = Annotated[int, Query(ge=1, le=LARGEST)]


@router.get("/suggestions")
def show(
    request: Request, actor: Viewer, desk: OpenDesk, store: OpenStore, state: Short = "open"
) -> Response:
    """What grouping would change, the oldest first; decided ones too."""
    return _page(request, actor, desk, store, state if state in STATES else STATES[0])


def _page(
    request: Request,
    actor: Actor,
    desk: OpenDesk,
    store: OpenStore,
    state: str,
    wrong: str = "",
    status: int = 200,
) -> Response:
    now = request.app.state.parts.now()
    found = desk.groups.suggestions(state=state, limit=LISTED)
    values = {"suggestions": suggested(found, now), "state": state, "wrong": wrong}
    return framed(request, actor, store, "suggestions.html", values, status=status)


@router.post("/suggestions/{suggestion}/accept")
def accept(
    request: Request,
    actor: Agent,
    desk: OpenDesk,
    store: OpenStore,
    suggestion: SuggestionId,
    back: Field = "/suggestions",
) -> Response:
    """Do what it says."""
    return _decided(
        request, actor, desk, store, back, lambda: desk.groups.accept(suggestion, actor.name)
    )


@router.post("/suggestions/{suggestion}/dismiss")
def dismiss(
    request: Request,
    actor: Agent,
    desk: OpenDesk,
    store: OpenStore,
    suggestion: SuggestionId,
    back: Field = "/suggestions",
) -> Response:
    """Turn it down; it does not come back."""
    return _decided(
        request, actor, desk, store, back, lambda: desk.groups.dismiss(suggestion, actor.name)
    )


def _decided(
    request: Request,
    actor: Actor,
    desk: OpenDesk,
    store: OpenStore,
    back: str,
    move: Callable[[], HistoryRow],
) -> Response:
    try:
        done = move()
    except DeskError as error:
        return _page(request, actor, desk, store, "open", str(error), status_of(error))
    return go_back(back, done)


@router.get("/why")
def why(actor: Viewer, mention: Asked, issue: Asked) -> Response:
    """Why a post is in an issue, or is not: told on that issue's page."""
    return RedirectResponse(f"/issues/{issue}?why={mention}", 303)


@router.post("/issues/{issue}/move")
def move(
    actor: Agent,
    issue: IssueId,
    by: Moving,
    target: Field = "",
    mention: Annotated[list[Number], Form(max_length=500)] = [],  # noqa: B006  FastAPI copies it
) -> Response:
    """Put these posts into another issue, where they stay."""
    return by.make(
        issue, lambda: by.desk.groups.move(issue, mention, issue_number(target), actor.name)
    )


@router.post("/issues/{issue}/link")
def link(
    actor: Agent,
    issue: IssueId,
    by: Moving,
    one: Number,
    other: Number,
    rule: Annotated[Literal["must", "cannot"], Form()],
) -> Response:
    """Say of two posts that they always, or never, belong together."""
    together = rule == "must"
    return by.make(
        issue, lambda: by.desk.groups.link(one, other, actor.name, together=together), stay=True
    )


@router.post("/issues/{issue}/apart")
def apart(actor: Agent, issue: IssueId, by: Moving, other: Number) -> Response:
    """Say that this issue and another one are never one."""
    return by.make(
        issue,
        lambda: by.desk.groups.link_issues(issue, other, actor.name, together=False),
        stay=True,
    )


def issue_number(text: str) -> int:
    """The number of an issue that somebody typed. Raises DeskError."""
    said = text.strip().lstrip("#")
    if said.isascii() and said.isdecimal() and 0 < int(said[:19]) <= LARGEST:
        return int(said[:19])
    raise DeskError(f"which issue? {text[:40]!r} is no number of one")
