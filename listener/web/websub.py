"""`/websub/{token}`: hubs ask whether a subscription is meant, and push what is new in a feed.

The token is known to us and to one hub. What is pushed counts only when it is signed with the secret
of that subscription; it is read like the feed itself and answered with 2xx when it is committed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, Response
from starlette.requests import ClientDisconnect

from listener.config import Config
from listener.errors import StoreError
from listener.stages.bounds import Bounds
from listener.stages.collect import collect
from listener.stages.subscribing import PATH, STEADY, renew_at, wants_pushes
from listener.store import open_store
from listener.store.subscriptions import State, Subscription, open_subscriptions
from listener.web.intake import Delivered, Intake, later, said
from sources.errors import Transient, Unreadable
from sources.feeds.websub import Intent, Mode, is_signed, read_intent
from sources.http.link import host_of
from sources.rss.settings import RssSettings
from sources.webhook.standard import Refused

if TYPE_CHECKING:
    from sources.protocols import Batch

log = structlog.get_logger(__name__)

# A challenge is a stranger's text: it is shown as text, whatever it looks like.
AS_TEXT = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cache-control": "no-store",
}
UNKNOWN = "no subscription is known here"


@dataclass(frozen=True, slots=True)
class _Push:
    """What a hub has sent."""

    body: bytes
    content_type: str
    signature: str


class WebSub:
    """The two routes of hubs, for the feeds of a configuration."""

    def __init__(self, config: Config, now: Callable[[], datetime], intake: Intake) -> None:
        """Subscriptions are looked up with each request: another process may keep them."""
        self._store = config.store
        self._now = now
        self._intake = intake
        self._feeds = {
            one.name: one
            for one in config.sources
            if isinstance(one, RssSettings) and wants_pushes(config, one)
        }

    def router(self) -> APIRouter:
        """The routes, for an application."""
        routes = APIRouter()
        routes.add_api_route(f"{PATH}{{token}}", self.verify, methods=["GET"])
        routes.add_api_route(f"{PATH}{{token}}", self.deliver, methods=["POST"])
        return routes

    def verify(self, token: str, request: Request) -> Response:
        """Answer a hub that asks whether we mean it: the challenge when we do, 404 when not.

        `denied` is noted and answered with 200. 503 while the subscriptions cannot be written.
        """
        intent = read_intent(request.scope["query_string"].decode("latin-1"))
        try:
            known = self._find(token)
            if known is None or intent is None or intent.topic != known.offer.topic:
                return said(404, UNKNOWN)
            return self._settle(known, intent)
        except StoreError as error:
            log.error("a hub's question not answered", why=str(error))
            return later("the subscriptions cannot be written now")

    async def deliver(self, token: str, request: Request) -> Response:
        """Take in what a hub pushes.

        2xx when it is committed, and also when it is not signed as it should be, and then nothing
        is: the standard asks for no other sign. 404 for an unknown token, 410 for a subscription
        that is being ended, 413 and 408 for a body that is too large or too slow, 503 with
        `Retry-After` while the store cannot be written.
        """
        try:
            known = await run_in_threadpool(self._find, token)
            if known is None:
                return said(404, UNKNOWN)
            if known.state is State.LEAVING or known.source not in self._feeds:
                return said(410, "this subscription has been ended")
            given = request.headers
            push = _Push(
                await self._intake.body(request),
                given.get("content-type", ""),
                given.get("x-hub-signature", ""),
            )
            return await self._intake.in_turn(lambda: self._take(known, push))
        except Refused as refused:
            return said(refused.status, str(refused))
        except ClientDisconnect:
            return said(400, "the sender hung up")
        except StoreError as error:
            log.error("push not stored", why=str(error))
            return later("the store cannot be written now")

    def _find(self, token: str) -> Subscription | None:
        with open_subscriptions(self._store) as kept:
            return kept.by_token(token)

    def _settle(self, known: Subscription, intent: Intent) -> Response:
        at = self._now()
        hub = host_of(known.offer.hub)
        leaving = known.state is State.LEAVING
        wanted = not leaving and known.source in self._feeds
        if (leaving if intent.mode is Mode.UNSUBSCRIBE else wanted) is False:
            return said(404, UNKNOWN)
        with open_subscriptions(self._store) as kept:
            if leaving:
                kept.drop(known.token)
            elif intent.mode is Mode.SUBSCRIBE:
                kept.verified(known.token, at, at + intent.lease, renew_at(at, intent.lease))
            else:
                why = intent.reason or "it gave no reason"
                kept.denied(known.token, f"{hub} denies the subscription: {why}", at, at + STEADY)
        log.info("hub settled a subscription", source=known.source, hub=hub, mode=intent.mode.value)
        return PlainTextResponse(intent.challenge, headers=AS_TEXT)

    def _take(self, known: Subscription, push: _Push) -> Response:
        if not is_signed(push.body, push.signature, known.secret):
            log.warning(
                "a push that is not signed with our secret was ignored", source=known.source
            )
            with open_subscriptions(self._store) as kept:
                kept.ignored(known.token)
            return _taken()
        note = ""
        try:
            batch = self._read(known, push)
        except (Transient, Unreadable) as error:
            note = f"what was pushed could not be read: {error}"
            log.warning("push not read", source=known.source, why=str(error))
        else:
            refusal = self._commit(known, batch)
            if refusal is not None:
                return refusal
        with open_subscriptions(self._store) as kept:
            kept.pushed(known.token, self._now(), note)
        return _taken()

    def _read(self, known: Subscription, push: _Push) -> Batch:
        # Imported late: a server without such feeds needs no reader of them.
        from sources.rss.source import RssSource

        source = RssSource(self._feeds[known.source], self._now)
        batch = source.pushed(push.body, push.content_type, known.offer.found_at)
        by = f"pushed by {host_of(known.offer.hub)}"
        return replace(batch, note=f"{by}; {batch.note}" if batch.note else by)

    def _commit(self, known: Subscription, batch: Batch) -> Response | None:
        """Store what was pushed; an answer only when it could not be.

        How the source is, its asking shows: a push says nothing of that, so health stays as it is.
        """
        settings = self._feeds[known.source]
        bounds = Bounds(settings.budget.posts_per_day)
        with open_store(self._store) as store:
            delivered = Delivered(known.source, batch, RssSettings.model_fields["type"].default)
            done = collect(store, delivered, self._now, watched=False, bounds=bounds)
        if done.error is None:
            return None
        log.error("push not stored", source=known.source, why=str(done.error))
        return later("the push could not be stored")


def _taken() -> Response:
    return Response(status_code=202)
