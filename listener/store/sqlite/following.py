"""Following the store: whether anything has changed, and which moves are new."""

from __future__ import annotations

from listener.store.rows import HistoryRow
from listener.store.sqlite.database import Database
from listener.store.sqlite.journal import read_from


class Following:
    """The verbs of live pages."""

    _db: Database

    def pulse(self) -> int:
        """A number that is another one whenever another instance has committed."""
        return self._db.pulse()

    def latest_move(self) -> int:
        """The id of the latest move."""
        return self._largest("history")

    def newest_case(self) -> int:
        """The id of the case opened last."""
        return self._largest("cases")

    def moves_since(self, after: int, limit: int = 1_000) -> list[HistoryRow]:
        """Moves with a larger id, oldest first."""
        with self._db.reading() as conn:
            return read_from(conn, after, limit)

    def _largest(self, table: str) -> int:
        with self._db.reading() as conn:
            return int(conn.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])
