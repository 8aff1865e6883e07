"""`/api/v1/users` and `/invitations`: the people of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Path
from fastapi.responses import Response
from pydantic import Field

from listener.errors import Conflict
from listener.store.accounts import SHORTEST
from listener.store.users import Role, User
from listener.web.actor import Admin, Viewer
from listener.web.api.bodies import Body, Name
from listener.web.api.noun import READING, WRITING, noun
from listener.web.api.shapes import answer, answer_page, page_of, shape
from listener.web.audit import note
from listener.web.borrowed import OpenAccounts, OurParts

router = noun("users")
Who = Annotated[str, Path(min_length=1, max_length=200)]
AnyRole = Annotated[Role, Field(strict=False)]


class NewUser(Body):
    """A person with a password; better invite them, so that only they know it."""

    name: Name
    role: AnyRole
    password: Annotated[str, Field(min_length=SHORTEST, max_length=1000)]


class NewRole(Body):
    """What a person may do from now on."""

    role: AnyRole


class Invite(Body):
    """What the invited person may do."""

    role: AnyRole
    hours: Annotated[int, Field(ge=1, le=24 * 7)] = 24


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time link, shown this once: its path on this server."""

    path: str
    role: Role
    expires_at: datetime


@router.get("/users", response_model=page_of(User), responses=READING)
def list_users(actor: Viewer, accounts: OpenAccounts) -> Response:
    """Everybody of the desk, by name."""
    return answer_page(accounts.users(), None)


@router.post("/users", response_model=shape(User), responses=WRITING)
def add_user(body: NewUser, actor: Admin, accounts: OpenAccounts, parts: OurParts) -> Response:
    """Add a person."""
    with parts.passwords.hashing():
        user = accounts.add_user(body.name, body.role, body.password, parts.now())
    note(parts, actor.name, "add user", user.id, f"{user.name} as {user.role}")
    return answer(user)


@router.post("/users/{name}/role", response_model=shape(User), responses=WRITING)
def set_role(
    name: Who, body: NewRole, actor: Admin, accounts: OpenAccounts, parts: OurParts
) -> Response:
    """Give a person another role, from their next request on."""
    _not_oneself(name, actor.name)
    user = accounts.set_role(name, body.role)
    note(parts, actor.name, "set role", user.id, f"{user.name}: {user.role}")
    return answer(user)


@router.post("/users/{name}/disable", response_model=shape(User), responses=WRITING)
def disable(name: Who, actor: Admin, accounts: OpenAccounts, parts: OurParts) -> Response:
    """Shut a person out at once, with their sessions and tokens; what they did stays theirs."""
    _not_oneself(name, actor.name)
    user = accounts.disable_user(name, parts.now())
    accounts.sessions.end_all(user.name, parts.now())
    note(parts, actor.name, "disable user", user.id, user.name)
    return answer(user)


@router.post("/users/{name}/sign-out", response_model=shape(User), responses=WRITING)
def sign_out(name: Who, actor: Admin, accounts: OpenAccounts, parts: OurParts) -> Response:
    """End all sessions of a person; their tokens stay."""
    accounts.sessions.end_all(name, parts.now())
    user = next(one for one in accounts.users() if one.name.casefold() == name.strip().casefold())
    note(parts, actor.name, "sign out", user.id, user.name)
    return answer(user)


@router.post("/invitations", response_model=shape(Invitation), responses=WRITING)
def invite(body: Invite, actor: Admin, accounts: OpenAccounts, parts: OurParts) -> Response:
    """A one-time link with which somebody makes their own account."""
    at, lasts = parts.now(), timedelta(hours=body.hours)
    key = accounts.invitations.invite(body.role, at, lasts)
    note(parts, actor.name, "invite", actor.id, f"as {body.role}")
    return answer(Invitation(f"/invitation/{key}", body.role, at + lasts))


def _not_oneself(name: str, actor: str) -> None:
    if name.strip().casefold() == actor.casefold():
        raise Conflict("nobody shuts themselves out; ask another admin", "listener user list")
