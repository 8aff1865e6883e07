"""What goes wrong, told in the form that was asked for: a page to people, problem+json to programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from listener.errors import ListenerError
from listener.store.users import Role
from listener.web.cookies import login_address
from listener.web.phrases import phrase
from listener.web.refusals import NotSignedIn, retry_after, status_of
from listener.web.rendering import page

log = structlog.get_logger(__name__)

API = "/api/"
PROBLEM = "application/problem+json"
LONGEST_VALUE = 200  # of a wrong value that is shown again


def add_failures(app: FastAPI) -> None:
    """Let an application answer every error in its form, unforeseen ones too."""
    app.add_exception_handler(ListenerError, _on_listener_error)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_unfit)


class Unforeseen:
    """Turns what nobody foresaw into a 500 that says nothing of the inside; the log has it all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        begun = False

        async def noting(message: Any) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ListenerError as error:
            # From a middleware: it never came to the application's own handlers.
            if begun or scope["type"] != "http":
                raise
            await _on_listener_error(Request(scope), error)(scope, receive, send)
        except Exception:
            log.exception("a request failed", path=scope.get("path"))
            if begun or scope["type"] != "http":
                raise
            answer = tell(
                Request(scope), 500, phrase("something went wrong here; the log says what")
            )
            await answer(scope, receive, send)


def tell(
    request: Request,
    status: int,
    what: str,
    hint: str = "",
    *,
    wrong: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer that says what is wrong, and what to do; `wrong` lists fields with their values."""
    if request.url.path.startswith(API):
        body: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": sound(what),
        }
        if hint:
            body["hint"] = sound(hint)
        if wrong:
            body["errors"] = wrong
        answer = Response(orjson.dumps(body), status, media_type=PROBLEM)
    else:
        actor = getattr(request.state, "actor", None)
        values = {
            "status": status,
            "what": what,
            # What to type into a terminal helps nobody who looks at a page.
            "hint": "" if hint.startswith("listener ") else hint,
            "fragment": is_fragment(request),
            "may_lead": actor is not None and actor.may(Role.LEAD),
        }
        answer = page(request, "error.html", values, status)
    answer.headers.update(headers or {})
    return answer


def is_fragment(request: Request) -> bool:
    """Whether htmx asks for a part of a page."""
    return "hx-request" in request.headers


def _on_listener_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ListenerError)
    if isinstance(error, NotSignedIn) and not request.url.path.startswith(API):
        if is_fragment(request):
            return Response(status_code=401, headers={"hx-redirect": "/login"})
        return RedirectResponse(login_address(request), 303)
    status = status_of(error)
    headers = {}
    if wait := retry_after(error):
        headers["retry-after"] = str(wait)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    if status >= 500:
        log.error("a request could not be served", path=request.url.path, why=str(error))
    field = getattr(error, "field", "")
    wrong = [{"field": field, "message": sound(str(error))}] if field else []
    return tell(request, status, str(error), error.hint, wrong=wrong, headers=headers)


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    what = {
        404: phrase("there is nothing at this address"),
        405: phrase("that cannot be done at this address"),
    }
    return tell(
        request,
        error.status_code,
        what.get(error.status_code, str(error.detail)),
        headers=error.headers,
    )


def _on_unfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [
        {
            "field": sound(".".join(map(str, one["loc"])))[:LONGEST_VALUE],
            "message": sound(str(one["msg"]))[:LONGEST_VALUE],
            "value": _shown(one.get("input")),
        }
        for one in error.errors()[:20]
    ]
    first = wrong[0] if wrong else {"field": "", "message": "", "value": ""}
    what = f"{first['field']}: {first['message']}; it was {first['value']}"
    if not request.url.path.startswith(API):
        name = first["field"].rpartition(".")[2]
        what = phrase("%(name)s cannot be %(value)s here", name=name, value=first["value"])
    return tell(request, 422, what, wrong=wrong)


def sound(text: str) -> str:
    """The text with lone surrogates replaced: no UTF-8 can hold them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _shown(value: object) -> str:
    shown = sound(repr(value))
    return shown if len(shown) <= LONGEST_VALUE else f"{shown[:LONGEST_VALUE]}…"
