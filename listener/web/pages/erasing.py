"""`/people/{person}/erase`: what would vanish with a person, and erasing them once it was typed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response

from listener.desk.people import confirmation
from listener.errors import DeskError, NotFound
from listener.store.forgetting import Erased
from listener.web.actor import Actor, Admin
from listener.web.borrowed import OpenAccounts, OpenDesk, OpenStore, OurParts
from listener.web.framed import framed
from listener.web.pages.queue import LARGEST
from listener.web.views.people import PersonPage, person_page

router = APIRouter(include_in_schema=False)

PersonId = Annotated[int, Path(ge=1, le=LARGEST)]


@router.get("/people/{person}/erase")
def ask(
    request: Request,
    actor: Admin,
    store: OpenStore,
    desk: OpenDesk,
    parts: OurParts,
    person: PersonId,
) -> Response:
    """What would vanish, and what stays."""
    return _page(request, actor, store, desk, _known(store, parts, actor, person))


@router.post("/people/{person}/erase")
def erase(
    request: Request,
    actor: Admin,
    store: OpenStore,
    desk: OpenDesk,
    accounts: OpenAccounts,
    parts: OurParts,
    person: PersonId,
    typed: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Erase a person for good."""
    known = _known(store, parts, actor, person)
    try:
        done = desk.people.erase(person, actor.name, typed)
    except DeskError as error:
        return _page(request, actor, store, desk, known, str(error))
    accounts.requests.forget_answers()
    return framed(request, actor, store, "person_erase.html", {"person": None, "done": done})


def _known(store: OpenStore, parts: OurParts, actor: Actor, person: int) -> PersonPage:
    known = person_page(store, parts.config, person, actor.name, parts.now())
    if known is None:
        raise NotFound(f"there is no person {person}")
    return known


def _page(
    request: Request,
    actor: Actor,
    store: OpenStore,
    desk: OpenDesk,
    person: PersonPage,
    wrong: str = "",
) -> Response:
    would: Erased = desk.people.would_erase(person.id)
    values = {
        "person": person,
        "would": would,
        "done": None,
        "wrong": wrong,
        "confirmation": confirmation(person.id),
    }
    status = 422 if wrong else 200
    return framed(request, actor, store, "person_erase.html", values, status=status)
