"""The store and the desk for one request: borrowed before the handler runs, given back after it.

    @router.post("/cases/{case}/claim")
    def claim(case: int, actor: Agent, desk: OpenDesk) -> …:
        desk.cases.claim(case, actor.name)

Handlers are plain functions: they run in threads, each with a store of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request

from listener.desk import Desk
from listener.store.accounts import Accounts
from listener.store.protocol import Store
from listener.web.live import Known
from listener.web.parts import Parts, parts_of


def _store(request: Request) -> Iterator[Store]:
    with parts_of(request).stores.lend() as store:
        if "hx-request" not in request.headers and not request.url.path.startswith("/api/"):
            # Before anything is read: whatever comes after it the page will be told.
            request.state.known = Known(store.latest_move(), store.newest_case())
        yield store


def _accounts(request: Request) -> Iterator[Accounts]:
    with parts_of(request).accounts.lend() as accounts:
        yield accounts


OpenStore = Annotated[Store, Depends(_store)]
OpenAccounts = Annotated[Accounts, Depends(_accounts)]
OurParts = Annotated[Parts, Depends(parts_of)]


def _desk(store: OpenStore, parts: OurParts) -> Desk:
    return Desk(store, parts.config, parts.now)


OpenDesk = Annotated[Desk, Depends(_desk)]
