"""Looking at people: their handles, what they wrote, and their cases."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from listener.store.looking import HandleRow, PersonRow
from listener.store.rows import CaseRow
from listener.store.sqlite.database import Database
from listener.store.sqlite.moments import moment, storable
from listener.store.sqlite.queue import case_rows
from listener.store.sqlite.verdicts import ids

Row = tuple[Any, ...]
_LIKE = (
    "SELECT h.person_id FROM handles h JOIN people p ON p.id = h.person_id"
    " WHERE (h.handle LIKE ?1 ESCAPE '\\' OR h.name LIKE ?1 ESCAPE '\\'"
    " OR p.name LIKE ?1 ESCAPE '\\') LIMIT 1000"
)


class Meeting:
    """The verbs that look at people."""

    _db: Database

    def person(self, person: int) -> PersonRow | None:
        """One person by id."""
        with self._db.reading() as conn:
            return next(iter(_people(conn, [person])), None)

    def person_of(self, kind: str, author_id: str) -> PersonRow | None:
        """Whose handle this is."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT person_id FROM handles WHERE kind = ? AND author_id = ?",
                (storable(kind), storable(author_id)),
            ).fetchone()
            return None if found is None else next(iter(_people(conn, [found[0]])), None)

    def people(self, search: str = "", limit: int = 50) -> list[PersonRow]:
        """People whose name or handle contains the text, those with most posts first."""
        text = storable(search.strip().lstrip("@"))
        like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        with self._db.reading() as conn:
            # The latest voices when nobody is named: everybody's posts cannot be counted on a page.
            chosen = conn.execute(
                _LIKE
                if text
                else "SELECT h.person_id FROM (SELECT kind, author_id FROM mentions"
                " WHERE author_id <> '' ORDER BY created_at DESC LIMIT 2000) m"
                " JOIN handles h ON h.kind = m.kind AND h.author_id = m.author_id",
                (like,) if text else (),
            ).fetchall()
            found = _people(conn, list(dict.fromkeys(id for (id,) in chosen)))
        found.sort(key=lambda one: (-one.open_cases, -one.posts, one.id))
        return found[:limit]

    def cases_of_person(self, person: int, limit: int = 50) -> list[CaseRow]:
        """All cases of a person, the latest first."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT c.id FROM handles h JOIN cases c ON c.author_id = h.author_id"
                " AND c.kind = h.kind AND c.author_id <> '' WHERE h.person_id = ?"
                " ORDER BY c.opened_at DESC, c.id DESC LIMIT ?",
                (person, limit),
            ).fetchall()
            return case_rows(conn, [id for (id,) in found])


def _people(conn: sqlite3.Connection, people: Sequence[int]) -> list[PersonRow]:
    """These people in the order given."""
    handles: dict[int, list[Row]] = defaultdict(list)
    for row in conn.execute(
        "SELECT h.person_id, h.kind, h.author_id, h.handle, h.name, h.followers,"
        " (SELECT count(*) FROM mentions m WHERE m.author_id = h.author_id AND m.kind = h.kind"
        " AND m.author_id <> ''),"
        " (SELECT count(*) FROM cases c WHERE c.author_id = h.author_id AND c.kind = h.kind"
        " AND c.author_id <> '' AND c.state NOT IN ('resolved', 'dismissed')),"
        " (SELECT max(m.created_at) FROM mentions m WHERE m.author_id = h.author_id"
        " AND m.kind = h.kind AND m.author_id <> '')"
        " FROM json_each(?) j CROSS JOIN handles h ON h.person_id = j.value"
        " ORDER BY h.kind, h.author_id",
        (ids(people),),
    ):
        handles[row[0]].append(row)
    named = {
        id: (name, at)
        for id, name, at in conn.execute(
            "SELECT id, name, first_seen_at FROM people"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (ids(people),),
        )
    }
    return [_person(id, *named[id], handles[id]) for id in people if id in named]


def _person(id: int, name: str, first_seen_at: str, rows: Sequence[Row]) -> PersonRow:
    latest = max((row[8] for row in rows if row[8]), default=None)
    return PersonRow(
        id=id,
        name=name,
        first_seen_at=moment(first_seen_at),
        handles=tuple(HandleRow(*row[1:6]) for row in rows),
        posts=sum(row[6] for row in rows),
        open_cases=sum(row[7] for row in rows),
        last_at=moment(latest),
    )
