"""`/api/v1/openapi.json`: the API described, as committed in docs/openapi.json."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response

from listener.web.api.problems import SCHEMA
from listener.web.api.shapes import answer

VERSION = "1"
ABOUT = """What the desk in the browser and the command line can do, for programs.

Send a token: `Authorization: Bearer lst_…` (`listener token create NAME --user USER --scope write`).
Lists answer `items` and `next`; pass `next` as `cursor` for the page after. A write that carries an
`Idempotency-Key` is done once, however often it is sent within a day. Errors are RFC 9457 problems.
"""
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key again within a day: the same answer, and nothing is done twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}
METHODS = ("get", "post", "put", "patch", "delete")

router = APIRouter()


@router.get("/api/v1/openapi.json", include_in_schema=False)
def show(request: Request) -> Response:
    """The description, for everybody: it holds nobody's data."""
    return answer(describe(request.app))


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description of an application's API."""
    found = get_openapi(
        title="Complaint listener",
        version=VERSION,
        description=ABOUT,
        routes=app.routes,
    )
    parts = found.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = SCHEMA
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    found["security"] = [{"token": []}]
    for path in found["paths"].values():
        for method in METHODS:
            if method in path and method != "get":
                path[method].setdefault("parameters", []).append(KEY)
    return found
