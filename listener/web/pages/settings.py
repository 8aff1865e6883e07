"""`/settings`: what is listened for and promised, who works here, with which keys, and who did what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from listener.checkup import check_sources
from listener.errors import NotFound
from listener.plugins import Services, load_plugins
from listener.store.protocol import Store
from listener.store.users import Role, Scope
from listener.web.actor import Actor, Admin, Lead, Viewer
from listener.web.audit import note
from listener.web.borrowed import OpenAccounts, OpenStore, OurParts
from listener.web.framed import framed
from listener.web.moving import Field
from listener.web.pages.queue import LARGEST
from listener.web.refusals import NotAllowed
from listener.web.views.case import line
from listener.web.views.settings import source_lines

router = APIRouter(include_in_schema=False)

SHOWN_MOVES = 200
LOOKED_AT = 5_000  # moves among which some are looked for
Number = Annotated[int, Path(ge=1, le=LARGEST)]
Short = Annotated[str, Query(max_length=200)]


@router.get("/settings")
def home(actor: Viewer) -> Response:
    """The first section."""
    return RedirectResponse("/settings/brands", 303)


@router.get("/settings/sources")
def sources(request: Request, actor: Viewer, store: OpenStore, parts: OurParts) -> Response:
    """The sources, how they are, and what they could not see."""
    found = source_lines(store, parts.config, parts.now())
    return section_page(request, actor, store, "sources", {"sources": found, "checked": None})


@router.post("/settings/sources/check")
def check(
    request: Request, actor: Lead, store: OpenStore, parts: OurParts, source: Field
) -> Response:
    """Try one source now, without keeping anything."""
    checked = next(check_sources(parts.config, load_plugins(), Services(parts.now), [source]))
    found = source_lines(store, parts.config, parts.now())
    return section_page(request, actor, store, "sources", {"sources": found, "checked": checked})


@router.get("/settings/people")
def people(request: Request, actor: Admin, store: OpenStore, accounts: OpenAccounts) -> Response:
    """Everybody with an account."""
    return section_page(request, actor, store, "people", {"users": accounts.users(), "link": ""})


@router.post("/settings/people/invite")
def invite(
    request: Request,
    actor: Admin,
    store: OpenStore,
    accounts: OpenAccounts,
    parts: OurParts,
    role: Annotated[Role, Form()],
) -> Response:
    """Make a one-time link for a new colleague; it is shown once."""
    key = accounts.invitations.invite(role, parts.now())
    note(parts, actor.name, "invite", actor.id, f"a new {role}")
    link = f"{request.base_url}invitation/{key}"
    return section_page(request, actor, store, "people", {"users": accounts.users(), "link": link})


@router.post("/settings/people/disable")
def disable(actor: Admin, accounts: OpenAccounts, parts: OurParts, name: Field) -> Response:
    """Shut somebody out, at once and with all their sessions and keys."""
    if name == actor.name:
        raise NotAllowed("you cannot shut yourself out; another admin can")
    user = accounts.disable_user(name, parts.now())
    accounts.sessions.end_all(user.name, parts.now())
    note(parts, actor.name, "disable", user.id, user.name)
    return RedirectResponse("/settings/people", 303)


@router.post("/settings/people/role")
def change_role(
    actor: Admin,
    accounts: OpenAccounts,
    parts: OurParts,
    name: Field,
    role: Annotated[Role, Form()],
) -> Response:
    """Give somebody another role, from their next request on."""
    if name == actor.name:
        raise NotAllowed("you cannot change your own role; another admin can")
    user = accounts.set_role(name, role)
    note(parts, actor.name, "set role", user.id, f"{user.name}: {user.role}")
    return RedirectResponse("/settings/people", 303)


@router.post("/settings/people/sign-out")
def sign_out(actor: Admin, accounts: OpenAccounts, parts: OurParts, name: Field) -> Response:
    """End all sessions of somebody; they may come in again."""
    user = next((one for one in accounts.users() if one.name == name), None)
    if user is None:
        raise NotFound(f"there is no user {name!r}")
    accounts.sessions.end_all(user.name, parts.now())
    note(parts, actor.name, "sign out", user.id, user.name)
    return RedirectResponse("/settings/people", 303)


@router.get("/settings/keys")
def keys(
    request: Request, actor: Viewer, store: OpenStore, accounts: OpenAccounts, parts: OurParts
) -> Response:
    """The person's own keys for programs, and where they are signed in."""
    return _keys(request, actor, store, accounts, parts)


@router.post("/settings/keys/create")
def create_key(
    request: Request,
    actor: Viewer,
    store: OpenStore,
    accounts: OpenAccounts,
    parts: OurParts,
    name: Annotated[str, Form(max_length=100)],
    scope: Annotated[Scope, Form()] = Scope.READ,
) -> Response:
    """Make a key; it is shown once."""
    if scope is Scope.ADMIN and not actor.may(Role.ADMIN):
        raise NotAllowed("only an admin makes a key that may do what admins may")
    token, key = accounts.create_token(actor.name, name.strip() or "unnamed", [scope], parts.now())
    note(parts, actor.name, "create token", actor.id, f"{token.id}: {token.name}")
    return _keys(request, actor, store, accounts, parts, key)


@router.post("/settings/keys/{token}/revoke")
def revoke_key(actor: Viewer, accounts: OpenAccounts, parts: OurParts, token: Number) -> Response:
    """End a key for good; one's own, or anybody's for an admin."""
    known = {one.id: one for one in accounts.tokens()}
    found = known.get(token)
    if found is None or (found.user != actor.name and not actor.may(Role.ADMIN)):
        raise NotFound(f"you have no key {token}")
    accounts.revoke_token(token, parts.now())
    note(parts, actor.name, "revoke token", actor.id, f"{token}: {found.name}")
    return RedirectResponse("/settings/keys", 303)


@router.post("/settings/sessions/end")
def end_sessions(actor: Viewer, accounts: OpenAccounts, parts: OurParts) -> Response:
    """End all other sessions of the person."""
    accounts.sessions.end_all(actor.name, parts.now(), but=actor.session)
    return RedirectResponse("/settings/keys", 303)


@router.get("/settings/audit")
def audit(
    request: Request,
    actor: Lead,
    store: OpenStore,
    parts: OurParts,
    who: Short = "",
    did: Short = "",
    all: bool = False,
) -> Response:
    """Who did what, the latest first; `who` and `did` narrow it, `all` shows the machine's too."""
    rows = [
        row
        for row in store.history(None, LOOKED_AT if who or did else SHOWN_MOVES, by_people=not all)
        if who in ("", row.actor) and did in ("", row.action)
    ][:SHOWN_MOVES]
    found = [(line(row, parts.now()), row.entity, row.entity_id, row.case) for row in rows]
    values = {"rows": found, "who": who, "did": did, "all": all, "looked_at": LOOKED_AT}
    return section_page(request, actor, store, "audit", values)


def _keys(
    request: Request,
    actor: Actor,
    store: Store,
    accounts: OpenAccounts,
    parts: OurParts,
    key: str = "",
) -> Response:
    mine = [
        token
        for token in accounts.tokens()
        if not token.revoked and (token.user == actor.name or actor.may(Role.ADMIN))
    ]
    sessions = accounts.sessions.of(actor.name, parts.now())
    values = {"tokens": mine, "key": key, "sessions": sessions, "scopes": list(Scope)}
    return section_page(request, actor, store, "keys", values)


def section_page(
    request: Request, actor: Actor, store: Store, section: str, values: Mapping[str, object]
) -> Response:
    """The page of one section."""
    return framed(
        request, actor, store, "settings.html", {"section": section, "wrong": "", **values}
    )
