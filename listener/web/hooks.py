"""`POST /hooks/{source}`: other programs bring mentions; 202 means that they are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson
import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from listener.config import Config
from listener.errors import StoreError
from listener.stages.collect import Collection, collect
from listener.store import open_store
from sources.protocols import Batch, Check
from sources.webhook.settings import WebhookSettings
from sources.webhook.source import KIND, LARGEST_BODY, Received, WebhookSource
from sources.webhook.standard import Refused

log = structlog.get_logger(__name__)

SECONDS_TO_SEND = 30.0  # a sender has so long for its body
MOST_WAITING = 32  # deliveries that wait for the store; a body of 5 MiB each
RETRY_AFTER = {"retry-after": "30"}  # seconds


@dataclass(slots=True)
class _Delivered:
    """One delivery as a source, so that it is committed the way every page of a source is."""

    name: str
    batch: Batch
    kind: str = KIND

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield the delivery."""
        yield self.batch

    def check(self) -> Check:
        """It is here."""
        return Check(True, "delivered")


class Hooks:
    """Takes deliveries for the configured sources of type `webhook`.

    One delivery is committed at a time. What is answered with 202 is in the store, and a repeat
    changes nothing; any other answer left nothing behind that a repeat would double.
    """

    def __init__(self, config: Config, now: Callable[[], datetime]) -> None:
        """Keys are read with each delivery; a configuration that changes needs a new server."""
        self._store = config.store
        self._now = now
        self._sources = {
            own.name: WebhookSource(own, now)
            for own in config.sources
            if isinstance(own, WebhookSettings)
        }
        # One at a time, so that waiting for the store never takes the threads of other requests.
        self._turn = asyncio.Lock()
        self._waiting = 0

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
            return _said(404, "no source of type webhook has this name")
        try:
            body = await _body(request)
            return await self._in_turn(own, dict(request.headers), body)
        except Refused as refused:
            log.warning("delivery refused", source=source, why=str(refused))
            return _said(refused.status, str(refused))
        except ClientDisconnect:
            return _said(400, "the sender hung up")

    async def _in_turn(self, own: WebhookSource, headers: dict[str, str], body: bytes) -> Response:
        if self._waiting >= MOST_WAITING:
            return _later("too many deliveries are waiting")
        self._waiting += 1
        try:
            async with self._turn:
                return await run_in_threadpool(self._take, own, headers, body)
        finally:
            self._waiting -= 1

    def _take(self, own: WebhookSource, headers: dict[str, str], body: bytes) -> Response:
        try:
            own.keys()
        except ValueError as error:
            # The sender is not at fault and keeps what it has until the key is mended.
            log.error(
                "a webhook has no usable key", source=own.name, setting="secrets", why=str(error)
            )
            return _later("this source is not set up")
        received = own.receive(headers, body)
        try:
            with open_store(self._store) as store:
                done = collect(store, _Delivered(own.name, received.batch), self._now)
        except StoreError as error:
            log.error("delivery not stored", source=own.name, why=str(error))
            return _later("the store cannot be written now")
        if done.error is not None:
            log.error("delivery not stored", source=own.name, why=str(done.error))
            return _later("the delivery could not be stored")
        return _stored(received, done)


async def _body(request: Request) -> bytes:
    """The body, read no further than it may be long. Raises Refused and ClientDisconnect."""
    promised = request.headers.get("content-length", "")
    if promised.isascii() and promised.isdecimal() and int(promised[:20]) > LARGEST_BODY:
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS_TO_SEND):
            async for piece in request.stream():
                body += piece
                if len(body) > LARGEST_BODY:
                    raise _too_large()
    except TimeoutError:
        raise Refused(f"the body took longer than {SECONDS_TO_SEND:g} seconds", 408) from None
    return bytes(body)


def _too_large() -> Refused:
    return Refused(f"the body is larger than {LARGEST_BODY:,} bytes", 413)


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


def _said(status: int, why: str, headers: dict[str, str] | None = None) -> Response:
    # What is left of a body that was not read to its end must not be read as the next request.
    closing = {"connection": "close"} if status in (408, 413) else {}
    return Response(
        orjson.dumps({"error": why}),
        status_code=status,
        media_type="application/json",
        headers={**closing, **(headers or {})},
    )


def _later(why: str) -> Response:
    return _said(503, why, RETRY_AFTER)
