"""Words to look for: cut by SQLite's full-text search, so that both databases find the same posts."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_PLACES = 16_383  # places of words that PostgreSQL tells apart in one post
_PLACES_OF_ONE = 255
_LONGEST = 500  # characters of a word; PostgreSQL refuses 2 KB
_LARGEST = 900_000  # bytes of a post's words; PostgreSQL refuses 1 MB
_APART = 10  # places between two fields, so that no phrase runs from one into the other
_NONE = "'a' & !'a'"  # finds nothing, as a search without a word does


class Cutter:
    """Cuts texts into words in a database of its own, in memory. For one thread at a time."""

    def __init__(self) -> None:
        """Make the index that is written to and read from again."""
        self._conn = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._conn.execute(
            "CREATE VIRTUAL TABLE said USING fts5(title, text, handle, content = '',"
            " tokenize = 'unicode61 remove_diacritics 2')"
        )
        self._conn.execute("CREATE VIRTUAL TABLE cut USING fts5vocab(said, instance)")

    def close(self) -> None:
        """Give the memory back."""
        self._conn.close()

    def indexed(self, posts: Sequence[tuple[int, str, str, str]]) -> Iterator[tuple[int, str]]:
        """The words of posts (id, title, text, handle) with their places, as `tsvector`s are written.

        Of a post without measure the first words are found, and the phrases near its beginning.
        """
        found = self._cut(posts)
        for id, *_ in posts:
            yield id, _vector(found.get(id, []))

    def asked(self, match: str) -> str:
        """A query as the verbs write it (phrases in quotes, a star for an unfinished word) as `tsquery`."""
        phrases = [found[1].replace('""', '"') for found in _QUOTED.finditer(match)]
        cut = self._cut([(n, phrase, "", "") for n, phrase in enumerate(phrases)])
        written = [
            [f"'{word[:_LONGEST]}'" for _, _, word in cut.get(n, [])] for n in range(len(phrases))
        ]
        if match.endswith("*") and written and written[-1]:
            written[-1][-1] += ":*"
        return " & ".join(f"({' <-> '.join(phrase)})" for phrase in written if phrase) or _NONE

    def _cut(
        self, posts: Sequence[tuple[int, str, str, str]]
    ) -> dict[int, list[tuple[int, int, str]]]:
        """By post its words in order, as (field, place in the field, word)."""
        self._conn.execute("BEGIN")
        try:
            self._conn.executemany(
                "INSERT INTO said (rowid, title, text, handle) VALUES (?, ?, ?, ?)", posts
            )
            rows = self._conn.execute(
                "SELECT doc, CASE col WHEN 'title' THEN 0 WHEN 'text' THEN 1 ELSE 2 END, offset, term"
                " FROM cut ORDER BY 1, 2, 3"
            ).fetchall()
        finally:
            self._conn.execute("ROLLBACK")
        return {id: [row[1:] for row in found] for id, found in groupby(rows, itemgetter(0))}


def _vector(said: Sequence[tuple[int, int, str]]) -> str:
    places: dict[str, list[int]] = {}
    start = last = size = field = 0
    for of, offset, word in said:
        if of != field:
            start, field = last + _APART, of
        last = start + offset + 1
        known = places.get(word[:_LONGEST])
        if known is None:
            size += len(word[:_LONGEST].encode()) + 8
            if size > _LARGEST:
                break
            known = places[word[:_LONGEST]] = []
        if len(known) < _PLACES_OF_ONE and last <= _PLACES:
            known.append(last)
            size += 2
    return " ".join(
        f"'{word}':{','.join(map(str, known))}" if known else f"'{word}'"
        for word, known in places.items()
    )
