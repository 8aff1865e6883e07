"""The pages: how everything is, as JSON, for monitors and people alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import orjson
from fastapi import FastAPI
from fastapi.responses import Response

from listener.config import Config
from listener.errors import StoreError
from listener.health import plain, report
from listener.store import open_store
from listener.web.hooks import Hooks
from listener.web.intake import Intake
from listener.web.websub import WebSub


def web(config: Config, now: Callable[[], datetime]) -> FastAPI:
    """The application. Every request opens the store for itself, so any number of threads may serve."""
    app = FastAPI(title="Complaint listener", docs_url=None, redoc_url=None, openapi_url=None)
    intake = Intake()
    app.include_router(Hooks(config, now, intake).router())
    if config.web.public_url:
        app.include_router(WebSub(config, now, intake).router())

    @app.get("/healthz")
    def alive() -> Response:
        """The process answers."""
        return _json({"ok": True})

    @app.get("/readyz")
    def ready() -> Response:
        """The store can be read; 503 with the reason when not."""
        return health()

    @app.get("/")
    def health() -> Response:
        """Sources, queue and store; 503 when the store can't be read."""
        try:
            with open_store(config.store) as store:
                found = plain(report(store, now()))
        except StoreError as error:
            return _json({"ok": False, "error": str(error)}, status=503)
        return _json(found)

    return app


def _json(value: object, status: int = 200) -> Response:
    written = orjson.dumps(
        value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
    )
    return Response(written, status_code=status, media_type="application/json")
