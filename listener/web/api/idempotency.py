"""`Idempotency-Key`: a program that did not hear our answer asks again, and it is done once."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from fastapi.routing import APIRoute

from listener.store.requests import Answered
from listener.web.actor import Actor, actor_of
from listener.web.csrf import SAFE
from listener.web.parts import Parts, parts_of
from listener.web.refusals import Unfit

HEADER = "idempotency-key"
REPLAYED = "idempotent-replayed"
LONGEST = 200
Handler = Callable[[Request], Awaitable[Response]]


class Idempotent(APIRoute):
    """A route whose writes, when they carry a key, are done once and answered alike every time.

    What was refused changed nothing; it is forgotten, so that it can be tried again.
    """

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Wrap the handler."""
        handler = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None or request.method in SAFE:
                return await handler(request)
            if not 0 < len(key) <= LONGEST or not key.isprintable():
                raise Unfit(f"a key has 1 to {LONGEST} printable characters", HEADER)
            actor = await run_in_threadpool(actor_of, request)
            if actor is None:
                return await handler(request)
            return await _once(request, actor, key, handler)

        return once


async def _once(request: Request, actor: Actor, key: str, handler: Handler) -> Response:
    parts = parts_of(request)
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    fingerprint = hashlib.sha256(asked + await request.body()).hexdigest()
    before = await run_in_threadpool(_begin, parts, actor.id, key, fingerprint)
    if before is not None:
        return Response(before.body, before.status, {REPLAYED: "true"}, "application/json")
    answer: Response | None = None
    try:
        answer = await handler(request)
    finally:
        await run_in_threadpool(_end, parts, actor.id, key, answer)
    return answer


def _begin(parts: Parts, user: int, key: str, fingerprint: str) -> Answered | None:
    with parts.accounts.lend() as accounts:
        return accounts.requests.begin(user, key, fingerprint, parts.now())


def _end(parts: Parts, user: int, key: str, answer: Response | None) -> None:
    with parts.accounts.lend() as accounts:
        if answer is None or answer.status_code >= 400:
            accounts.requests.forget(user, key)
        else:
            accounts.requests.finish(user, key, Answered(answer.status_code, bytes(answer.body)))
