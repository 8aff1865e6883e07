"""Server-sent events: how what happens is written for pages that listen."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from listener.store.presence import Present
from listener.store.rows import HistoryRow

BEAT = b"event: beat\ndata: {}\n\n"  # nothing happens, and the line is alive


def event(name: str, value: object, id: int | None = None) -> bytes:
    """One event: its data is one line of JSON, so no text of a post can end it or begin another."""
    head = f"id: {id}\n" if id is not None else ""
    data = orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()
    return f"{head}event: {name}\ndata: {data}\n\n".encode()


def move_event(row: HistoryRow) -> bytes:
    """One move, as pages hear of it: no text of a post or a reply is in it."""
    told = {
        "id": row.id,
        "at": row.at,
        "actor": row.actor,
        "action": row.action,
        "entity": row.entity,
        "entity_id": row.entity_id,
        "case": row.case,
        "undoes": row.undoes,
    }
    return event("move", told, row.id)


def presence_event(case: int, people: tuple[Present, ...]) -> bytes:
    """Who is at one case now."""
    return event("presence", {"case": case, "people": _told(people)})


def people_event(present: Mapping[int, tuple[Present, ...]]) -> bytes:
    """Who is at which case now; nobody is at a case that is not named."""
    return event("people", {str(case): _told(people) for case, people in sorted(present.items())})


def _told(people: tuple[Present, ...]) -> list[dict[str, str]]:
    return [{"who": one.who, "doing": one.doing} for one in people]
