"""`/settings/brands`, `…/promises`, `…/macros`: what config.yaml says, tried with other values.

The file rules: a page shows what is set, what another value would have done, and the lines to put
into the file.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from listener.config.lines import macro_lines, query_lines, queue_lines
from listener.errors import ListenerError
from listener.trials import LONGEST_DAYS, TeamSize, try_query, try_queue, with_macro
from listener.web.actor import Lead, Viewer
from listener.web.borrowed import OpenStore, OurParts
from listener.web.pages.settings import section_page
from listener.web.views.settings import brand_lines, promises, query_preview, waits

router = APIRouter(include_in_schema=False)

Long = Annotated[str, Query(max_length=20_000)]
Days = Annotated[int, Query(ge=1, le=LONGEST_DAYS)]
WEEK = 7


@router.get("/settings/brands")
def brands(
    request: Request,
    actor: Viewer,
    store: OpenStore,
    parts: OurParts,
    brand: Long = "",
    query: Long = "",
    days: Days = WEEK,
) -> Response:
    """The brands, and what another query would have changed in the last days."""
    preview, wrong, lines = None, "", ""
    if query:
        try:
            found = try_query(store, parts.config, brand, query, days, parts.now())
            preview, lines = query_preview(found), query_lines(brand, query.strip())
        except ListenerError as error:
            wrong = str(error)
    values = {
        "brands": brand_lines(parts.config),
        "asked": (brand, query, days),
        "preview": preview,
        "lines": lines,
        "wrong": wrong,
    }
    return section_page(request, actor, store, "brands", values)


@router.get("/settings/promises")
def promised(request: Request, actor: Viewer, store: OpenStore, parts: OurParts) -> Response:
    """How soon people get answers, and what a priority is made of."""
    config = parts.config
    values = {
        "promises": promises(config),
        "text": queue_lines(config.queue),
        "asked": (TeamSize(), WEEK),
        "waiting": None,
        "lines": "",
    }
    return section_page(request, actor, store, "promises", values)


@router.post("/settings/promises/try")
def try_promises(
    request: Request,
    actor: Lead,
    store: OpenStore,
    parts: OurParts,
    text: Annotated[str, Form(max_length=20_000)],
    days: Annotated[int, Form(ge=1, le=LONGEST_DAYS)] = WEEK,
    agents: Annotated[int, Form(ge=1, le=1_000)] = 2,
    per_hour: Annotated[float, Form(ge=0.1, le=1_000, allow_inf_nan=False)] = 10.0,
) -> Response:
    """Replay the cases of the last days under another policy; nothing is changed."""
    team, waiting, lines, wrong = TeamSize(agents, per_hour), None, "", ""
    try:
        read, found = try_queue(store, parts.config, text, team, days, parts.now())
        waiting, lines = waits(found), queue_lines(read)
    except ListenerError as error:
        wrong = str(error)
    values = {
        "promises": promises(parts.config),
        "text": text,
        "asked": (team, days),
        "waiting": waiting,
        "lines": lines,
        "wrong": wrong,
    }
    return section_page(request, actor, store, "promises", values)


@router.get("/settings/macros")
def macros(request: Request, actor: Viewer, store: OpenStore, parts: OurParts) -> Response:
    """The prepared answers."""
    values = {"macros": parts.config.replies.macros, "lines": "", "asked": ("", ""), "shown": ""}
    return section_page(request, actor, store, "macros", values)


@router.post("/settings/macros/try")
def try_macro(
    request: Request,
    actor: Lead,
    store: OpenStore,
    parts: OurParts,
    name: Annotated[str, Form(max_length=200)] = "",
    text: Annotated[str, Form(max_length=20_000)] = "",
) -> Response:
    """What the file would say with another prepared answer, or one less, and how it reads."""
    known, lines, wrong = parts.config.replies.macros, "", ""
    try:
        changed = with_macro(known, name, text)
        lines = macro_lines(changed)
    except ListenerError as error:
        wrong = str(error)
    brand = parts.config.brands[0].name
    shown = text.replace("{author}", "@maria").replace("{brand}", brand)
    values = {
        "macros": known,
        "lines": lines,
        "asked": (name, text),
        "shown": shown,
        "wrong": wrong,
    }
    return section_page(request, actor, store, "macros", values)
