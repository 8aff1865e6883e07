"""`/people`: who speaks, across their handles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from listener.errors import NotFound
from listener.web.actor import Viewer
from listener.web.borrowed import OpenStore, OurParts
from listener.web.framed import framed
from listener.web.pages.queue import LARGEST
from listener.web.views.people import person_lines, person_page

router = APIRouter(include_in_schema=False)


@router.get("/people")
def show(
    request: Request,
    actor: Viewer,
    store: OpenStore,
    parts: OurParts,
    q: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The latest voices, or those whom a search finds."""
    values = {"asked": q, "people": person_lines(store, q, parts.now())}
    return framed(request, actor, store, "people.html", values)


@router.get("/people/{person}")
def show_one(
    request: Request,
    actor: Viewer,
    store: OpenStore,
    parts: OurParts,
    person: Annotated[int, Path(ge=1, le=LARGEST)],
) -> Response:
    """One person."""
    found = person_page(store, parts.config, person, actor.name, parts.now())
    if found is None:
        raise NotFound(f"there is no person {person}")
    return framed(request, actor, store, "person.html", {"person": found})
