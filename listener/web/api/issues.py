"""`/api/v1/issues`: what the complaints are about, and everybody who must be told when it is fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi.responses import Response
from pydantic import Field

from listener.store.rows import HistoryRow, IssueRow, LoopRow
from listener.web.actor import Agent, Viewer
from listener.web.api.bodies import Body, Number, Remark
from listener.web.api.cursors import Cursor, Id, Limit, Word, next_cursor, place
from listener.web.api.noun import READING, WRITING, noun
from listener.web.api.shapes import answer, answer_page, page_of, shape
from listener.web.borrowed import OpenDesk, OpenStore
from listener.web.refusals import Unfit

router = noun("issues")
MOVE = shape(HistoryRow)
FARTHEST = 10_000  # issues that can be listed


@dataclass(frozen=True, slots=True)
class Complainer:
    """Somebody who complained, and a draft of what they would be told; empty when there is none."""

    person: LoopRow
    notice: str


class Merge(Body):
    """Into which issue."""

    into: Number


class Split(Body):
    """Which mentions become an issue of their own."""

    mentions: Annotated[list[Number], Field(min_length=1, max_length=1000)]


class Rename(Body):
    """A name that stays."""

    title: Annotated[str, Field(min_length=1, max_length=200)]


class Fix(Body):
    """What the people who complained will be told."""

    note: Annotated[str, Field(min_length=1, max_length=2000)]


class Close(Body):
    """Why, which is needed while people are untold."""

    reason: Remark = ""


class Reopen(Body):
    """A remark for colleagues."""

    note: Remark = ""


@router.get("/issues", response_model=page_of(IssueRow), responses=READING)
def list_issues(
    actor: Viewer,
    store: OpenStore,
    brand: Word = "",
    state: Literal["", "open", "fixed", "closed"] = "",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response:
    """Issues that are not merged into others, most people first."""
    (start,) = place(cursor, 1) or (0,)
    if not 0 <= start <= FARTHEST:
        raise Unfit(f"there is no page at {start}", "cursor", "leave it out to begin")
    found = store.issues(brand, state, start + limit)[start:]
    return answer_page(found, next_cursor(len(found) == limit, start + limit))


@router.get("/issues/{issue}", response_model=shape(IssueRow), responses=READING)
def show_issue(issue: Id, actor: Viewer, desk: OpenDesk) -> Response:
    """One issue; a merged one is followed to where it went. Its posts: `/mentions?issue=`."""
    return answer(desk.issues.issue(issue))


@router.get("/issues/{issue}/loop", response_model=page_of(Complainer), responses=READING)
def loop(issue: Id, actor: Viewer, desk: OpenDesk) -> Response:
    """Everybody who complained, in order of their first post, and whether they were told."""
    row = desk.issues.issue(issue)
    people = [Complainer(one, desk.issues.notice(row, one)) for one in desk.issues.loop(row.id)]
    return answer_page(people, None)


@router.get("/issues/{issue}/similar", response_model=page_of(IssueRow), responses=READING)
def similar(issue: Id, actor: Viewer, desk: OpenDesk, store: OpenStore) -> Response:
    """Open issues that share phrases with this one: candidates for a merge."""
    return answer_page(store.issues_like(desk.issues.issue(issue).id), None)


@router.post("/issues/{issue}/merge", response_model=MOVE, responses=WRITING)
def merge(issue: Id, body: Merge, actor: Agent, desk: OpenDesk) -> Response:
    """Make an issue a part of another; its number stays as another name of that."""
    return answer(desk.issues.merge(issue, body.into, actor.name))


@router.post("/issues/{issue}/split", response_model=MOVE, responses=WRITING)
def split(issue: Id, body: Split, actor: Agent, desk: OpenDesk) -> Response:
    """Make a part of an issue one of its own, which stays apart; `entity_id` is the new one."""
    return answer(desk.issues.split(issue, body.mentions, actor.name))


@router.post("/issues/{issue}/rename", response_model=MOVE, responses=WRITING)
def rename(issue: Id, body: Rename, actor: Agent, desk: OpenDesk) -> Response:
    """Give an issue a name that stays."""
    return answer(desk.issues.rename(issue, actor.name, body.title))


@router.post("/issues/{issue}/fix", response_model=MOVE, responses=WRITING)
def fix(issue: Id, body: Fix, actor: Agent, desk: OpenDesk) -> Response:
    """Mark the cause as mended; the same complaint afterwards opens the issue again."""
    return answer(desk.issues.fix(issue, actor.name, body.note))


@router.post("/issues/{issue}/close", response_model=MOVE, responses=WRITING)
def close(issue: Id, body: Close, actor: Agent, desk: OpenDesk) -> Response:
    """Close an issue; 409 while people are untold and no reason is given."""
    return answer(desk.issues.close(issue, actor.name, body.reason))


@router.post("/issues/{issue}/reopen", response_model=MOVE, responses=WRITING)
def reopen(issue: Id, body: Reopen, actor: Agent, desk: OpenDesk) -> Response:
    """Open a fixed or closed issue again."""
    return answer(desk.issues.reopen(issue, actor.name, body.note))


@router.post("/issues/{issue}/undo", response_model=MOVE, responses=WRITING)
def undo(issue: Id, actor: Agent, desk: OpenDesk) -> Response:
    """Take your own latest move on an issue back, merges and splits too."""
    return answer(desk.undo(actor.name, issue=issue))
