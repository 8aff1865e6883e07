"""Looking at mentions one by one, and streaming all of them."""

from __future__ import annotations

from collections.abc import Iterator

from listener.store.rows import MentionRow, Span, Totals
from listener.store.sqlite import mentions as rows
from listener.store.sqlite.counters import totals
from listener.store.sqlite.database import Database
from listener.store.sqlite.grouping import alias_end
from listener.store.sqlite.moments import storable
from listener.store.sqlite.triaging import bounds
from listener.store.sqlite.verdicts import ids

_PAGE = 500
_FIRST = ("", 0)

_BY_TIME = (
    "SELECT m.created_at, m.id FROM mentions m"
    " WHERE m.created_at >= ? AND m.created_at < ? AND (m.created_at, m.id) > (?, ?)"
    " AND (? = '' OR EXISTS"
    " (SELECT 1 FROM verdicts v WHERE v.mention_id = m.id AND v.brand = ?))"
    " ORDER BY m.created_at, m.id LIMIT ?"
)
_OF_ISSUE = (
    "SELECT g.created_at, g.mention_id FROM memberships g WHERE g.issue_id = ?"
    " AND g.created_at >= ? AND g.created_at < ? AND (g.created_at, g.mention_id) > (?, ?)"
    " AND ? IN ('', g.brand) ORDER BY g.created_at, g.mention_id LIMIT ?"
)


class Exports:
    """The verbs that look at mentions."""

    _db: Database

    def mention(self, kind: str, external_id: str) -> MentionRow | None:
        """One mention by natural key; with several brands, the first by name."""
        with self._db.reading() as conn:
            found = conn.execute(
                f"{rows.SELECT} WHERE m.kind = ? AND m.external_id = ? ORDER BY v.brand LIMIT 1",
                (storable(kind), storable(external_id)),
            ).fetchall()
            return next(iter(rows.rows(found)), None)

    def mentions(self, span: Span, issue: int | None = None) -> Iterator[MentionRow]:
        """Mentions in order of time, streamed; one row for every brand they were judged for.

        Each page is read by itself, so that a long export does not make the store's log grow.
        """
        since, until = bounds(span)
        last = _FIRST
        while True:
            # The index is entered at one bound only: let it be the one that moves.
            since = max(since, last[0])
            with self._db.reading() as conn:
                if issue is None:
                    page = conn.execute(
                        _BY_TIME, (since, until, *last, span.brand, span.brand, _PAGE)
                    ).fetchall()
                else:
                    of = alias_end(conn, issue)
                    page = conn.execute(
                        _OF_ISSUE, (of, since, until, *last, span.brand, _PAGE)
                    ).fetchall()
                    issue_condition = of
                found = conn.execute(
                    f"{rows.SELECT} WHERE m.id IN (SELECT value FROM json_each(?))"
                    " AND ? IN ('', v.brand) AND (CAST(? AS INTEGER) IS NULL OR g.issue_id = ?)"
                    " ORDER BY m.created_at, m.id, v.brand",
                    (
                        ids(id for _, id in page),
                        span.brand,
                        *((None, None) if issue is None else (issue_condition, issue_condition)),
                    ),
                ).fetchall()
                mentions = rows.rows(found)
            if not page:
                return
            yield from mentions
            last = page[-1]

    def totals(self, brand: str = "") -> Totals:
        """Counts for headers and health."""
        with self._db.reading() as conn:
            return totals(conn, brand)
