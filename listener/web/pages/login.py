"""`/login` and `/logout`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from listener.web.actor import actor_of
from listener.web.borrowed import OpenAccounts, OurParts
from listener.web.cookies import own_path, sign_in, sign_out
from listener.web.phrases import phrase
from listener.web.refusals import TooMany
from listener.web.rendering import page

router = APIRouter(include_in_schema=False)

WRONG = phrase("this name and this password do not belong together")


@router.get("/login")
def show(request: Request, parts: OurParts, next: str = "/") -> Response:
    """Ask for name and password; who is signed in already goes on."""
    if actor_of(request) is not None:
        return RedirectResponse(own_path(next), 303)
    values = {"next": own_path(next), "name": "", "wrong": "", "oidc": parts.oidc_name}
    return page(request, "login.html", values)


@router.post("/login")
def enter(
    request: Request,
    accounts: OpenAccounts,
    parts: OurParts,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Sign in. The same words and the same time for a wrong password and an unknown name."""
    address = request.client.host if request.client else ""
    try:
        user = parts.passwords.check(accounts, name, password, address, parts.now())
    except TooMany as error:
        wrong, status = str(error), error.status
        headers = {"retry-after": str(error.after)}
    else:
        if user is not None:
            return sign_in(request, accounts, user, next)
        wrong, status, headers = WRONG, 401, {}
    values = {"next": own_path(next), "name": name, "wrong": wrong, "oidc": parts.oidc_name}
    answer = page(request, "login.html", values, status)
    answer.headers.update(headers)
    return answer


@router.post("/logout")
def leave(request: Request, accounts: OpenAccounts) -> Response:
    """Sign out; for somebody who is not signed in it changes nothing."""
    return sign_out(request, accounts)
