"""`/api/v1/suggestions`, `/links` and why a post is in its issue: what people decide about groups."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from fastapi.responses import Response
from pydantic import Field

from listener.belonging import Example, Explanation
from listener.desk.groups import Evidence
from listener.store.grouping import LinkRow
from listener.store.rows import HistoryRow
from listener.web.actor import Agent, Viewer
from listener.web.api.bodies import Body, Number
from listener.web.api.cursors import LARGEST, Cursor, Id, Limit, Word, next_cursor, place
from listener.web.api.noun import READING, WRITING, noun
from listener.web.api.shapes import answer, answer_page, page_of, shape
from listener.web.borrowed import OpenDesk, OpenStore, OurParts

router = noun("issues")
MOVE = shape(HistoryRow)
Decision = Literal["open", "accepted", "dismissed", "all"]


class Moved(Body):
    """Which mentions of an issue belong to another one."""

    mentions: Annotated[list[Number], Field(min_length=1, max_length=1000)]
    into: Number


class Pair(Body):
    """Two mentions, or with `issues` two issues, that always or never belong together."""

    one: Number
    other: Number
    together: bool
    issues: bool = False


@router.get("/issues/{issue}/why", response_model=shape(Explanation), responses=READING)
def why(
    issue: Id,
    mention: Annotated[int, Query(ge=1, le=LARGEST)],
    actor: Viewer,
    store: OpenStore,
    parts: OurParts,
) -> Response:
    """Why a mention is in this issue, or why it is not: its nearest posts, shared words, similarity.

    `issue` in the answer is where it is; `instead` are the posts of the issue that was asked about
    which resemble it most, when it is not there.
    """
    return answer(parts.belonging.explain(store, mention, issue))


@router.get("/issues/{issue}/examples", response_model=page_of(Example), responses=READING)
def examples(
    issue: Id, actor: Viewer, desk: OpenDesk, store: OpenStore, parts: OurParts
) -> Response:
    """Posts of an issue as different as they come, each with why it is here and why not elsewhere."""
    return answer_page(parts.belonging.examples(store, desk.issues.issue(issue)), None)


@router.post("/issues/{issue}/move", response_model=MOVE, responses=WRITING)
def move(issue: Id, body: Moved, actor: Agent, desk: OpenDesk) -> Response:
    """Put mentions of an issue into another one, where they stay."""
    return answer(desk.groups.move(issue, body.mentions, body.into, actor.name))


@router.get("/suggestions", response_model=page_of(Evidence), responses=READING)
def suggestions(
    actor: Viewer,
    desk: OpenDesk,
    brand: Word = "",
    state: Decision = "open",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response:
    """What grouping would change in issues that people have touched, with what speaks for it.

    Open ones are those whose issues still stand. One that was dismissed is not made again.
    """
    (last,) = place(cursor, 1) or (0,)
    asked = "" if state == "all" else state
    found = desk.groups.suggestions(brand, asked, after=last, limit=limit)
    return answer_page(
        found, next_cursor(len(found) == limit, found[-1].suggestion.id if found else 0)
    )


@router.post("/suggestions/{suggestion}/accept", response_model=MOVE, responses=WRITING)
def accept(suggestion: Id, actor: Agent, desk: OpenDesk) -> Response:
    """Do what a suggestion says; the move is the merge or split, and undoing it opens both again."""
    return answer(desk.groups.accept(suggestion, actor.name))


@router.post("/suggestions/{suggestion}/dismiss", response_model=MOVE, responses=WRITING)
def dismiss(suggestion: Id, actor: Agent, desk: OpenDesk) -> Response:
    """Turn a suggestion down for good."""
    return answer(desk.groups.dismiss(suggestion, actor.name))


@router.get("/links", response_model=page_of(LinkRow), responses=READING)
def links(actor: Viewer, store: OpenStore, brand: Word = "") -> Response:
    """What people said of pairs of mentions: together ("must") or apart ("cannot"), oldest first."""
    return answer_page(store.links(brand), None)


@router.post("/links", response_model=MOVE, responses=WRITING)
def link(body: Pair, actor: Agent, desk: OpenDesk) -> Response:
    """Say that two mentions, or issues, always or never belong together; two issues become one."""
    say = desk.groups.link_issues if body.issues else desk.groups.link
    return answer(say(body.one, body.other, actor.name, together=body.together))
