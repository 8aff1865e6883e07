"""What can go wrong with a request, as the API describes it: RFC 9457, with the wrong value in it."""

from __future__ import annotations

from typing import Any

PROBLEM = "application/problem+json"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong; it names the value."},
        "hint": {"type": "string", "description": "What to do next."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "message": {"type": "string"},
                    "value": {"type": "string"},
                },
            },
        },
    },
}
ABOUT = {
    400: "The body is not readable at all.",
    401: "No token, an unknown or a revoked one.",
    403: "The person's role, or the token's scope, does not cover this.",
    404: "There is no such thing.",
    409: "Somebody was faster, or it is done already; nothing was changed. `detail` says who and what.",
    413: "The body is too large.",
    422: "A value does not fit; nothing was changed. `errors` names it.",
    429: "Too many attempts; wait as `Retry-After` says.",
    503: "The store cannot be used now; wait as `Retry-After` says.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The description of answers with these statuses."""
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": ABOUT[status], "content": content} for status in statuses}


READING = problems(401, 403, 404, 422, 503)
WRITING = problems(400, 401, 403, 404, 409, 413, 422, 503)
