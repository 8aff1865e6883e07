"""`POST /hooks/{source}`: other programs bring mentions; 202 means that they are stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import orjson
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from listener.config import Config
from listener.errors import StoreError
from listener.stages.collect import Collection, collect
from listener.store import open_store
from listener.web.intake import Delivered, Intake, later, said
from sources.webhook.settings import WebhookSettings
from sources.webhook.source import Received, WebhookSource
from sources.webhook.standard import Refused

log = structlog.get_logger(__name__)


class Hooks:
    """Takes deliveries for the configured sources of type `webhook`.

    One delivery is committed at a time. What is answered with 202 is in the store, and a repeat
    changes nothing; any other answer left nothing behind that a repeat would double.
    """

    def __init__(self, config: Config, now: Callable[[], datetime], intake: Intake) -> None:
        """Keys are read with each delivery; a configuration that changes needs a new server."""
        self._store = config.store
        self._now = now
        self._sources = {
            own.name: WebhookSource(own, now)
            for own in config.sources
            if isinstance(own, WebhookSettings)
        }
        self._intake = intake

    def router(self) -> APIRouter:
        """The route, for an application."""
        routes = APIRouter()
        routes.add_api_route("/hooks/{source:path}", self.deliver, methods=["POST"])
        return routes

    async def deliver(self, source: str, request: Request) -> Response:
        """Read, check and commit one delivery.

        202 with what was stored; 404 for a source that is none or no webhook; 413, 408, 400 and 401
        for what cannot be taken in; 503 with `Retry-After` while the store cannot be written.
        """
        own = self._sources.get(source)
        if own is None:
            return said(404, "no source of type webhook has this name")
        try:
            body = await self._intake.body(request)
            headers = dict(request.headers)
            return await self._intake.in_turn(lambda: self._take(own, headers, body))
        except Refused as refused:
            log.warning("delivery refused", source=source, why=str(refused))
            return said(refused.status, str(refused))
        except ClientDisconnect:
            return said(400, "the sender hung up")

    def _take(self, own: WebhookSource, headers: dict[str, str], body: bytes) -> Response:
        try:
            own.keys()
        except ValueError as error:
            # The sender is not at fault and keeps what it has until the key is mended.
            log.error(
                "a webhook has no usable key", source=own.name, setting="secrets", why=str(error)
            )
            return later("this source is not set up")
        received = own.receive(headers, body)
        try:
            with open_store(self._store) as store:
                done = collect(store, Delivered(own.name, received.batch), self._now)
        except StoreError as error:
            log.error("delivery not stored", source=own.name, why=str(error))
            return later("the store cannot be written now")
        if done.error is not None:
            log.error("delivery not stored", source=own.name, why=str(done.error))
            return later("the delivery could not be stored")
        return _stored(received, done)


def _stored(received: Received, done: Collection) -> Response:
    counted = done.counted
    found = {
        "delivery": received.delivery_id,
        "new": counted.new,
        "edited": counted.edited,
        "erased": counted.erased,
        "rejected": list(done.rejected),
    }
    return Response(orjson.dumps(found), status_code=202, media_type="application/json")
