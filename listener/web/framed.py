"""A page of the desk in its frame: with how listening goes, what was just done, and who may what."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import HTMLResponse

from listener.store.protocol import Store
from listener.store.users import Role
from listener.web.actor import Actor
from listener.web.parts import parts_of
from listener.web.rendering import page
from listener.web.views.pulse import pulse
from listener.web.views.toast import toast


def framed(
    request: Request,
    actor: Actor,
    store: Store,
    template: str,
    values: Mapping[str, object],
    *,
    status: int = 200,
    back: str = "",
) -> HTMLResponse:
    """Answer with a page of the desk. `back` is where an undo leads; the page itself without it."""
    parts = parts_of(request)
    seen = pulse(store, parts.now())
    done = request.query_params.get("done", "") if request.method == "GET" else ""
    shared: dict[str, object] = {
        "pulse": seen,
        "known": getattr(request.state, "known", None),
        "alarms": seen.alarms,
        "toast": toast(store, done, back or request.url.path),
        "may_work": actor.may(Role.AGENT),
        "may_lead": actor.may(Role.LEAD),
        "may_admin": actor.may(Role.ADMIN),
        "may_approve": actor.may(Role.LEAD),
        "approval": parts.config.replies.approval,
        "any_sources": bool(parts.config.sources) or seen.worst != "never",
    }
    return page(request, template, {**shared, **values}, status)
