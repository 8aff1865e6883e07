"""Past cases: what is needed to ask how long their people would have waited otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from listener.store.rows import PastCase, Span
from listener.store.sqlite.database import Database
from listener.store.sqlite.moments import moment
from listener.store.sqlite.pricing import case_facts
from listener.store.sqlite.triaging import bounds
from listener.store.sqlite.verdicts import ids

_PAGE = 500


class Past:
    """The verb of replays."""

    _db: Database

    def past_cases(self, span: Span) -> Iterator[PastCase]:
        """Cases in order of opening, streamed, with the facts of their priority."""
        since, until = bounds(span)
        last = 0
        while True:
            with self._db.reading() as conn:
                page = [
                    id
                    for (id,) in conn.execute(
                        "SELECT id FROM cases WHERE id > ? AND opened_at >= ? AND opened_at < ?"
                        " AND ? IN ('', brand) AND state <> 'dismissed' ORDER BY id LIMIT ?",
                        (last, since, until, span.brand, _PAGE),
                    )
                ]
                facts = case_facts(conn, page)
                answered = dict(
                    conn.execute(
                        "SELECT h.case_id, min(h.at) FROM json_each(?) j CROSS JOIN history h"
                        " ON h.case_id = j.value AND h.case_id IS NOT NULL"
                        " WHERE h.action IN ('answer', 'resolve') AND h.undone_by IS NULL"
                        " GROUP BY h.case_id",
                        (ids(page),),
                    ).fetchall()
                )
            if not page:
                return
            for one in facts:
                yield PastCase(one, moment(answered.get(one.id)))
            last = page[-1]
