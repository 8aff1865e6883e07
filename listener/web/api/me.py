"""`/api/v1/me`: who one is, where one is signed in, and one's password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request
from fastapi.responses import Response
from pydantic import Field

from listener.errors import DeskError
from listener.store.accounts import SHORTEST
from listener.store.sessions import Session
from listener.store.users import Role, Scope
from listener.web.actor import Viewer
from listener.web.api.bodies import Body
from listener.web.api.cursors import Id
from listener.web.api.noun import READING, WRITING, noun
from listener.web.api.problems import problems
from listener.web.api.shapes import answer, answer_page, page_of, shape
from listener.web.audit import note
from listener.web.borrowed import OpenAccounts, OurParts

router = noun("me")


@dataclass(frozen=True, slots=True)
class Me:
    """Who asks, and what they may do; `session` or `token` says by what."""

    name: str
    role: Role
    scopes: tuple[Scope, ...]
    session: int
    token: int


class NewPassword(Body):
    """The password as it is and as it shall be."""

    current: Annotated[str, Field(max_length=1000)]
    new: Annotated[str, Field(min_length=SHORTEST, max_length=1000)]


@dataclass(frozen=True, slots=True)
class Ended:
    """How many other sessions were ended."""

    sessions: int


@router.get("/me", response_model=shape(Me), responses=READING)
def show_me(actor: Viewer) -> Response:
    """Who you are here."""
    return answer(Me(actor.name, actor.role, actor.scopes, actor.session, actor.token))


@router.get("/me/sessions", response_model=page_of(Session), responses=READING)
def list_sessions(actor: Viewer, accounts: OpenAccounts, parts: OurParts) -> Response:
    """Where you are signed in, the latest used first."""
    return answer_page(accounts.sessions.of(actor.name, parts.now()), None)


@router.post("/me/sessions/{session}/end", response_model=shape(Session), responses=WRITING)
def end_session(session: Id, actor: Viewer, accounts: OpenAccounts, parts: OurParts) -> Response:
    """Sign out somewhere else."""
    return answer(accounts.sessions.end(session, parts.now(), of=actor.name))


@router.post("/me/password", response_model=shape(Ended), responses={**WRITING, **problems(429)})
def set_password(
    body: NewPassword, request: Request, actor: Viewer, accounts: OpenAccounts, parts: OurParts
) -> Response:
    """Change your password; all your other sessions end."""
    address = request.client.host if request.client else ""
    at = parts.now()
    if parts.passwords.check(accounts, actor.name, body.current, address, at) is None:
        raise DeskError("the current password is another one")
    with parts.passwords.hashing():
        accounts.set_password(actor.name, body.new)
    ended = accounts.sessions.end_all(actor.name, at, but=actor.session)
    note(parts, actor.name, "change password", actor.id)
    return answer(Ended(ended))
