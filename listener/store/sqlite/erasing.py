"""Erasing what its author has deleted: the words go everywhere, only counts remain."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import orjson

from listener.store.sqlite import mentions as rows
from listener.store.sqlite.casework import refresh
from listener.store.sqlite.counters import CLOSED, Tally
from listener.store.sqlite.journal import Entry, write
from listener.store.sqlite.moments import stamp, storable
from listener.store.sqlite.unlabelling import unlabel, words_by_issue
from listener.store.sqlite.verdicts import ids
from sources.protocols import Tombstone

_BLANKS = (
    "UPDATE mentions SET author_id = '', handle = '', author_name = '', followers = NULL, title = '',"
    " text = '', url = '', metrics = '{}', deleted_at = ? WHERE id = ?",
    "UPDATE verdicts SET words = '[]', signals = '[]', reasons = '[]', vigilante_reasons = '[]', matched = ''"
    " WHERE mention_id = ?",
    "DELETE FROM vectors WHERE mention_id = ?",
    "DELETE FROM edits WHERE mention_id = ?",
    # What grouping remembers holds words of it; it is learnt anew from what is left.
    "UPDATE groupings SET state = x'' WHERE brand IN"
    " (SELECT brand FROM memberships WHERE mention_id = ?)",
    "UPDATE memberships SET story = '' WHERE mention_id = ?",
    "DELETE FROM outbox WHERE state <> 'sent' AND notice_id IN"
    " (SELECT id FROM notices WHERE mention_id = ?)",
    "UPDATE notices SET text = '', author_id = 'erased:' || id WHERE mention_id = ?",
)


def erase(
    conn: sqlite3.Connection,
    tombstones: Sequence[Tombstone],
    at: datetime,
    tally: Tally,
    by: str = "source",
) -> int:
    """Erase these mentions; returns how many there were. Unknown and erased ones are left alone.

    `by` is who erases them; "source" for the author, who has deleted them.
    """
    found = [
        mention
        for tombstone in dict.fromkeys(tombstones)
        if (mention := _living(conn, tombstone)) is not None
    ]
    if not found:
        return 0
    # What is overwritten must not stay readable in the file's free pages.
    conn.execute("PRAGMA secure_delete = ON")
    words = words_by_issue(conn, [id for id, _, _ in found])
    try:
        for id, kind, author_id in found:
            _leave_issues(conn, id, kind, author_id, tally)
            _blank(conn, id, stamp(at))
            tally.add(
                "pending",
                -conn.execute("DELETE FROM pending WHERE mention_id = ?", (id,)).rowcount,
            )
            _close_cases(conn, id, at, tally, by)
            _forget_author(conn, kind, author_id)
        unlabel(conn, words)
    finally:
        conn.execute("PRAGMA secure_delete = OFF")
    return len(found)


def _living(conn: sqlite3.Connection, tombstone: Tombstone) -> tuple[int, str, str] | None:
    found: tuple[int, str, str] | None = conn.execute(
        "SELECT id, kind, author_id FROM mentions"
        " WHERE kind = ? AND external_id = ? AND deleted_at IS NULL",
        (storable(tombstone.kind), storable(tombstone.external_id)),
    ).fetchone()
    return found


def _blank(conn: sqlite3.Connection, mention: int, at: str) -> None:
    rows.unindex(conn, [mention])
    for statement in _BLANKS:
        conn.execute(statement, (at, mention) if "deleted_at = ?" in statement else (mention,))


def _leave_issues(
    conn: sqlite3.Connection, mention: int, kind: str, author_id: str, tally: Tally
) -> None:
    """Take the author's name out of the issue's people; the person still counts, without a name."""
    grouped = conn.execute(
        "SELECT brand, issue_id FROM memberships"
        " WHERE mention_id = ? AND issue_id IS NOT NULL AND NOT same_story",
        (mention,),
    ).fetchall()
    for brand, issue in grouped:
        key = (issue, kind, author_id)
        conn.execute(
            "UPDATE issue_people SET posts = posts - 1"
            " WHERE issue_id = ? AND kind = ? AND author_id = ?",
            key,
        )
        gone = conn.execute(
            "DELETE FROM issue_people"
            " WHERE issue_id = ? AND kind = ? AND author_id = ? AND posts <= 0",
            key,
        ).rowcount
        conn.execute(
            "UPDATE memberships SET erased_person = ? WHERE mention_id = ? AND brand = ?",
            (gone, mention, brand),
        )
    tally.regrouped(brand for brand, _ in grouped)


def _close_cases(
    conn: sqlite3.Connection, mention: int, at: datetime, tally: Tally, by: str
) -> None:
    """Close the mention's case, unless the person's other posts in it still wait for an answer."""
    cases = conn.execute(
        "SELECT c.id, c.brand, c.state, c.lane, c.mention_id FROM case_mentions x"
        " JOIN cases c ON c.id = x.case_id WHERE x.mention_id = ?",
        (mention,),
    ).fetchall()
    for case, brand, state, lane, opened_by in cases:
        left = conn.execute(
            "SELECT min(m.id) FROM case_mentions x JOIN mentions m ON m.id = x.mention_id"
            " WHERE x.case_id = ? AND m.deleted_at IS NULL",
            (case,),
        ).fetchone()[0]
        if left is not None:
            if opened_by == mention:
                _hand_over(conn, case, brand, left)
            refresh(conn, [case])
            continue
        _drop_drafts(conn, case)
        # Reasons may quote the post; what they added up to stays.
        conn.execute(
            "UPDATE prices SET parts = (SELECT json_group_array(json_array(name, points, name))"
            " FROM priority_parts p WHERE p.case_id = prices.case_id) WHERE case_id = ?",
            (case,),
        )
        conn.execute("UPDATE cases SET author_id = '', next_change_at = NULL WHERE id = ?", (case,))
        if state not in CLOSED:
            _close(conn, case, state, at, by)
            tally.case(brand, state, lane, -1)
            tally.case(brand, "dismissed", lane, 1)


def _hand_over(conn: sqlite3.Connection, case: int, brand: str, mention: int) -> None:
    conn.execute(
        "UPDATE cases SET mention_id = ?, version = version + 1, issue_id ="
        " (SELECT issue_id FROM memberships WHERE mention_id = ? AND brand = ?) WHERE id = ?",
        (mention, mention, brand, case),
    )


def _close(conn: sqlite3.Connection, case: int, state: str, at: datetime, by: str) -> None:
    resolution = "deleted by its author" if by == "source" else "erased"
    conn.execute(
        "UPDATE cases SET state = 'dismissed', resolution = ?, owner = '', lease_until = NULL,"
        " snooze_until = NULL, wakes_on = '', asleep = '', version = version + 1 WHERE id = ?",
        (resolution, case),
    )
    write(
        conn,
        Entry(
            at=at,
            actor=by,
            action="erase",
            entity="case",
            entity_id=case,
            case=case,
            before={"state": state},
            after={"state": "dismissed", "resolution": resolution},
            note=f"the post was {resolution}; its text has been erased" if by == "source" else "",
        ),
    )


def _drop_drafts(conn: sqlite3.Connection, case: int) -> None:
    """Erase drafts, here and where history remembers them; what was sent stays sent."""
    drafts = ids(
        id
        for (id,) in conn.execute(
            "SELECT id FROM replies WHERE case_id = ? AND kind = 'reply' AND state <> 'sent'",
            (case,),
        )
    )
    these = "IN (SELECT value FROM json_each(?))"
    conn.execute(f"UPDATE replies SET text = '', state = 'cancelled' WHERE id {these}", (drafts,))
    conn.execute(f"DELETE FROM outbox WHERE state <> 'sent' AND reply_id {these}", (drafts,))
    for id, before, after in conn.execute(
        "SELECT id, before, after FROM history WHERE entity = 'reply' AND case_id = ?"
        f" AND entity_id {these}",
        (case, drafts),
    ).fetchall():
        conn.execute(
            "UPDATE history SET before = ?, after = ? WHERE id = ?",
            (_without_text(before), _without_text(after), id),
        )


def _without_text(values: str) -> str:
    kept = orjson.loads(values)
    if "text" in kept:
        kept["text"] = ""
    return orjson.dumps(kept).decode()


def _forget_author(conn: sqlite3.Connection, kind: str, author_id: str) -> None:
    """Forget a person of whom nothing is left."""
    if (
        not author_id
        or conn.execute(
            "SELECT 1 FROM mentions WHERE author_id = ? AND author_id <> '' AND kind = ? LIMIT 1",
            (author_id, kind),
        ).fetchone()
    ):
        return
    people = conn.execute(
        "DELETE FROM handles WHERE kind = ? AND author_id = ? RETURNING person_id",
        (kind, author_id),
    ).fetchall()
    for (person,) in people:
        conn.execute(
            "DELETE FROM people WHERE id = ? AND NOT EXISTS"
            " (SELECT 1 FROM handles WHERE person_id = people.id)",
            (person,),
        )
