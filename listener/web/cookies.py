"""The session cookie: given when somebody signs in, taken when they leave."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from listener.store.accounts import Accounts
from listener.store.sessions import LONGEST
from listener.store.users import User
from listener.web.actor import COOKIE, SECURE_COOKIE, session_key
from listener.web.parts import parts_of

HOME = "/"


def sign_in(request: Request, accounts: Accounts, user: User, to: str = HOME) -> Response:
    """Open a session and send the browser on; a session it had is ended: no key is used twice."""
    at = parts_of(request).now()
    _end(request, accounts)
    _, key = accounts.sessions.open(user.name, request.headers.get("user-agent", ""), at)
    answer = RedirectResponse(own_path(to), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        key,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def sign_out(request: Request, accounts: Accounts) -> Response:
    """End the session and forget it in the browser, with all that it has kept of our pages."""
    _end(request, accounts)
    answer = RedirectResponse("/login", 303)
    secure = request.url.scheme == "https"
    answer.delete_cookie(
        SECURE_COOKIE if secure else COOKIE, path="/", secure=secure, httponly=True, samesite="lax"
    )
    answer.headers["clear-site-data"] = '"cache"'
    return answer


def login_address(request: Request) -> str:
    """Where somebody signs in who wanted to see this page."""
    if request.method != "GET" or request.url.path == HOME:
        return "/login"
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/login?next={quote(request.url.path + query, safe='')}"


def own_path(to: str) -> str:
    """The address, if it is a path of this server; the first page for anything else."""
    plain = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable()
    try:
        parts = urlsplit(to)
    except ValueError:
        return HOME
    return to if plain and not parts.scheme and not parts.netloc and "\\" not in to else HOME


def _end(request: Request, accounts: Accounts) -> None:
    at = parts_of(request).now()
    key = session_key(request)
    found = accounts.sessions.find(key, at) if key else None
    if found is not None:
        accounts.sessions.end(found[1].id, at)
