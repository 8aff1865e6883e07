"""Corrections: kept, followed at once, and taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from listener.errors import DeskError, NotFound
from listener.store.corrections import Correction, CorrectionRow
from listener.store.rows import HistoryRow, MentionRow, Value
from listener.store.sqlite import mentions as rows
from listener.store.sqlite.corrected_case import follow, go_back
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.database import Database
from listener.store.sqlite.journal import Entry, taken_back, write
from listener.store.sqlite.moments import moment, stamp, storable
from listener.store.sqlite.recounting import recount
from listener.store.sqlite.verdicts import ids, json
from triage.audit import sampled
from triage.correction import YES, corrected, value_of
from triage.verdict import Lane, Verdict

CORRECT = "correct"
_PAGE = 500
_LOOKED_AT = 2_000  # muted mentions a page: one in fifty of them is in the sample
_FOLLOWS = ("lane", "severity", "severity_band", "complaint", "vigilante", "lang", "muted_by")
_LIVE = "c.undone_at IS NULL AND m.deleted_at IS NULL"
_KEPT = (
    "SELECT c.id, c.mention_id, c.brand, c.field, c.was, c.is_now, c.actor, c.at, c.audit,"
    " c.history_id, c.undone_at FROM corrections c JOIN mentions m ON m.id = c.mention_id"
)
_SAME_WORDS = (
    "SELECT c.brand, c.field, coalesce(nullif(g.duplicate_of, 0), c.mention_id) AS words,"
    " group_concat(c.id) FROM corrections c JOIN mentions m ON m.id = c.mention_id"
    " LEFT JOIN memberships g ON g.mention_id = c.mention_id AND g.brand = c.brand"
    f" WHERE {_LIVE} AND ? IN ('', c.brand) GROUP BY c.brand, c.field, words"
    " HAVING count(DISTINCT c.is_now) > 1 ORDER BY max(c.id) DESC LIMIT ?"
)
_MUTED = (
    "SELECT v.mention_id, v.brand, m.kind, m.external_id FROM verdicts v"
    " JOIN mentions m ON m.id = v.mention_id"
    " WHERE v.mention_id < ?1 AND v.lane = 'muted' AND m.deleted_at IS NULL"
    " AND (?2 = '' OR v.brand IN (?2, '')) AND NOT EXISTS (SELECT 1 FROM corrections c"
    " WHERE c.mention_id = v.mention_id AND c.brand IN (v.brand, ?2) AND c.undone_at IS NULL"
    " AND c.field IN ('lane', 'relevant', 'complaint'))"
    " ORDER BY v.mention_id DESC LIMIT ?3"
)


class Correcting:
    """The verbs of corrections."""

    _db: Database

    def readings(self, mention: int) -> list[MentionRow]:
        """One mention by its id, with its verdict for every brand; empty when there is none."""
        with self._db.reading() as conn:
            return _readings(conn, [mention])

    def correct(self, correction: Correction) -> HistoryRow:
        """Keep a correction and let the verdict, its issue's counts and its case follow at once."""
        with self._db.writing() as conn:
            row = _judged(conn, correction.mention, correction.brand)
            assert row.verdict is not None
            if row.brand != correction.brand and ("relevant", YES) not in correction.fields:
                raise DeskError(
                    f"mention {row.id} is taken to be about no brand; say first that it is",
                    f"listener queue correct mention:{row.id} --relevant --brand NAME",
                )
            now, tally = corrected(row.verdict, correction.fields), Tally()
            before: dict[str, Value] = {}
            after: dict[str, Value] = {}
            if row.brand == correction.brand:
                before, after = _changes(row.verdict, now)
                _set(conn, row.id, row.brand, after)
                _recount(conn, row, now, before, tally)
                case = follow(conn, row, now, correction, before, after, tally)
            else:  # about no brand so far: it has to be judged for this one
                before["brand"], after["brand"] = row.bound, correction.brand
                _bind(conn, row.id, correction.brand)
                case = None
            if "brand" in after or _crosses(before, after):
                _judge_again(conn, row.id, tally)
            tally.keep(conn)
            done = write(conn, _entry(correction, row.verdict, case, before, after))
            conn.executemany(
                "INSERT INTO corrections (mention_id, brand, field, was, is_now, actor, at, audit,"
                " history_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        row.id,
                        correction.brand,
                        field,
                        value_of(row.verdict, field),
                        value,
                        storable(correction.actor),
                        stamp(correction.at),
                        correction.audit,
                        done.id,
                    )
                    for field, value in correction.fields
                ],
            )
            return done

    def corrections(self, brand: str = "", *, undone: bool = False) -> Iterator[CorrectionRow]:
        """All corrections that hold, in the order they were made, streamed."""
        last, live = 0, "m.deleted_at IS NULL" if undone else _LIVE
        while True:
            with self._db.reading() as conn:
                page = conn.execute(
                    f"{_KEPT} WHERE c.id > ? AND {live} AND ? IN ('', c.brand)"
                    " ORDER BY c.id LIMIT ?",
                    (last, brand, _PAGE),
                ).fetchall()
                found = _rows(conn, page)
            if not page:
                return
            yield from found
            last = page[-1][0]

    def conflicts(self, brand: str = "", limit: int = 100) -> list[tuple[CorrectionRow, ...]]:
        """Corrections that hold and contradict each other, the latest first."""
        with self._db.reading() as conn:
            groups = [
                [int(id) for id in listed.split(",")]
                for *_, listed in conn.execute(_SAME_WORDS, (brand, limit))
            ]
            page = conn.execute(
                f"{_KEPT} WHERE c.id IN (SELECT value FROM json_each(?)) ORDER BY c.id",
                (ids(id for group in groups for id in group),),
            ).fetchall()
            known = {row.id: row for row in _rows(conn, page)}
        return [tuple([known[id] for id in sorted(group)]) for group in groups]

    def audit_sample(self, brand: str = "", limit: int = 20) -> list[MentionRow]:
        """Muted mentions of the audit sample that nobody has answered for, the latest first."""
        found: list[tuple[int, str]] = []
        before = 1 << 62
        with self._db.reading() as conn:
            while len(found) < limit:
                page = conn.execute(_MUTED, (before, brand, _LOOKED_AT)).fetchall()
                if not page:
                    break
                for mention, of, kind, external_id in page:
                    if sampled(kind, external_id):
                        found.append((mention, of))
                before = page[-1][0]
            wanted = found[:limit]
            read = {
                (row.id, row.brand): row
                for row in _readings(conn, [mention for mention, _ in wanted])
            }
        return [read[key] for key in wanted]


def corrections_of(
    conn: sqlite3.Connection, mentions: Sequence[int]
) -> dict[tuple[int, str], list[tuple[str, str]]]:
    """The corrections that hold for these mentions, by (mention, brand), in order."""
    found: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for mention, brand, field, value in conn.execute(
        "SELECT c.mention_id, c.brand, c.field, c.is_now FROM json_each(?) j"
        " CROSS JOIN corrections c ON c.mention_id = j.value"
        " WHERE c.undone_at IS NULL ORDER BY c.id",
        (ids(mentions),),
    ):
        found.setdefault((mention, brand), []).append((field, value))
    return found


def undo(conn: sqlite3.Connection, done: HistoryRow, actor: str, at: datetime) -> Entry | None:
    """Take a correction back; None when the same mention has been corrected again since.

    When the judge has spoken since, it is asked again in the next triage.
    """
    kept = conn.execute(
        "SELECT max(id), max(mention_id), max(brand) FROM corrections WHERE history_id = ?",
        (done.id,),
    ).fetchone()
    latest, mention, brand = kept
    if conn.execute(
        "SELECT 1 FROM corrections WHERE mention_id = ? AND brand = ? AND id > ?"
        " AND undone_at IS NULL",
        (mention, brand, latest),
    ).fetchone():
        return None
    conn.execute("UPDATE corrections SET undone_at = ? WHERE history_id = ?", (stamp(at), done.id))
    tally = Tally()
    back = {name: done.before[name] for name in done.after}
    if "brand" in done.after:
        _bind(conn, mention, str(done.before["brand"]))
        _judge_again(conn, mention, tally)
    else:
        row = _judged(conn, mention, brand)
        assert row.verdict is not None
        _set(conn, mention, brand, back)
        if row.verdict.version != done.before.get("version", row.verdict.version) or _crosses(
            done.before, done.after
        ):
            _judge_again(conn, mention, tally)
        again = _judged(conn, mention, brand)
        assert again.verdict is not None
        _recount(conn, row, again.verdict, back, tally)
        go_back(conn, done, tally, at)
    tally.keep(conn)
    return taken_back(done, actor, at, back)


def _judged(conn: sqlite3.Connection, mention: int, brand: str) -> MentionRow:
    """The mention with its verdict for the brand, or with that of being about none."""
    found = {row.brand: row for row in _readings(conn, [mention])}
    row = found.get(brand) or found.get("")
    if row is None or row.verdict is None:
        about = f" that was judged for {brand}" if found else ""
        raise NotFound(f"there is no mention {mention}{about}", "listener queue review")
    if row.deleted_at is not None:
        raise DeskError(f"mention {mention} was deleted by its author; there is nothing to correct")
    return row


def _readings(conn: sqlite3.Connection, mentions: Sequence[int]) -> list[MentionRow]:
    found = conn.execute(
        f"{rows.SELECT} WHERE m.id IN (SELECT value FROM json_each(?)) ORDER BY m.id, v.brand",
        (ids(mentions),),
    )
    return rows.rows(found.fetchall())


def _rows(conn: sqlite3.Connection, page: Sequence[tuple[Any, ...]]) -> list[CorrectionRow]:
    mentions = _readings(conn, sorted({one[1] for one in page}))
    known = {(row.id, row.brand): row for row in mentions}
    any_brand = {row.id: row for row in mentions}
    return [
        CorrectionRow(
            id=id,
            brand=brand,
            field=field,
            was=was,
            is_now=is_now,
            actor=actor,
            at=moment(at),
            audit=bool(audit),
            history=history or 0,
            undone_at=moment(undone_at),
            mention=known.get((mention, brand)) or any_brand[mention],
        )
        for id, mention, brand, field, was, is_now, actor, at, audit, history, undone_at in page
    ]


def _columns(verdict: Verdict) -> dict[str, Value]:
    return {
        "lane": verdict.lane.value,
        "severity": verdict.severity,
        "severity_band": verdict.severity_band,
        "complaint": verdict.complaint.value,
        "vigilante": verdict.vigilante.value,
        "lang": verdict.lang,
        "muted_by": json(verdict.muted_by),
    }


def _changes(was: Verdict, now: Verdict) -> tuple[dict[str, Value], dict[str, Value]]:
    old, new = _columns(was), _columns(now)
    changed = [name for name in _FOLLOWS if old[name] != new[name]]
    return {name: old[name] for name in changed}, {name: new[name] for name in changed}


def _set(conn: sqlite3.Connection, mention: int, brand: str, values: Mapping[str, Value]) -> None:
    names = [name for name in _FOLLOWS if name in values]
    if names:
        conn.execute(
            f"UPDATE verdicts SET {', '.join(f'{name} = ?' for name in names)}"
            " WHERE mention_id = ? AND brand = ?",
            (*[values[name] for name in names], mention, brand),
        )


def _recount(
    conn: sqlite3.Connection,
    row: MentionRow,
    now: Verdict,
    changed: Mapping[str, Value],
    tally: Tally,
) -> None:
    """Keep the counts of issues by lane, and of languages without a reading."""
    assert row.verdict is not None
    if "lane" in changed:
        if row.issue is not None:
            recount(conn, [row.issue])
        tally.regrouped([row.brand])
    if "lang" in changed and row.verdict.sentiment.label == "unknown":
        tally.add(f"unread:{row.verdict.lang}", -1, row.brand)
        tally.add(f"unread:{now.lang}", 1, row.brand)


def _crosses(before: Mapping[str, Value], after: Mapping[str, Value]) -> bool:
    """Whether what was muted is heard now: then it has to be grouped like the others."""
    return "lane" in after and Lane.MUTED.value in (before["lane"], after["lane"])


def _bind(conn: sqlite3.Connection, mention: int, brand: str) -> None:
    conn.execute("UPDATE mentions SET brand = ? WHERE id = ?", (brand, mention))


def _judge_again(conn: sqlite3.Connection, mention: int, tally: Tally) -> None:
    queued = conn.execute("INSERT OR IGNORE INTO pending VALUES (?)", (mention,)).rowcount
    tally.add("pending", queued)


def _entry(
    correction: Correction,
    was: Verdict,
    case: int | None,
    before: Mapping[str, Value],
    after: Mapping[str, Value],
) -> Entry:
    said = "; ".join(
        f"{field}: {old} → {value}"
        if (old := value_of(was, field)) != value
        else f"{field}: {old} is right"
        for field, value in correction.fields
    )
    version: dict[str, Value] = {"version": was.version} if after else {}
    return Entry(
        at=correction.at,
        actor=correction.actor,
        action=CORRECT,
        entity="mention",
        entity_id=correction.mention,
        case=case,
        before={**before, **version},
        after=after,
        note=f"{said} ({correction.note})" if correction.note else said,
    )
