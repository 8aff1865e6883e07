"""Where a person answers a case in a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from listener.config import Config
from listener.desk import Desk
from listener.errors import DeskError
from listener.plugins import Plugins, Services
from listener.store.rows import CaseRow
from sources.protocols import Responder


def answer_link(
    desk: Desk, case: CaseRow, config: Config, plugins: Plugins, now: Callable[[], datetime]
) -> str:
    """Where a person answers a case, as its source knows; empty when there is no such place.

    A source that is configured no more is not asked: the address of the post serves then.
    """
    try:
        return desk.replies.link(case.id, _responder(case.source, config, plugins, now))
    except DeskError:
        return ""


def _responder(
    source: str, config: Config, plugins: Plugins, now: Callable[[], datetime]
) -> Responder | None:
    for settings in config.sources:
        if settings.name == source:
            built = plugins.build(settings, Services(now))
            return built if isinstance(built, Responder) else None
    return None
