"""`/api/v1/people`: who writes, with all handles known to be theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi.responses import Response
from pydantic import Field

from listener.errors import NotFound
from listener.store.forgetting import Erased
from listener.store.looking import PersonRow
from listener.store.rows import CaseRow
from listener.web.actor import Admin, Viewer
from listener.web.api.bodies import Body
from listener.web.api.cursors import Id, Limit, Search
from listener.web.api.noun import READING, WRITING, noun
from listener.web.api.shapes import answer, answer_page, page_of, shape
from listener.web.borrowed import OpenAccounts, OpenDesk, OpenStore

router = noun("people")


@dataclass(frozen=True, slots=True)
class PersonDetail:
    """A person with their cases, the latest first. Their posts: `/mentions?person=`."""

    person: PersonRow
    cases: tuple[CaseRow, ...]


@router.get("/people", response_model=page_of(PersonRow), responses=READING)
def list_people(
    actor: Viewer, store: OpenStore, search: Search = "", limit: Limit = 50
) -> Response:
    """People whose name or handle contains the text; without one, the latest voices."""
    return answer_page(store.people(search, limit), None)


class Erasure(Body):
    """What must be typed: `erase` and the person's number, such as `erase 12`."""

    confirm: Annotated[str, Field(max_length=200)]


@router.get("/people/{person}/erasure", response_model=shape(Erased), responses=READING)
def show_erasure(person: Id, actor: Admin, desk: OpenDesk) -> Response:
    """What would vanish if a person were erased."""
    return answer(desk.people.would_erase(person))


@router.post("/people/{person}/erasure", response_model=shape(Erased), responses=WRITING)
def erase_person(
    person: Id, body: Erasure, actor: Admin, desk: OpenDesk, accounts: OpenAccounts
) -> Response:
    """Erase a person for good: their words, who they are, and what was written about them here."""
    done = desk.people.erase(person, actor.name, body.confirm)
    accounts.requests.forget_answers()
    return answer(done)


@router.get("/people/{person}", response_model=shape(PersonDetail), responses=READING)
def show_person(person: Id, actor: Viewer, store: OpenStore) -> Response:
    """One person."""
    found = store.person(person)
    if found is None:
        raise NotFound(f"there is no person {person}", "GET /api/v1/people")
    return answer(PersonDetail(found, tuple(store.cases_of_person(person))))
