"""`/api/v1/mentions`: the posts, and what people say of the judge's verdicts on them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from fastapi.responses import Response
from pydantic import AwareDatetime, Field

from listener.errors import NotFound
from listener.store.looking import PostQuery
from listener.store.rows import HistoryRow, MentionRow
from listener.web.actor import Agent, Viewer
from listener.web.api.bodies import Body, Remark
from listener.web.api.cursors import (
    LARGEST,
    Cursor,
    Id,
    Limit,
    Search,
    Word,
    moment_of,
    next_cursor,
    place,
)
from listener.web.api.noun import READING, WRITING, noun
from listener.web.api.shapes import answer, answer_page, page_of, shape
from listener.web.borrowed import OpenDesk, OpenStore

router = noun("mentions")
Brand = Annotated[str, Field(max_length=200)]
Lane = Literal["complaint", "question", "idea", "praise", "other", "muted"]
Number = Annotated[int | None, Query(ge=1, le=LARGEST)]


class Corrected(Body):
    """What is wrong with a verdict, or right: at least one field. `brand` when there are several."""

    brand: Brand = ""
    lane: Lane | None = None
    complaint: bool | None = None
    severity: Literal["none", "low", "medium", "high", "critical"] | None = None
    relevant: bool | None = None
    language: Annotated[str | None, Field(max_length=20)] = None
    note: Remark = ""

    def fields(self) -> list[tuple[str, str]]:
        """The fields as the desk takes them."""
        given = {
            "relevant": self.relevant,
            "lane": self.lane,
            "complaint": self.complaint,
            "severity": self.severity,
            "lang": self.language,
        }
        words = {True: "yes", False: "no"}
        return [
            (name, words[value] if isinstance(value, bool) else value)
            for name, value in given.items()
            if value is not None
        ]


class Reviewed(Body):
    """Whether a muted mention of the audit sample was muted rightly; if not, where it belongs."""

    right: bool
    brand: Brand = ""
    lane: Literal["", "complaint", "question", "idea", "praise", "other"] = ""


@router.get("/mentions", response_model=page_of(MentionRow), responses=READING)
def list_mentions(
    actor: Viewer,
    store: OpenStore,
    brand: Word = "",
    lane: Word = "",
    source: Word = "",
    search: Search = "",
    issue: Number = None,
    person: Number = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response:
    """Posts, the latest first, each with its verdict; erased ones are left out."""
    after = place(cursor, 2)
    found = store.posts(
        PostQuery(
            brand=brand,
            lane=lane,
            source=source,
            issue=issue,
            person=person,
            since=since,
            until=until,
            search=search,
            limit=limit,
            after=(moment_of(after[0]), after[1]) if after is not None else None,
        )
    )
    last = (int(found[-1].mention.created_at.timestamp()), found[-1].id) if found else ()
    return answer_page(found, next_cursor(len(found) == limit, *last))


@router.get("/mentions/{mention}", response_model=page_of(MentionRow), responses=READING)
def show_mention(mention: Id, actor: Viewer, store: OpenStore) -> Response:
    """One post, once for every brand it was judged for."""
    found = store.readings(mention)
    if not found:
        raise NotFound(f"there is no mention {mention}", "GET /api/v1/mentions")
    return answer_page(found, None)


@router.post("/mentions/{mention}/corrections", response_model=shape(HistoryRow), responses=WRITING)
def correct(mention: Id, body: Corrected, actor: Agent, desk: OpenDesk) -> Response:
    """Say what the judge got wrong, or confirm what is right; the case follows at once."""
    done = desk.corrections.correct(
        mention, actor.name, body.fields(), brand=body.brand, note=body.note
    )
    return answer(done)


@router.post("/mentions/{mention}/review", response_model=shape(HistoryRow), responses=WRITING)
def review(mention: Id, body: Reviewed, actor: Agent, desk: OpenDesk) -> Response:
    """Answer for a mention of the audit sample."""
    if body.right:
        return answer(desk.corrections.muted_rightly(mention, actor.name, brand=body.brand))
    done = desk.corrections.muted_wrongly(mention, actor.name, brand=body.brand, lane=body.lane)
    return answer(done)
