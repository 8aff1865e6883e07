"""Drafts, replies and notes."""

from __future__ import annotations

import sqlite3

from listener.errors import NotFound
from listener.store.rows import HistoryRow, ReplyRow
from listener.store.sqlite.database import Database
from listener.store.sqlite.journal import Entry, write
from listener.store.sqlite.moments import moment, stamp, storable


class Replies:
    """The verbs of replies."""

    _db: Database

    def add_reply(self, reply: ReplyRow, actor: str) -> HistoryRow:
        """Keep a draft or note (its `id` is ignored) with a history row.

        The row's entity is the reply and its action the reply's kind. Raises NotFound without a case.
        """
        with self._db.writing() as conn:
            if not conn.execute("SELECT 1 FROM cases WHERE id = ?", (reply.case,)).fetchone():
                raise NotFound(f"there is no case {reply.case}", "listener queue list")
            id = conn.execute(
                "INSERT INTO replies (case_id, kind, text, state, author, at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    reply.case,
                    reply.kind,
                    storable(reply.text),
                    reply.state,
                    storable(reply.author),
                    stamp(reply.at),
                ),
            ).lastrowid
            assert id is not None
            return write(
                conn,
                Entry(
                    at=reply.at,
                    actor=actor,
                    action=reply.kind,
                    entity="reply",
                    entity_id=id,
                    case=reply.case,
                    before={"state": None},
                    after={"state": reply.state},
                ),
            )

    def replies(self, case: int) -> list[ReplyRow]:
        """Drafts, replies and notes of a case in order."""
        with self._db.reading() as conn:
            return replies_of(conn, case)


def replies_of(conn: sqlite3.Connection, case: int) -> list[ReplyRow]:
    """Drafts, replies and notes of a case in order."""
    return [
        ReplyRow(id, of, kind, text, state, author, moment(at))
        for id, of, kind, text, state, author, at in conn.execute(
            "SELECT id, case_id, kind, text, state, author, at FROM replies"
            " WHERE case_id = ? ORDER BY id",
            (case,),
        )
    ]
