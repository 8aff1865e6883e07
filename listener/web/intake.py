"""What strangers send: read no further than it may be long, then worked on one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from sources.protocols import Batch, Check
from sources.webhook.source import KIND, LARGEST_BODY
from sources.webhook.standard import Refused

SECONDS_TO_SEND = 30.0  # a sender has so long for its body
MOST_WAITING = 32  # deliveries that wait for the store; a body of 5 MiB each
RETRY_AFTER = {"retry-after": "30"}  # seconds


@dataclass(slots=True)
class Delivered:
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


class Intake:
    """Where deliveries come in. One server has one, so that its bounds hold for all routes."""

    def __init__(self) -> None:
        # One at a time, so that waiting for the store never takes the threads of other requests.
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def body(self, request: Request) -> bytes:
        """The body. Raises Refused (408, 413) and starlette's ClientDisconnect."""
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
            why = f"the body took longer than {SECONDS_TO_SEND:g} seconds"
            raise Refused(why, 408) from None
        return bytes(body)

    async def in_turn(self, work: Callable[[], Response]) -> Response:
        """Do the work in a thread when it is its turn; 503 when too many wait."""
        if self._waiting >= MOST_WAITING:
            return later("too many deliveries are waiting")
        self._waiting += 1
        try:
            async with self._turn:
                return await run_in_threadpool(work)
        finally:
            self._waiting -= 1


def said(status: int, why: str, headers: dict[str, str] | None = None) -> Response:
    """An answer that says what is wrong."""
    # What is left of a body that was not read to its end must not be read as the next request.
    closing = {"connection": "close"} if status in (408, 413) else {}
    return Response(
        orjson.dumps({"error": why}),
        status_code=status,
        media_type="application/json",
        headers={**closing, **(headers or {})},
    )


def later(why: str) -> Response:
    """An answer that asks the sender to keep what it has and to send it again."""
    return said(503, why, RETRY_AFTER)


def _too_large() -> Refused:
    return Refused(f"the body is larger than {LARGEST_BODY:,} bytes", 413)
