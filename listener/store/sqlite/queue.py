"""The queue: pages of cases, highest priority first, by merging a few ordered scans."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson

from listener.errors import UsageError
from listener.store.rows import CaseFile, CaseRow, MentionRow, QueueQuery, Span
from listener.store.sqlite import mentions as rows
from listener.store.sqlite.database import Database
from listener.store.sqlite.journal import read as read_history
from listener.store.sqlite.moments import moment, stamp
from listener.store.sqlite.replies import replies_of
from listener.store.sqlite.sightings import SOURCES, named
from listener.store.sqlite.threads import conversation
from listener.store.sqlite.triaging import bounds
from listener.store.sqlite.verdicts import ids
from triage.verdict import PriorityPart

Row = tuple[Any, ...]
Value = str | int | None

SELECT = (
    "SELECT c.id, c.brand, c.mention_id, c.lane, c.vigilante, c.severity_band, c.state, c.priority,"
    " c.manual_priority, c.owner, c.lease_until, c.opened_at, c.due_at, c.snooze_until,"
    " c.resolution, c.issue_id, coalesce(i.title, ''), coalesce(i.people, 0), c.posts, m.source,"
    " m.kind, coalesce(nullif(m.handle, ''), m.author_name), m.text, m.title, m.url,"
    " coalesce(nullif(v.lang, ''), m.lang), m.sample, c.version, coalesce(p.parts, '[]'),"
    f" {SOURCES}, (SELECT count(*) FROM memberships d WHERE d.duplicate_of = c.mention_id"
    " AND d.brand = c.brand AND d.duplicate_of > 0), c.waits_from, c.paused_at, c.wakes_on,"
    " (SELECT json_group_array(l.label) FROM case_labels l WHERE l.case_id = c.id)"
    " FROM cases c JOIN mentions m ON m.id = c.mention_id LEFT JOIN issues i ON i.id = c.issue_id"
    " LEFT JOIN prices p ON p.case_id = c.id"
    " LEFT JOIN verdicts v ON v.mention_id = c.mention_id AND v.brand = c.brand"
)

_ALL = ("new", "answering", "waiting", "snoozed", "resolved", "dismissed")
_VIEWS = {
    "open": ("new", "answering"),
    "mine": ("new", "answering", "waiting", "snoozed"),
    "waiting": ("waiting",),
    "snoozed": ("snoozed",),
    "done": ("resolved", "dismissed"),
    "all": _ALL,
}
_PAGE = 500
FEW = 2_000  # posts
_SAYING = (
    "c.id IN (SELECT x.case_id FROM mention_search s"
    " JOIN case_mentions x ON x.mention_id = s.rowid WHERE mention_search MATCH ?)"
)


class Queue:
    """The verbs that look at cases."""

    _db: Database

    def queue(self, query: QueueQuery) -> list[CaseRow]:
        """Cases by priority, highest first, then oldest."""
        with self._db.reading() as conn:
            return case_rows(conn, page(conn, query))

    def case(self, case: int) -> CaseFile | None:
        """One case with everything known about it."""
        with self._db.reading() as conn:
            found = case_rows(conn, [case])
            if not found:
                return None
            mentions = conn.execute(
                f"{rows.SELECT} JOIN case_mentions x ON x.mention_id = m.id AND x.brand = v.brand"
                " WHERE x.case_id = ? ORDER BY m.created_at, m.id",
                (case,),
            ).fetchall()
            edits = conn.execute(
                "SELECT e.mention_id, e.replaced_at, e.title, e.text FROM case_mentions x"
                " JOIN edits e ON e.mention_id = x.mention_id WHERE x.case_id = ? ORDER BY e.id",
                (case,),
            ).fetchall()
            return CaseFile(
                case=found[0],
                mentions=tuple(rows.rows(mentions)),
                edits=tuple(
                    (id, moment(at), rows.full_text(title, text)) for id, at, title, text in edits
                ),
                parts=found[0].reasons,
                replies=tuple(replies_of(conn, case)),
                history=tuple(read_history(conn, "case_id = ?", (case,))),
                thread=tuple(conversation(conn, case, found[0].brand)),
            )

    def thread(self, case: int) -> list[MentionRow]:
        """The conversations a case is part of, in order of time, whoever spoke."""
        with self._db.reading() as conn:
            found = case_rows(conn, [case])
            return conversation(conn, case, found[0].brand) if found else []

    def all_cases(self, span: Span) -> Iterator[CaseRow]:
        """Cases in order of opening, streamed; the span is of the mention that opened them."""
        since, until = bounds(span)
        last = 0
        while True:
            with self._db.reading() as conn:
                page = [
                    id
                    for (id,) in conn.execute(
                        "SELECT c.id FROM cases c JOIN mentions m ON m.id = c.mention_id"
                        " WHERE c.id > ? AND m.created_at >= ? AND m.created_at < ?"
                        " AND ? IN ('', c.brand) ORDER BY c.id LIMIT ?",
                        (last, since, until, span.brand, _PAGE),
                    )
                ]
                found = case_rows(conn, page)
            if not found:
                return
            yield from found
            last = found[-1].id


def page(conn: sqlite3.Connection, query: QueueQuery) -> list[int]:
    """The first cases of a query by priority, highest first, then oldest."""
    if query.view not in _VIEWS:
        raise UsageError(f"no view is called {query.view!r}; there are: {', '.join(_VIEWS)}")
    few = bool(query.source) and _few(conn, query.source)
    scans = [
        _scan(conn, query, brand, state, few)
        for brand in _brands(conn, query)
        for state in _VIEWS[query.view]
    ]
    merged = heapq.merge(*scans, key=lambda row: (-row[0], row[1]))
    return [id for _, id in islice(merged, query.limit)]


def case_rows(conn: sqlite3.Connection, cases: Sequence[int]) -> list[CaseRow]:
    """These cases, in the order given; those that don't exist are left out."""
    found = {
        row[0]: row
        for row in conn.execute(
            f"{SELECT} WHERE c.id IN (SELECT value FROM json_each(?))", (ids(cases),)
        )
    }
    return [_row(found[case]) for case in cases if case in found]


def _row(row: Row) -> CaseRow:
    return CaseRow(
        id=row[0],
        brand=row[1],
        mention=row[2],
        lane=row[3],
        vigilante=row[4],
        severity_band=row[5],
        state=row[6],
        priority=row[7],
        manual_priority=row[8],
        owner=row[9],
        lease_until=moment(row[10]),
        opened_at=moment(row[11]),
        due_at=moment(row[12]),
        snooze_until=moment(row[13]),
        resolution=row[14],
        issue=row[15],
        issue_title=row[16],
        people=row[17],
        posts=row[18],
        source=row[19],
        kind=row[20],
        author=row[21],
        text=row[22],
        title=row[23],
        url=row[24],
        lang=row[25],
        sample=bool(row[26]),
        reasons=tuple(PriorityPart(*part) for part in orjson.loads(row[28])),
        version=row[27],
        sources=named(row[19], row[29]),
        folded=row[30],
        waits_from=moment(row[31]),
        paused_at=moment(row[32]),
        wakes_on=row[33],
        labels=tuple(sorted(orjson.loads(row[34]))) if row[34] != "[]" else (),
    )


def _brands(conn: sqlite3.Connection, query: QueueQuery) -> list[str]:
    return [query.brand] if query.brand else all_brands(conn)


def all_brands(conn: sqlite3.Connection) -> list[str]:
    """The brands that have cases."""
    # Every brand that has ever had a case has a counter: no need to look at the cases for it.
    found = conn.execute("SELECT DISTINCT brand FROM counters WHERE name = 'state:new'")
    return [brand for (brand,) in found]


def count_of(brands: Sequence[str], query: QueueQuery, most: int) -> tuple[str, list[Value]]:
    """An expression for how many cases the query asks for, with its values; at least `most` if more."""
    scans = [
        chosen
        for brand in (brands if not query.brand else [query.brand])
        for state in _VIEWS[query.view]
        if (chosen := _chosen(replace(query, after=None), brand, state)) is not None
    ]
    each = [f"(SELECT count(*) FROM (SELECT 1 FROM {where} LIMIT ?) q)" for where, _ in scans]
    return " + ".join(each) or "0", [one for _, values in scans for one in (*values, most)]


def _scan(
    conn: sqlite3.Connection, query: QueueQuery, brand: str, state: str, few: bool
) -> Iterator[tuple[int, int]]:
    """The first cases of one brand and state that the query asks for, as (priority, id)."""
    chosen = _chosen(query, brand, state, few)
    if chosen is None:
        return iter(())
    where, values = chosen
    return iter(
        conn.execute(
            f"SELECT c.priority, c.id FROM {where} ORDER BY c.priority DESC, c.id LIMIT ?",
            (*values, query.limit),
        ).fetchall()
    )


def _chosen(
    query: QueueQuery, brand: str, state: str, few: bool = False
) -> tuple[str, list[Value]] | None:
    """From where the cases of one brand and state come, with the values; None: there are none."""
    conditions = ["c.brand = ?", "c.state = ?"]
    values: list[Value] = [brand, state]

    def narrow(condition: str, *given: Value) -> None:
        conditions.append(condition)
        values.extend(given)

    if query.view == "open" and state == "answering":
        if query.at is None:
            return None
        narrow("c.wake_at <= ? AND c.lease_until <= ?", *[stamp(query.at)] * 2)
    if query.view == "mine" or query.owner:
        narrow("c.owner = ? AND c.owner <> ''", query.owner)
    if query.lane:
        narrow("c.lane = ?", query.lane)
    if query.vigilante == "likely":
        narrow("c.vigilante = 'likely'")  # said in full, or the index of these few could not serve
    elif query.vigilante:
        narrow("c.vigilante = ?", query.vigilante)
    if query.escalating:
        at = None if query.at is None else stamp(query.at)
        narrow("(c.posts > 1 OR c.due_at < ?)", at)
    if query.before is not None:
        narrow("c.opened_at < ?", stamp(query.before))
    if query.issue is not None:
        narrow("c.issue_id = ? AND c.issue_id IS NOT NULL", query.issue)
    if query.label:
        narrow("c.id IN (SELECT case_id FROM case_labels WHERE label = ?)", query.label)
    if query.source and few:
        narrow("s.source = ?", query.source)
    elif query.source:
        narrow(
            "c.mention_id IN (SELECT id FROM mentions INDEXED BY mentions_of_source"
            " WHERE id = c.mention_id AND source = ?)",
            query.source,
        )
    if words := rows.match(query.search):
        narrow(_SAYING, words)
    if query.any_of:
        several = [rows.match(one) for one in query.any_of]
        narrow(f"({' OR '.join([_SAYING] * len(several))})", *several)
    if query.after is not None:
        priority, id = query.after
        narrow("c.priority <= ? AND (c.priority < ? OR c.id > ?)", priority, priority, id)
    return f"{_table(query, state, few)} WHERE {' AND '.join(conditions)}", values


def _table(query: QueueQuery, state: str, few: bool) -> str:
    """Where to begin: with whatever there are few of, or else in order of priority."""
    if few:
        return "mentions s CROSS JOIN cases c ON c.mention_id = s.id"
    if query.view == "open" and state == "answering":
        return "cases c INDEXED BY cases_to_wake"  # few leases have run out
    if query.issue is not None:
        return "cases c INDEXED BY cases_of_issue"
    if query.vigilante == "likely" and not query.search and not query.any_of:
        return "cases c INDEXED BY cases_likely"
    return "cases c"


def _few(conn: sqlite3.Connection, source: str) -> bool:
    """Whether a source has brought so little that it is quicker to look at all of it."""
    found = conn.execute(
        "SELECT count(*) FROM (SELECT 1 FROM mentions WHERE source = ? LIMIT ?) q", (source, FEW)
    )
    return int(found.fetchone()[0]) < FEW
