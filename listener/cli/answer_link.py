"""Where a person answers a case in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from listener.app import App
    from sources.protocols import Responder


def answer_link(app: App, case: int) -> str:
    """Where a person answers a case, as its source knows; empty when there is no such place."""
    from listener.errors import DeskError

    file = app.store.case(case)
    try:
        return app.desk.replies.link(case, _responder(app, file.case.source if file else ""))
    except DeskError:
        return ""


def _responder(app: App, source: str) -> Responder | None:
    """The source of that name, if it is still configured and knows how one answers there."""
    from listener.plugins import Services
    from sources.protocols import Responder

    for settings in app.config.sources:
        if settings.name == source:
            built = app.plugins.build(settings, Services(app.now))
            return built if isinstance(built, Responder) else None
    return None
