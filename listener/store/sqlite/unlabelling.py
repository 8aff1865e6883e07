"""What erased posts have lent to the names of their issues: taken out where nobody else says it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

import orjson

from listener.store.sqlite.verdicts import ids, json

_WORD = re.compile(r"\w{3,}")
_SAID_BY_OTHERS = (
    "SELECT m.title, m.text FROM memberships g JOIN mentions m ON m.id = g.mention_id"
    " WHERE g.issue_id = ? AND m.deleted_at IS NULL"
)
_ANOTHER = (
    "SELECT min(g.mention_id) FROM memberships g JOIN mentions m ON m.id = g.mention_id"
    " WHERE g.issue_id = ? AND m.deleted_at IS NULL AND NOT g.same_story"
)


def words_by_issue(conn: sqlite3.Connection, mentions: Iterable[int]) -> dict[int, set[str]]:
    """The words of posts that are about to be erased, by issue."""
    found: dict[int, set[str]] = {}
    for issue, title, text in conn.execute(
        "SELECT g.issue_id, m.title, m.text FROM json_each(?) j"
        " CROSS JOIN memberships g ON g.mention_id = j.value"
        " CROSS JOIN mentions m ON m.id = g.mention_id WHERE g.issue_id IS NOT NULL",
        (ids(mentions),),
    ):
        found.setdefault(issue, set()).update(_words(title), _words(text))
    return found


def unlabel(conn: sqlite3.Connection, erased: dict[int, set[str]]) -> None:
    """Take words of erased posts out of titles, phrases, suggestions and remarks of the machine.

    A title that a person gave stays. What another post of the issue says too stays as well.
    """
    for issue, words in sorted(erased.items()):
        title, by, phrases, central_gone = conn.execute(
            "SELECT i.title, i.titled_by, i.phrases, m.deleted_at IS NOT NULL FROM issues i"
            " JOIN mentions m ON m.id = i.central_mention_id WHERE i.id = ?",
            (issue,),
        ).fetchone()
        if central_gone:
            conn.execute(
                f"UPDATE issues SET central_mention_id = coalesce(({_ANOTHER}), central_mention_id)"
                " WHERE id = ?",
                (issue, issue),
            )
        remarks = _remarks(conn, issue)
        said = [title, phrases, *(text for _, _, text in remarks)]
        if words.isdisjoint(_words(" ".join(said))):
            continue
        gone = words - _living(conn, issue, words)
        kept = [one for one in orjson.loads(phrases) if gone.isdisjoint(_words(one))]
        if not by and not gone.isdisjoint(_words(title)):
            title = ", ".join(kept[:3])
        conn.execute(
            "UPDATE issues SET title = ?, phrases = ? WHERE id = ?", (title, json(kept), issue)
        )
        for table, id, text in remarks:
            if not gone.isdisjoint(_words(text)):
                column = "note" if table == "history" else "reason"
                conn.execute(f"UPDATE {table} SET {column} = '' WHERE id = ?", (id,))


def _remarks(conn: sqlite3.Connection, issue: int) -> list[tuple[str, int, str]]:
    """What the machine has written about an issue: (table, id, text)."""
    history = conn.execute(
        "SELECT id, note FROM history WHERE entity = 'issue' AND entity_id = ?"
        " AND actor = 'listener' AND note <> ''",
        (issue,),
    ).fetchall()
    suggested = conn.execute(
        "SELECT id, reason FROM suggestions WHERE issue_id = ? OR other_issue_id = ?",
        (issue, issue),
    ).fetchall()
    return [("history", *row) for row in history] + [("suggestions", *row) for row in suggested]


def _living(conn: sqlite3.Connection, issue: int, words: set[str]) -> set[str]:
    """Those of the words that a post says which is still there."""
    found: set[str] = set()
    for title, text in conn.execute(_SAID_BY_OTHERS, (issue,)):
        found |= words & _words(f"{title} {text}")
        if len(found) == len(words):
            break
    return found


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))
