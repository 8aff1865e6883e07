"""`/overview` and what is behind its figures: `/overview/cases` and `/posts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from listener.store.looking import PostQuery
from listener.web.actor import Viewer
from listener.web.borrowed import OpenStore, OurParts
from listener.web.framed import framed
from listener.web.pages.queue import LARGEST
from listener.web.refusals import Unfit
from listener.web.views.overview import CASES, SPANS, behind, overview
from listener.web.views.rows import case_row, post_row
from sources.mention import utc
from triage.verdict import Lane

router = APIRouter(include_in_schema=False)

Short = Annotated[str, Query(max_length=300)]
Number = Annotated[int, Query(ge=1, le=LARGEST)]
LISTED = 100
LANES = tuple(lane.value for lane in Lane)


@router.get("/overview")
def show(
    request: Request,
    actor: Viewer,
    store: OpenStore,
    parts: OurParts,
    span: Short = "7d",
    brand: Short = "",
) -> Response:
    """The figures of a span that ends now."""
    brands = [one.name for one in parts.config.brands]
    found = overview(store, brands, brand if brand in brands else "", span, parts.now())
    return framed(request, actor, store, "overview.html", {"view": found})


@router.get("/overview/cases")
def cases(
    request: Request,
    actor: Viewer,
    store: OpenStore,
    parts: OurParts,
    which: Short = "opened",
    span: Short = "7d",
    brand: Short = "",
) -> Response:
    """The cases behind a figure."""
    now = parts.now()
    chosen = which if which in CASES else CASES[0]
    waits = store.waits(brand, now - SPANS.get(span, SPANS["7d"]), now + timedelta(minutes=1))
    ids = behind(waits, chosen, now)
    rows = [case_row(case, now, actor.name) for case in store.cases(ids[:LISTED])]
    values = {"which": chosen, "rows": rows, "in_all": len(ids)}
    return framed(request, actor, store, "overview_cases.html", values)


@dataclass(frozen=True, slots=True)
class PostFilter:
    """What a list of posts is asked for, as its address says it."""

    lane: str
    source: str
    brand: str
    q: str
    since: str
    until: str
    issue: int | None
    person: int | None

    def address(self, **change: str) -> str:
        """The address of the list with something else in it."""
        asked = {name: getattr(self, name) for name in PostFilter.__dataclass_fields__}
        return f"/posts?{urlencode({k: v for k, v in {**asked, **change}.items() if v})}"


@router.get("/posts")
def posts(
    request: Request,
    actor: Viewer,
    store: OpenStore,
    parts: OurParts,
    lane: Short = "",
    source: Short = "",
    brand: Short = "",
    q: Short = "",
    since: Short = "",
    until: Short = "",
    issue: Number | None = None,
    person: Number | None = None,
    after: Short = "",
) -> Response:
    """Posts, the latest first."""
    chosen = lane if lane in LANES else ""
    asked = PostFilter(chosen, source, brand, q, since, until, issue, person)
    query = PostQuery(
        brand=brand,
        lane=chosen,
        source=source,
        issue=issue,
        person=person,
        since=_moment(since, "since"),
        until=_moment(until, "until"),
        search=q,
        limit=LISTED,
        after=_place(after),
    )
    found = store.posts(query)
    more = ""
    if len(found) == LISTED:
        more = asked.address(after=f"{utc(found[-1].mention.created_at)}.{found[-1].id}")
    now = parts.now()
    values = {
        "asked": asked,
        "lanes": LANES,
        "posts": [post_row(row, now) for row in found],
        "in_all": store.count_posts(query, 10_000),
        "more": more,
    }
    return framed(request, actor, store, "posts.html", values)


def _moment(text: str, field: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Unfit(f"{text!r} is not a time, such as 2026-11-20T09:00:00Z", field) from None
    if at.tzinfo is None:
        raise Unfit(f"{text!r} has no time zone; write it like 2026-11-20T09:00:00Z", field)
    return at


def _place(text: str) -> tuple[datetime, int] | None:
    at, _, id = text.partition(".")
    known = id.isascii() and id.isdecimal() and len(id) < 19
    moment = _moment(at, "after") if known else None
    return None if moment is None else (moment, int(id))
