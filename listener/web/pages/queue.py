"""`/queue`: the list of cases, and one of them beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from listener.errors import NotFound
from listener.store.accounts import Accounts
from listener.store.protocol import Store
from listener.store.users import Role
from listener.web.actor import Actor, Viewer
from listener.web.borrowed import OpenAccounts, OpenStore
from listener.web.framed import framed
from listener.web.parts import parts_of
from listener.web.views.case import CasePanel, case_panel
from listener.web.views.queue import ORDER, Asked, queue_list
from listener.web.views.told import Told, told

router = APIRouter(include_in_schema=False)

LARGEST = 2**63 - 1
CaseId = Annotated[int, Path(ge=1, le=LARGEST)]
Short = Annotated[str, Query(max_length=500)]


@router.get("/queue")
def show(
    request: Request,
    actor: Viewer,
    store: OpenStore,
    accounts: OpenAccounts,
    view: Short = "",
    q: Short = "",
    brand: Short = "",
    after: Short = "",
) -> Response:
    """The list alone."""
    return queue_page(request, actor, store, accounts, asked_for(view, q, brand, after))


@router.get("/queue/{case}")
def show_case(
    request: Request,
    actor: Viewer,
    store: OpenStore,
    accounts: OpenAccounts,
    case: CaseId,
    view: Short = "",
    q: Short = "",
    brand: Short = "",
    tab: Short = "",
    macro: Short = "",
    why: Short = "",
) -> Response:
    """The list, and one case open; with `why` what told the judge so."""
    asked = asked_for(view, q, brand)
    return queue_page(
        request, actor, store, accounts, asked, case, tab=tab, macro=macro, why=bool(why)
    )


@router.get("/cases/{case}")
def go(actor: Viewer, case: CaseId) -> Response:
    """A case by its number alone."""
    return RedirectResponse(f"/queue/{case}", 303)


def asked_for(view: str, search: str, brand: str = "", after: str = "") -> Asked:
    """What an address asks for; an unknown view is the first one."""
    return Asked(view if view in ORDER else ORDER[0], " ".join(search.split()), brand, after)


def queue_page(
    request: Request,
    actor: Actor,
    store: Store,
    accounts: Accounts,
    asked: Asked,
    case: int | None = None,
    *,
    tab: str = "",
    macro: str = "",
    why: bool = False,
    kept: str = "",
    wrong: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The page of the queue; `wrong` says why a move was not made, and `kept` is what was typed."""
    parts = parts_of(request)
    now = parts.now()
    present = accounts.presence.everywhere(now)
    looking = {id: tuple(one.who for one in people) for id, people in present.items()}
    found = queue_list(store, asked, actor.name, now, looking)
    panel, judged = None, None
    if case is not None:
        panel, judged = _panel(request, store, actor, case, why=why)
    if panel is not None and macro and not kept:
        kept = next((one.text for one in panel.macros if one.name == macro), "")
    values = {
        "list": found,
        "case": panel,
        "next_case": None if case is None else found.beside(case)[1],
        "colleagues": [] if case is None else _colleagues(accounts),
        "labels": store.label_names(),
        "present": [one for one in present.get(case or 0, ()) if one.who != actor.name],
        "tab": "note" if tab == "note" else "reply",
        "kept": kept,
        "wrong": wrong,
        "why": why,
        "told": judged,
    }
    back = asked.address(case)
    if asked.after:
        values["list"] = replace(found, asked=replace(asked, after=""))
    return framed(request, actor, store, "queue.html", values, status=status, back=back)


def _panel(
    request: Request, store: Store, actor: Actor, case: int, *, why: bool
) -> tuple[CasePanel, Told | None]:
    parts = parts_of(request)
    file = store.case(case)
    if file is None:
        raise NotFound(f"there is no case {case}")
    panel = case_panel(store, parts.config, file, actor.name, parts.now())
    found = parts.explainer.case(file) if why else None
    judged = told(found, panel.reading.version) if found is not None and panel.reading else None
    return panel, judged


def _colleagues(accounts: Accounts) -> list[str]:
    return [
        user.name for user in accounts.users() if not user.disabled and user.role.covers(Role.AGENT)
    ]
