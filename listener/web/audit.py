"""What people do beside the queue, written into the same history: who joined, who was shut out."""

from __future__ import annotations

from listener.store.rows import HistoryRow, Move
from listener.web.parts import Parts


def note(parts: Parts, actor: str, action: str, user: int, text: str = "") -> HistoryRow | None:
    """Write one line about a person of the desk into the history."""
    with parts.stores.lend() as store:
        return store.move(Move(actor, action, "user", user, {}, {}, parts.now(), text))
