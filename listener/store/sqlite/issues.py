"""Looking at issues and at the people behind them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from listener.store.rows import IssueRow, LoopRow, Span
from listener.store.sqlite.database import Database
from listener.store.sqlite.grouping import alias_end
from listener.store.sqlite.mentions import full_text
from listener.store.sqlite.moments import moment
from listener.store.sqlite.triaging import bounds
from listener.store.sqlite.verdicts import ids
from triage.issues import life_of

Row = tuple[Any, ...]

_SELECT = (
    "SELECT i.id, i.brand, i.title, i.titled_by, i.phrases, i.lane, i.state, i.mentions, i.people,"
    " i.first_seen, i.last_seen, i.central_mention_id, m.title, m.text, i.merged_into, i.fixed_at,"
    " i.fix_note, i.sources, i.phase FROM issues i JOIN mentions m ON m.id = i.central_mention_id"
)
_IN_SPAN = (
    "SELECT max(g.issue_id), count(*), count(DISTINCT CASE WHEN m.deleted_at IS NULL"
    " AND NOT g.same_story THEN m.kind || ' ' || m.author_id END) + coalesce(sum(g.erased_person), 0),"
    " min(g.created_at), max(g.created_at) FROM memberships g"
    " JOIN mentions m ON m.id = g.mention_id"
    " WHERE g.issue_id = ? AND g.created_at >= ? AND g.created_at < ?"
)
_LOOP = (
    "SELECT m.kind, m.author_id, coalesce(nullif(m.handle, ''), m.author_name), m.id, m.url,"
    " m.created_at, m.deleted_at, m.sample FROM memberships g"
    " JOIN mentions m ON m.id = g.mention_id WHERE g.issue_id = ? AND NOT g.same_story"
    " ORDER BY g.created_at, m.id"
)
_PAGE = 200


class Issues:
    """The verbs that look at issues."""

    _db: Database

    def issues(self, brand: str = "", state: str = "", limit: int = 100) -> list[IssueRow]:
        """Issues that are not merged into others, by number of people, largest first."""
        with self._db.reading() as conn:
            found = conn.execute(
                f"{_SELECT} WHERE i.merged_into IS NULL AND i.mentions > 0 AND ? IN ('', i.brand)"
                " AND ? IN ('', i.state) ORDER BY i.people DESC, i.id LIMIT ?",
                (brand, state, limit),
            ).fetchall()
            return _rows(conn, found)

    def issue(self, issue: int) -> IssueRow | None:
        """One issue; a merged one is followed to where it went. None when there never was one."""
        with self._db.reading() as conn:
            found = conn.execute(f"{_SELECT} WHERE i.id = ?", (alias_end(conn, issue),)).fetchall()
            return next(iter(_rows(conn, found)), None)

    def all_issues(self, span: Span) -> Iterator[IssueRow]:
        """Issues that have a mention in the span, in order of id; counts and times are of the span."""
        last = 0
        while True:
            with self._db.reading() as conn:
                page = conn.execute(
                    f"{_SELECT} WHERE i.id > ? AND i.merged_into IS NULL AND i.mentions > 0"
                    " AND ? IN ('', i.brand) ORDER BY i.id LIMIT ?",
                    (last, span.brand, _PAGE),
                ).fetchall()
                found = _rows(conn, _of_span(conn, page, span))
            if not page:
                return
            yield from found
            last = page[-1][0]

    def loop(self, issue: int) -> list[LoopRow]:
        """Everyone who complained about an issue, in order of their first post, and whether they were told."""
        with self._db.reading() as conn:
            issue = alias_end(conn, issue)
            told = {
                (kind, author): moment(at)
                for kind, author, at in conn.execute(
                    "SELECT kind, author_id, told_at FROM notices"
                    " WHERE issue_id = ? AND told_at IS NOT NULL",
                    (issue,),
                )
            }
            posts = conn.execute(_LOOP, (issue,)).fetchall()
        people: dict[tuple[object, ...], list[Row]] = defaultdict(list)
        for row in posts:
            kind, author, id, deleted = row[0], row[1], row[3], row[6]
            # Nobody can say whose an erased post was, nor whether two nameless ones are one person's.
            people[(kind, author) if author and not deleted else (id,)].append(row)
        return [
            _loop_row(issue, rows, told.get((rows[0][0], rows[0][1]))) for rows in people.values()
        ]


def _loop_row(issue: int, posts: Sequence[Row], told_at: Any) -> LoopRow:
    kind, author, handle, mention, url, first_at, deleted, _ = posts[0]
    if deleted is not None:
        status = "erased"
    elif told_at is not None:
        status = "told"
    else:
        status = "untold" if author else "unreachable"
    return LoopRow(
        issue=issue,
        kind=kind,
        author_id=author,
        handle=posts[-1][2] or handle,
        mention=mention,
        url=url,
        first_at=moment(first_at),
        posts=len(posts),
        status=status,
        told_at=told_at if status == "told" else None,
    )


def issues_by_id(conn: sqlite3.Connection, issues: Sequence[int]) -> list[IssueRow]:
    """These issues in the order given; those that there are not are left out."""
    found = conn.execute(
        f"{_SELECT} WHERE i.id IN (SELECT value FROM json_each(?))", (ids(issues),)
    ).fetchall()
    known = {row.id: row for row in _rows(conn, found)}
    return [known[issue] for issue in issues if issue in known]


def _rows(conn: sqlite3.Connection, found: Sequence[Row]) -> list[IssueRow]:
    open_cases = dict(
        conn.execute(
            "SELECT c.issue_id, count(*) FROM json_each(?) j CROSS JOIN cases c"
            " ON c.issue_id = j.value AND c.issue_id IS NOT NULL"
            " WHERE c.state NOT IN ('resolved', 'dismissed') GROUP BY c.issue_id",
            (ids(row[0] for row in found),),
        ).fetchall()
    )
    return [_row(row, open_cases.get(row[0], 0)) for row in found]


def _row(row: Row, open_cases: int) -> IssueRow:
    return IssueRow(
        id=row[0],
        brand=row[1],
        title=row[2],
        titled_by=row[3],
        phrases=tuple(orjson.loads(row[4])),
        lane=row[5],
        state=row[6],
        mentions=row[7],
        people=row[8],
        first_seen=moment(row[9]),
        last_seen=moment(row[10]),
        central=row[11],
        example=full_text(row[12], row[13]),
        merged_into=row[14],
        fixed_at=moment(row[15]),
        fix_note=row[16],
        sources=tuple(sorted(orjson.loads(row[17]))),
        open_cases=open_cases,
        life=life_of(row[6], moment(row[15]), row[18]).value,
    )


def _of_span(conn: sqlite3.Connection, page: Sequence[Row], span: Span) -> list[Row]:
    """The same issues with the counts and times of a span; those without a mention in it are left out."""
    if span.since is None and span.until is None:
        return list(page)
    found = []
    for row in page:
        _, mentions, people, first, last = conn.execute(
            _IN_SPAN, (row[0], *bounds(span))
        ).fetchone()
        if mentions:
            found.append((*row[:7], mentions, people, first, last, *row[11:]))
    return found
