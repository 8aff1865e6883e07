"""Whether it runs and whether it can read the store: for monitors, who are not signed in.

What is public says little: no source's name, no text, no count.
"""

from __future__ import annotations

import orjson
from fastapi import APIRouter
from fastapi.responses import Response

from listener.errors import StoreError
from listener.health import report
from listener.store import open_store
from listener.unasked import unasked
from listener.web.borrowed import OurParts

router = APIRouter()


@router.get("/healthz", include_in_schema=False)
def alive() -> Response:
    """The process answers."""
    return _json({"ok": True})


@router.get("/readyz", include_in_schema=False)
def ready(parts: OurParts) -> Response:
    """The store can be read, how many sources are blind, and how many nobody asks any more; 503
    when it cannot be read.
    """
    try:
        # Not a store that is open already: the file may have been moved away under it.
        with open_store(parts.config.store) as store:
            found = report(store, parts.now())
            names = {settings.name for settings in parts.config.sources}
            forgotten = len(list(unasked(store, names, found.at)))
    except StoreError as error:
        return _json({"ok": False, "error": str(error)}, status=503)
    return _json(
        {
            "ok": found.ok and not forgotten,
            "at": found.at,
            "sources": len(found.sources),
            "blind": len(found.blind),
            "unusually_quiet": len(found.quiet),
            "not_asked": forgotten,
            "pending": found.totals.pending,
        }
    )


def _json(value: object, status: int = 200) -> Response:
    written = orjson.dumps(
        value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
    )
    return Response(written, status_code=status, media_type="application/json")
