"""`/invitation/{key}`: a one-time link with which a person makes an account, the first one too."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from listener.errors import DeskError
from listener.store.accounts import SHORTEST, Accounts
from listener.store.users import Role, User
from listener.web.audit import note
from listener.web.borrowed import OpenAccounts, OurParts
from listener.web.cookies import sign_in
from listener.web.failures import tell
from listener.web.parts import Parts
from listener.web.rendering import page

router = APIRouter(include_in_schema=False)

OVER = "this link was used already, or it has expired"
AGAIN = "start the listener again for a new one, or: listener user add NAME --role admin"


@router.get("/invitation/{key}")
def show(request: Request, key: str, accounts: OpenAccounts, parts: OurParts) -> Response:
    """Ask for a name and a password; 410 when the link is over. Looking uses nothing up."""
    role = accounts.invitations.open(key, parts.now())
    if role is None:
        return tell(request, 410, OVER, AGAIN)
    return _form(request, key, role)


@router.post("/invitation/{key}")
def accept(
    request: Request,
    key: str,
    accounts: OpenAccounts,
    parts: OurParts,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Make the account and sign in; exactly one of several at once does."""
    role = accounts.invitations.use(key, parts.now())
    if role is None:
        return tell(request, 410, OVER, AGAIN)
    try:
        user = _make(accounts, parts, name, role, password)
    except DeskError as error:
        accounts.invitations.give_back(key)
        return _form(request, key, role, name, str(error))
    except BaseException:
        accounts.invitations.give_back(key)
        raise
    note(parts, user.name, "join", user.id, f"as {user.role}, by a link")
    return sign_in(request, accounts, user)


def _make(accounts: Accounts, parts: Parts, name: str, role: Role, password: str) -> User:
    with parts.passwords.hashing():
        return accounts.add_user(name, role, password, parts.now())


def _form(request: Request, key: str, role: Role, name: str = "", wrong: str = "") -> Response:
    values = {"key": key, "role": role.value, "name": name, "wrong": wrong, "shortest": SHORTEST}
    return page(request, "invitation.html", values, 422 if wrong else 200)
