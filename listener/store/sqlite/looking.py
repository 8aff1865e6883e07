"""Counts that end early, posts behind a number, and the figures of the overview."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from listener.store.looking import PostQuery, Volume, Wait, Words
from listener.store.rows import CaseRow, IssueRow, MentionRow, QueueQuery
from listener.store.sqlite import mentions as rows
from listener.store.sqlite.database import Database
from listener.store.sqlite.grouping import alias_end
from listener.store.sqlite.issues import issues_by_id
from listener.store.sqlite.moments import moment, stamp, storable
from listener.store.sqlite.queue import all_brands, case_rows, count_of, page
from listener.store.sqlite.verdicts import ids

Value = str | int | None
_LATEST = " ORDER BY m.created_at DESC, m.id DESC"


class Looking:
    """The verbs of pages."""

    _db: Database

    def waiting_since(self) -> datetime | None:
        """When the mention that is next to be judged was taken in, or had its last edit; None without."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT coalesce(m.edited_at, m.seen_at) FROM pending p"
                " JOIN mentions m ON m.id = p.mention_id ORDER BY p.mention_id LIMIT 1"
            ).fetchone()
        return None if found is None else moment(found[0])

    def counts(self, asked: Sequence[tuple[QueueQuery | PostQuery, int]]) -> list[int]:
        """How many cases or posts each holds, in one look; counting ends at its number."""
        if not asked:
            return []
        with self._db.reading() as conn:
            brands = all_brands(conn)
            each = [
                count_of(brands, query, most)
                if isinstance(query, QueueQuery)
                else _count_of(conn, query, most)
                for query, most in asked
            ]
            found = conn.execute(
                f"SELECT {', '.join(one for one, _ in each)}",
                [value for _, values in each for value in values],
            ).fetchone()
        return [min(int(n), most) for n, (_, most) in zip(found, asked, strict=True)]

    def count(self, query: QueueQuery, most: int = 1_000) -> int:
        """How many cases a view holds; counting ends at `most`."""
        return self.counts([(query, most)])[0]

    def words(self, query: QueueQuery) -> list[Words]:
        """What the cases say that `queue` would list, in its order."""
        with self._db.reading() as conn:
            chosen = page(conn, query)
            found = {
                row[0]: Words(*row)
                for row in conn.execute(
                    "SELECT c.id, c.priority, m.text, m.title,"
                    " coalesce(nullif(m.handle, ''), m.author_name), m.url, m.source, m.kind,"
                    " coalesce(nullif(v.lang, ''), m.lang) FROM json_each(?) j"
                    " CROSS JOIN cases c ON c.id = j.value JOIN mentions m ON m.id = c.mention_id"
                    " LEFT JOIN verdicts v ON v.mention_id = c.mention_id AND v.brand = c.brand",
                    (ids(chosen),),
                )
            }
        return [found[case] for case in chosen]

    def cases(self, cases: Sequence[int]) -> list[CaseRow]:
        """These cases in the order given."""
        with self._db.reading() as conn:
            return case_rows(conn, cases)

    def posts(self, query: PostQuery) -> list[MentionRow]:
        """Posts, the latest first."""
        with self._db.reading() as conn:
            chosen, values = _chosen(conn, query, ordered=True)
            keys = conn.execute(f"{chosen} LIMIT ?", (*values, query.limit)).fetchall()
            # By their ids: asked for by the statement itself, SQLite would look at every mention.
            found = conn.execute(
                f"{rows.SELECT} WHERE m.id IN (SELECT value FROM json_each(?))",
                (ids(id for id, _ in keys),),
            ).fetchall()
        known = {(row.id, row.brand): row for row in rows.rows(found)}
        return [known[id, brand] for id, brand in keys]

    def count_posts(self, query: PostQuery, most: int = 1_000) -> int:
        """How many posts there are; counting ends at `most`."""
        return self.counts([(query, most)])[0]

    def hourly(self, since: datetime) -> Mapping[str, int]:
        """Posts written in each UTC hour."""
        with self._db.reading() as conn:
            return dict(
                conn.execute(
                    "SELECT substr(created_at, 1, 13), count(*) FROM mentions"
                    " WHERE created_at >= ? GROUP BY 1",
                    (stamp(since),),
                ).fetchall()
            )

    def volumes(self, brand: str, since: datetime, until: datetime) -> list[Volume]:
        """Posts by hour, source and lane."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT substr(m.created_at, 1, 13), m.source, v.lane, count(*) FROM mentions m"
                " JOIN verdicts v ON v.mention_id = m.id AND v.brand <> ''"
                " WHERE m.created_at >= ? AND m.created_at < ? AND ? IN ('', v.brand)"
                " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
                (stamp(since), stamp(until), brand),
            ).fetchall()
        return [
            Volume(moment(f"{hour}:00:00Z"), source, lane, posts)
            for hour, source, lane, posts in found
        ]

    def waits(self, brand: str, since: datetime, until: datetime) -> list[Wait]:
        """How long the cases opened in a span have waited."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT c.id, c.opened_at, (SELECT min(h.at) FROM history h WHERE h.case_id = c.id"
                " AND h.case_id IS NOT NULL AND h.action IN ('answer', 'resolve')"
                " AND h.undone_by IS NULL), c.due_at, c.state FROM cases c"
                " WHERE c.opened_at >= ? AND c.opened_at < ? AND ? IN ('', c.brand)"
                " AND c.state <> 'dismissed' ORDER BY c.opened_at, c.id",
                (stamp(since), stamp(until), brand),
            ).fetchall()
        return [
            Wait(case, moment(opened), moment(answered), moment(due), state)
            for case, opened, answered, due, state in found
        ]

    def issue_days(self, issues: Sequence[int], since: datetime) -> Mapping[int, Mapping[str, int]]:
        """Posts of these issues by UTC day."""
        days: dict[int, dict[str, int]] = {issue: {} for issue in issues}
        with self._db.reading() as conn:
            for issue, day, posts in conn.execute(
                "SELECT g.issue_id, substr(g.created_at, 1, 10), count(*) FROM json_each(?) j"
                " CROSS JOIN memberships g ON g.issue_id = j.value AND g.created_at >= ?"
                " GROUP BY 1, 2 ORDER BY 1, 2",
                (ids(issues), stamp(since)),
            ):
                days[issue][day] = posts
        return days

    def issues_like(self, issue: int, limit: int = 5) -> list[IssueRow]:
        """Open issues that share phrases with this one."""
        with self._db.reading() as conn:
            end = alias_end(conn, issue)
            found = conn.execute(
                "SELECT i.id, count(*) FROM issues o, json_each(o.phrases) a, issues i,"
                " json_each(i.phrases) b WHERE o.id = ? AND i.brand = o.brand AND i.id <> o.id"
                " AND i.merged_into IS NULL AND i.mentions > 0 AND i.state = 'open'"
                " AND b.value = a.value GROUP BY i.id"
                " ORDER BY 2 DESC, i.people DESC, i.id LIMIT ?",
                (end, limit),
            ).fetchall()
            return issues_by_id(conn, [id for id, _ in found])


def _count_of(conn: sqlite3.Connection, query: PostQuery, most: int) -> tuple[str, list[Value]]:
    """An expression for how many posts there are, with its values; counting ends at `most`."""
    chosen, values = _chosen(conn, query, ordered=False)
    return f"(SELECT count(*) FROM ({chosen} LIMIT ?) q)", [*values, most]


def _chosen(
    conn: sqlite3.Connection, query: PostQuery, *, ordered: bool
) -> tuple[str, list[Value]]:
    """A statement for the (id, brand) of the posts asked for, and its values; ordered: the latest first."""
    conditions, values = ["m.deleted_at IS NULL"], list[Value]()

    def narrow(condition: str, *given: Value) -> None:
        conditions.append(condition)
        values.extend(given)

    # The latest come first and are soon found, unless words or a person narrow it more.
    few = query.search or query.person is not None or query.issue is not None
    join = "CROSS JOIN" if ordered and not few else "JOIN"
    tables = f"mentions m {join} verdicts v ON v.mention_id = m.id"
    if query.issue is not None:
        tables += " JOIN memberships g ON g.mention_id = m.id AND g.brand = v.brand"
        narrow("g.issue_id = ?", alias_end(conn, query.issue))
    if query.person is not None:
        tables += " JOIN handles h ON h.kind = m.kind AND h.author_id = m.author_id"
        narrow("h.person_id = ? AND m.author_id <> ''", query.person)
    if query.brand:
        narrow("v.brand = ?", query.brand)
    if query.lane:
        narrow("v.lane = ?", query.lane)
    if query.source:
        narrow("m.source = ?", storable(query.source))
    if query.since is not None:
        narrow("m.created_at >= ?", stamp(query.since))
    if query.until is not None:
        narrow("m.created_at < ?", stamp(query.until))
    if words := rows.match(query.search):
        narrow("m.id IN (SELECT rowid FROM mention_search WHERE mention_search MATCH ?)", words)
    if query.after is not None:
        at, last = query.after
        narrow("(m.created_at, m.id) < (?, ?)", stamp(at), last)
    return (
        f"SELECT m.id, v.brand FROM {tables} WHERE {' AND '.join(conditions)}"
        f"{_LATEST if ordered else ''}",
        values,
    )
