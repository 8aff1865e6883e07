"""`/api/v1/cases`: the queue, and one case with everything known about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from fastapi.responses import Response

from listener.answering import answer_link
from listener.desk.labels import label_name
from listener.desk.search import find, read_search
from listener.errors import NotFound
from listener.store.presence import Present
from listener.store.rows import CaseRow, HistoryRow, MentionRow, QueueQuery, ReplyRow
from listener.web.actor import Viewer
from listener.web.api.cursors import LARGEST, Cursor, Id, Limit, Search, Word, next_cursor, place
from listener.web.api.noun import READING, noun
from listener.web.api.shapes import answer, answer_page, page_of, shape
from listener.web.borrowed import OpenAccounts, OpenDesk, OpenStore, OurParts

router = noun("cases")

View = Literal["open", "mine", "waiting", "snoozed", "done", "all"]


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """A case with everything known about it.

    `thread` is the conversation around it; `edits` are (mention, when replaced, the earlier text);
    `present` is who is at it now; `answer_link` is where a person answers, empty when nowhere.
    """

    case: CaseRow
    mentions: tuple[MentionRow, ...]
    edits: tuple[tuple[int, datetime, str], ...]
    replies: tuple[ReplyRow, ...]
    history: tuple[HistoryRow, ...]
    thread: tuple[MentionRow, ...]
    present: tuple[Present, ...]
    answer_link: str


@router.get("/cases", response_model=page_of(CaseRow), responses=READING)
def list_cases(
    actor: Viewer,
    store: OpenStore,
    parts: OurParts,
    view: View = "open",
    brand: Word = "",
    lane: Word = "",
    vigilante: Word = "",
    owner: Word = "",
    source: Word = "",
    label: Word = "",
    search: Search = "",
    issue: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    escalating: bool = False,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response:
    """Cases by priority, highest first. `mine` are those of `owner`, yourself without one.

    `search` is what one types into the queue: words, `is:vigilante owner:me before:2026-11-20`, or a
    query such as `(refund OR "money back") NOT thanks`.
    """
    after = place(cursor, 2)
    asked = QueueQuery(
        brand=brand,
        view=view,
        lane=lane,
        vigilante=vigilante,
        owner=owner or (actor.name if view == "mine" else ""),
        issue=issue,
        source=source,
        label=label_name(label) if label else "",
        limit=limit,
        after=(after[0], after[1]) if after is not None else None,
        at=parts.now(),
        escalating=escalating,
    )
    found = find(store, read_search(search, asked, actor.name))
    last = (found[-1].priority, found[-1].id) if found else ()
    return answer_page(found, next_cursor(len(found) == limit, *last))


@router.get("/cases/{case}", response_model=shape(CaseDetail), responses=READING)
def show_case(
    case: Id,
    actor: Viewer,
    store: OpenStore,
    desk: OpenDesk,
    accounts: OpenAccounts,
    parts: OurParts,
) -> Response:
    """One case: its posts, reasons, replies, history, the conversation, and who is at it now."""
    file = store.case(case)
    if file is None:
        raise NotFound(f"there is no case {case}", "GET /api/v1/cases?view=all")
    return answer(
        CaseDetail(
            case=file.case,
            mentions=file.mentions,
            edits=file.edits,
            replies=file.replies,
            history=file.history,
            thread=file.thread,
            present=accounts.presence.at_case(case, parts.now()),
            answer_link=answer_link(desk, file.case, parts.config, parts.plugins, parts.now),
        )
    )
