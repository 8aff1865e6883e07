"""The conversation around a case: what its mentions answer, and who answered whom."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from listener.store.rows import MentionRow
from listener.store.sqlite import mentions as rows
from listener.store.sqlite.verdicts import ids, json

LONGEST_THREAD = 100

_OF_CASE = (
    "SELECT m.id, m.kind, m.external_id, m.thread_root, m.thread_parent FROM case_mentions x"
    " JOIN mentions m ON m.id = x.mention_id WHERE x.case_id = ? ORDER BY m.id LIMIT ?"
)
_AROUND = (  # what bears one of these ids, answers it, or stands in the thread it opened
    "SELECT m.id, m.kind, m.external_id, m.thread_root, m.thread_parent FROM mentions m"
    " WHERE m.id IN ("
    "SELECT n.id FROM json_each(?1) j CROSS JOIN mentions n"
    " ON n.kind = ?2 AND n.external_id = j.value"
    " UNION SELECT id FROM (SELECT n.id FROM json_each(?1) j CROSS JOIN mentions n"
    " ON n.thread_parent = j.value AND n.thread_parent <> '' AND n.kind = ?2 LIMIT ?3)"
    " UNION SELECT id FROM (SELECT n.id FROM json_each(?1) j CROSS JOIN mentions n"
    " ON n.thread_root = j.value AND n.thread_root <> '' AND n.kind = ?2 LIMIT ?3)"
    ") ORDER BY m.id"
)

_TALKS = (  # asked: id, kind, author, root, parent
    "SELECT DISTINCT a.id, v.brand FROM (SELECT j.value ->> 0 AS id, m.id AS earlier"
    " FROM json_each(?1) j CROSS JOIN mentions m ON m.kind = j.value ->> 1"
    " AND m.external_id IN (j.value ->> 3, j.value ->> 4) AND m.author_id = j.value ->> 2"
    " UNION ALL SELECT j.value ->> 0, m.id FROM json_each(?1) j CROSS JOIN mentions m"
    " ON m.thread_root = j.value ->> 3 AND m.thread_root <> '' AND m.author_id = j.value ->> 2"
    " AND m.kind = j.value ->> 1) a"
    " JOIN verdicts v ON v.mention_id = a.earlier WHERE a.earlier < a.id AND v.brand <> ''"
    " ORDER BY a.id, v.brand"
)

Row = tuple[int, str, str, str, str]


def conversation(conn: sqlite3.Connection, case: int, brand: str) -> list[MentionRow]:
    """The mentions of a case's conversations in order of time, at most 100, nearest first taken.

    Goes outwards step by step, so that it is bounded however long a thread has become, and ends
    whatever the threads say of each other.
    """
    taken: dict[int, None] = {}
    asked: set[str] = set()
    new: list[Row] = conn.execute(_OF_CASE, (case, LONGEST_THREAD)).fetchall()
    while new and len(taken) < LONGEST_THREAD:
        taken.update(dict.fromkeys(row[0] for row in new[: LONGEST_THREAD - len(taken)]))
        names = {name for row in new for name in row[2:] if name} - asked
        asked |= names
        if not names:
            break
        around = conn.execute(
            _AROUND, (json(sorted(names)), new[0][1], 2 * LONGEST_THREAD)
        ).fetchall()
        new = [row for row in around if row[0] not in taken]
    return _with_verdicts(conn, list(taken), brand)


def talks(
    conn: sqlite3.Connection, asked: Sequence[tuple[int, str, str, str, str]]
) -> dict[int, tuple[str, ...]]:
    """The brands that people talk about already; `asked` are (id, kind, author, root, parent)."""
    found: dict[int, tuple[str, ...]] = {}
    for mention, brand in conn.execute(_TALKS, (json(asked),)):
        found[mention] = (*found.get(mention, ()), brand)
    return found


def _with_verdicts(conn: sqlite3.Connection, mentions: list[int], brand: str) -> list[MentionRow]:
    found = conn.execute(
        f"{rows.SELECT} WHERE m.id IN (SELECT value FROM json_each(?))"
        " ORDER BY m.created_at, m.id, v.brand IS ? DESC, v.brand",
        (ids(mentions), brand),
    ).fetchall()
    first = {row[0]: row for row in reversed(found)}
    return rows.rows([first[id] for id in dict.fromkeys(row[0] for row in found)])
