"""Mentions as rows, the index over their words, and reading them with their verdicts."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from listener.store.rows import MentionRow
from listener.store.sqlite import verdicts
from listener.store.sqlite.moments import moment, stamp, storable
from listener.store.sqlite.sightings import SOURCES, named
from listener.store.sqlite.verdicts import ids
from sources.mention import NOTHING, Author, Mention, Thread

COLUMNS = (
    "id, source, kind, external_id, created_at, author_id, handle, author_name, followers, title,"
    " text, url, lang, thread_root, thread_parent, metrics, sample, brand, seen_at, edited_at,"
    " deleted_at"
)
WIDTH = len(COLUMNS.split(","))
_LARGEST = 2**63 - 1  # what SQLite holds; a platform that claims more followers is wrong

Row = tuple[Any, ...]

_OUTSIDE = ", ".join("m." + name.strip() for name in COLUMNS.split(","))
_VERDICT = ", ".join("v." + name.strip() for name in verdicts.COLUMNS.split(","))
SELECT = (
    f"SELECT {_OUTSIDE}, {_VERDICT}, g.issue_id, g.duplicate_of, g.similarity, {SOURCES},"
    " (SELECT count(*) FROM memberships d WHERE d.duplicate_of = m.id AND d.brand = v.brand"
    " AND d.duplicate_of > 0)"
    " FROM mentions m LEFT JOIN verdicts v ON v.mention_id = m.id"
    " LEFT JOIN memberships g ON g.mention_id = m.id AND g.brand = v.brand"
)


def outside(mention: Mention) -> Row:
    """The columns from `kind` to `sample` of a mention."""
    author, thread = mention.author, mention.thread
    row = (
        mention.kind,
        mention.external_id,
        stamp(mention.created_at),
        author.id,
        author.handle,
        author.name,
        None if author.followers is None else min(author.followers, _LARGEST),
        mention.title,
        mention.text,
        mention.url,
        mention.lang,
        thread.root,
        thread.parent,
        _metrics(mention),
        int(mention.sample),
    )
    # Nearly all rows are plain: look at a whole one before cleaning each of its texts.
    if all(map(str.isascii, row[:6] + row[7:14])):
        return row
    return tuple(storable(value) if isinstance(value, str) else value for value in row)


def _metrics(mention: Mention) -> str:
    if not mention.metrics:
        return "{}"
    finite = {
        storable(name): value if abs(value) <= _LARGEST else float(value)
        for name, value in mention.metrics.items()
        if math.isfinite(value)
    }
    return orjson.dumps(finite, option=orjson.OPT_SORT_KEYS).decode()


def said(row: Row) -> Mention:
    """The mention in the columns of `COLUMNS`, exactly as it was collected."""
    return Mention(
        kind=row[2],
        external_id=row[3],
        created_at=moment(row[4]),
        author=Author(row[5], row[6], row[7], row[8]),
        title=row[9],
        text=row[10],
        url=row[11],
        lang=row[12],
        thread=Thread(row[13], row[14]),
        metrics=NOTHING if row[15] == "{}" else orjson.loads(row[15]),
        sample=bool(row[16]),
    )


def full_text(title: str, text: str) -> str:
    """What `Mention.full_text` is, without making the mention."""
    if not title or text.startswith(title):
        return text
    return f"{title}\n\n{text}" if text else title


def rows(found: Sequence[Row]) -> list[MentionRow]:
    """Rows of `SELECT` as values."""
    return [_row(row) for row in found]


def _row(row: Row) -> MentionRow:
    judged = row[WIDTH : WIDTH + verdicts.WIDTH]
    issue, duplicate_of, similarity, sources, folded = row[-5:]
    return MentionRow(
        id=row[0],
        source=row[1],
        mention=said(row),
        seen_at=moment(row[18]),
        edited_at=moment(row[19]),
        deleted_at=moment(row[20]),
        brand=judged[1] or "",
        verdict=None if judged[0] is None else verdicts.read(judged),
        issue=issue,
        duplicate_of=duplicate_of or None,
        similarity=similarity,
        sources=named(row[1], sources),
        folded=folded,
        bound=row[17],
    )


def unindex(conn: sqlite3.Connection, mentions: Iterable[int]) -> None:
    """Take mentions out of the search index, before their words change."""
    conn.execute(
        "INSERT INTO mention_search (mention_search, rowid, title, text, handle)"
        " SELECT 'delete', id, title, text, handle FROM mentions"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (ids(mentions),),
    )


def index(conn: sqlite3.Connection, mentions: Iterable[int]) -> None:
    """Put mentions into the search index, after their words have changed."""
    conn.execute(
        "INSERT INTO mention_search (rowid, title, text, handle)"
        " SELECT id, title, text, handle FROM mentions"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (ids(mentions),),
    )


def index_from(conn: sqlite3.Connection, first: int) -> None:
    """Put all mentions from this id on into the search index."""
    conn.execute(
        "INSERT INTO mention_search (rowid, title, text, handle)"
        " SELECT id, title, text, handle FROM mentions WHERE id >= ?",
        (first,),
    )


def match(search: str) -> str:
    """What people typed as a full-text query: every word must occur, the last one may be unfinished.

    Nothing in it is syntax, so nothing in it can be a syntax error.
    """
    words = ['"' + word.replace('"', '""') + '"' for word in search.replace("\0", " ").split()]
    return " ".join(words) + "*" if words else ""
