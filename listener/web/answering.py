"""Where a person answers a case in a browser."""

from __future__ import annotations

from listener.desk import Desk
from listener.errors import DeskError
from listener.plugins import Services
from listener.store.rows import CaseRow
from listener.web.parts import Parts
from sources.protocols import Responder


def answer_link(parts: Parts, desk: Desk, case: CaseRow) -> str:
    """Where a person answers a case, as its source knows; empty when there is no such place."""
    try:
        return desk.replies.link(case.id, _responder(parts, case.source))
    except DeskError:
        return ""


def _responder(parts: Parts, source: str) -> Responder | None:
    """The source of that name, if it is still configured and knows how one answers there."""
    for settings in parts.config.sources:
        if settings.name == source:
            built = parts.plugins.build(settings, Services(parts.now))
            return built if isinstance(built, Responder) else None
    return None
