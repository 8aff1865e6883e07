"""A fixed issue that the same complaint opens again, with the names of those who answered before."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from listener.store.sqlite.journal import Entry, write
from listener.store.sqlite.moments import stamp
from triage.issues import Again, comes_back

_EARLIER = 2_000
_NAMED = 8


def reopen(
    conn: sqlite3.Connection,
    issue: int,
    fixed_at: datetime,
    complaints: Sequence[Again],
    at: datetime,
) -> None:
    """Open a fixed issue again when one of the complaints that joined it says so."""
    earlier = conn.execute(
        "SELECT similarity FROM memberships WHERE issue_id = ? AND created_at <= ? AND nearest > 0"
        " AND duplicate_of = 0 ORDER BY created_at DESC LIMIT ?",
        (issue, stamp(fixed_at), _EARLIER),
    ).fetchall()
    again = comes_back(fixed_at, complaints, [similarity for (similarity,) in earlier])
    if again is None:
        return
    conn.execute("UPDATE issues SET state = 'open', version = version + 1 WHERE id = ?", (issue,))
    said = f"the same complaint came again at {stamp(again.written_at)}, after the fix"
    names = repliers(conn, issue)
    if names:
        said += f"; answered before by {', '.join(names)}"
    entry = Entry(
        at=at,
        actor="listener",
        action="reopen",
        entity="issue",
        entity_id=issue,
        before={"state": "fixed"},
        after={"state": "open"},
        note=said,
    )
    write(conn, entry)


def repliers(conn: sqlite3.Connection, issue: int) -> list[str]:
    """Who has answered people with this issue, the latest first; at most eight."""
    return [
        name
        for (name,) in conn.execute(
            "SELECT r.author FROM cases c JOIN replies r ON r.case_id = c.id"
            " WHERE c.issue_id = ? AND c.issue_id IS NOT NULL AND r.kind = 'reply'"
            " AND r.state <> 'cancelled' GROUP BY r.author ORDER BY max(r.id) DESC LIMIT ?",
            (issue, _NAMED),
        )
    ]
