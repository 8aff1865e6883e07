"""`/issues`: what many people say, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from listener.errors import DeskError
from listener.store.rows import HistoryRow
from listener.web.actor import Agent, Lead, Viewer
from listener.web.borrowed import OpenDesk, OpenStore, OurParts
from listener.web.framed import framed
from listener.web.moving import Field, Text
from listener.web.pages.queue import LARGEST
from listener.web.parts import parts_of
from listener.web.refusals import status_of
from listener.web.views.belonging import why_here
from listener.web.views.issues import ORDERS, STATES, IssueFilter, issue_lines, issue_page
from listener.web.views.suggestions import suggested

router = APIRouter(include_in_schema=False)

IssueId = Annotated[int, Path(ge=1, le=LARGEST)]
Number = Annotated[int, Form(ge=1, le=LARGEST)]
Short = Annotated[str, Query(max_length=200)]


@router.get("/issues")
def show(
    request: Request,
    actor: Viewer,
    store: OpenStore,
    parts: OurParts,
    state: Short = "open",
    order: Short = "people",
    q: Short = "",
    brand: Short = "",
) -> Response:
    """All issues in one state, those of most people first."""
    asked = IssueFilter(
        state if state in STATES else STATES[0], order if order in ORDERS else ORDERS[0], q, brand
    )
    lines = issue_lines(store, asked, parts.now())
    waiting = len(store.suggestions(brand))
    values = {"asked": asked, "issues": lines, "suggestions": waiting}
    return framed(request, actor, store, "issues.html", values)


@router.get("/issues/{issue}")
def show_one(
    request: Request,
    actor: Viewer,
    desk: OpenDesk,
    store: OpenStore,
    issue: IssueId,
    why: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
) -> Response:
    """One issue; with `why` also why that mention is in it, or is not."""
    return _page(request, actor, desk, store, issue, why=why)


def _page(
    request: Request,
    actor: Viewer,
    desk: OpenDesk,
    store: OpenStore,
    issue: int,
    wrong: str = "",
    status: int = 200,
    *,
    why: int = 0,
) -> Response:
    parts = parts_of(request)
    now = parts.now()
    found = issue_page(store, desk, issue, actor.name, now)
    told = parts.belonging.explain(store, why, found.id) if why else None
    values = {
        "issue": found,
        "wrong": wrong,
        "why": None if told is None else why_here(store, told, found.id),
        "suggestions": suggested(desk.groups.suggestions_about(found.id), now),
    }
    return framed(
        request, actor, store, "issue.html", values, status=status, back=f"/issues/{found.id}"
    )


class Issue:
    """Makes the moves of one request on issues; what cannot be done is told on the issue's page."""

    def __init__(
        self, request: Request, actor: Agent, desk: OpenDesk, store: OpenStore, case: Field = ""
    ) -> None:
        """`case` is the one from whose page the move comes, if it does."""
        self.desk = desk
        self._again = (request, actor, desk, store)
        self._case = case if case.isascii() and case.isdecimal() else ""

    def make(self, issue: int, move: Callable[[], HistoryRow], *, stay: bool = False) -> Response:
        """Make a move and show where it leads, or with `stay` the same page again."""
        try:
            done = move()
        except DeskError as error:
            return _page(*self._again, issue, str(error), status_of(error))
        shown = issue if stay else done.after.get("merged_into") or done.entity_id
        to = f"/queue/{self._case}" if self._case else f"/issues/{shown}"
        return RedirectResponse(f"{to}?done={done.id}", 303)


Moving = Annotated[Issue, Depends()]


@router.post("/issues/{issue}/rename")
def rename(actor: Agent, issue: IssueId, by: Moving, title: Field = "") -> Response:
    """Give it a name that stays."""
    return by.make(issue, lambda: by.desk.issues.rename(issue, actor.name, title))


@router.post("/issues/{issue}/merge")
def merge(actor: Agent, issue: IssueId, by: Moving, target: Number) -> Response:
    """Make it a part of another."""
    return by.make(issue, lambda: by.desk.issues.merge(issue, target, actor.name))


@router.post("/issues/{issue}/split")
def split(
    actor: Agent,
    issue: IssueId,
    by: Moving,
    mention: Annotated[list[Number], Form(max_length=500)] = [],  # noqa: B006  FastAPI copies it
) -> Response:
    """Make these posts an issue of their own."""
    return by.make(issue, lambda: by.desk.issues.split(issue, mention, actor.name))


@router.post("/issues/{issue}/fix")
def fix(actor: Lead, issue: IssueId, by: Moving, note: Text = "") -> Response:
    """Mark its cause as mended; the note is what people will be told."""
    return by.make(issue, lambda: by.desk.issues.fix(issue, actor.name, note))


@router.post("/issues/{issue}/close")
def close(actor: Lead, issue: IssueId, by: Moving, reason: Text = "") -> Response:
    """Close it; while people are untold this needs a reason."""
    return by.make(issue, lambda: by.desk.issues.close(issue, actor.name, reason))


@router.post("/issues/{issue}/reopen")
def reopen(actor: Agent, issue: IssueId, by: Moving, note: Text = "") -> Response:
    """Open it again."""
    return by.make(issue, lambda: by.desk.issues.reopen(issue, actor.name, note))
