"""Labels of cases: put on, taken off, taken back, counted."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from listener.errors import NotFound
from listener.store.labels import LabelRow
from listener.store.rows import HistoryRow
from listener.store.sqlite.database import Database
from listener.store.sqlite.journal import Entry, write
from listener.store.sqlite.moments import storable

ON, OFF = "label", "unlabel"
ACTIONS = frozenset({ON, OFF})
_COUNTED = (
    "SELECT l.label, sum(CASE WHEN c.state IN ('resolved', 'dismissed') THEN 0 ELSE 1 END), count(*)"
    " FROM case_labels l JOIN cases c ON c.id = l.case_id WHERE ? IN ('', c.brand)"
    " GROUP BY l.label ORDER BY 2 DESC, l.label LIMIT ?"
)
# From one name to the next in the index, whatever the number of cases between them.
_NAMES = (
    "WITH RECURSIVE names (label) AS (SELECT min(label) FROM case_labels UNION ALL"
    " SELECT (SELECT min(l.label) FROM case_labels l WHERE l.label > names.label) FROM names"
    " WHERE names.label IS NOT NULL) SELECT label FROM names WHERE label IS NOT NULL LIMIT ?"
)


class Labelling:
    """The verbs of labels."""

    _db: Database

    def label(
        self, case: int, label: str, actor: str, at: datetime, *, on: bool
    ) -> HistoryRow | None:
        """Put a label on a case, or take it off; None when that is so already."""
        name = storable(label)
        with self._db.writing() as conn:
            if conn.execute("SELECT 1 FROM cases WHERE id = ?", (case,)).fetchone() is None:
                raise NotFound(f"there is no case {case}", "listener queue list --view all")
            if not _set(conn, case, name, on):
                return None
            before, after = {"label": None if on else name}, {"label": name if on else None}
            entry = Entry(
                *(at, actor, ON if on else OFF, "case", case, before, after), case=case, note=name
            )
            return write(conn, entry)

    def label_names(self, limit: int = 100) -> list[str]:
        """The labels in use by name, without counting."""
        with self._db.reading() as conn:
            return [name for (name,) in conn.execute(_NAMES, (limit,))]

    def labels(self, brand: str = "", limit: int = 200) -> list[LabelRow]:
        """The labels in use, those with most open cases first."""
        with self._db.reading() as conn:
            return [LabelRow(*row) for row in conn.execute(_COUNTED, (brand, limit))]


def undo(conn: sqlite3.Connection, done: HistoryRow, actor: str, at: datetime) -> Entry | None:
    """Take a label off again, or put it on again; None when somebody has done so since."""
    on = done.action == OFF
    name = str(done.before["label"] if on else done.after["label"])
    if not _set(conn, done.entity_id, name, on):
        return None
    return Entry(
        *(at, actor, "undo", "case", done.entity_id, done.after, done.before),
        case=done.case,
        note=f"took back: {done.action} {name}",
        undoes=done.id,
    )


def _set(conn: sqlite3.Connection, case: int, label: str, on: bool) -> bool:
    changed = conn.execute(
        "INSERT OR IGNORE INTO case_labels (case_id, label) VALUES (?, ?)"
        if on
        else "DELETE FROM case_labels WHERE case_id = ? AND label = ?",
        (case, label),
    ).rowcount
    if changed:
        conn.execute("UPDATE cases SET version = version + 1 WHERE id = ?", (case,))
    return bool(changed)
