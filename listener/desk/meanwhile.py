"""Whether somebody has worked on a case since a person last looked: told before they overwrite it."""

from __future__ import annotations

from listener.errors import Conflict
from listener.store.protocol import Store
from sources.mention import utc


def must_be_seen(store: Store, case: int, seen: int | None, who: str) -> None:
    """Raise Conflict when a case has a move of somebody else that is later than `seen`.

    `seen` is the id of the latest move a person was shown; None asks nothing. Who and what is said.
    """
    if seen is None:
        return
    later = [
        row
        for row in store.history(case, 20)
        if row.id > seen and row.actor != who and row.undone_by is None
    ]
    if later:
        last = later[0]
        raise Conflict(
            f"{last.actor} made the move “{last.action}” on case {case} at {utc(last.at)}, "
            "after you looked; nothing was done",
            f"listener queue show {case}",
        )
