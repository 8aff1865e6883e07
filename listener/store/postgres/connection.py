"""A connection to PostgreSQL that takes the statements of the verbs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from listener.store.postgres.bulk import Bulk, bulk_of
from listener.store.postgres.dialect import (
    KEYS,
    VALUES,
    Kinds,
    Statement,
    kinds,
    listed_parameters,
    translate,
)
from listener.store.postgres.keys import Table
from listener.store.postgres.search import Cutter
from listener.store.postgres.sets import Whole, whole_of
from listener.store.postgres.texts import kept

if TYPE_CHECKING:
    from psycopg import Connection

Row = tuple[Any, ...]

_MANY = 50  # rows from which a copy is faster than statement after statement
_SOME = 4  # rows from which they go better together than one by one
_INDEXING = re.compile(r"INSERT INTO mention_search .*? SELECT (?:'delete', )?(id, .*)", re.S)
_SEARCHED = "mention_search MATCH"


class Result:
    """What a statement found or did, as `sqlite3` says it."""

    __slots__ = ("_rows", "lastrowid", "rowcount")

    def __init__(
        self, rows: Sequence[Row] = (), rowcount: int = -1, lastrowid: int | None = None
    ) -> None:
        """Hold the rows, how many were changed, and the number of a new one."""
        self._rows = iter(rows)
        self.rowcount = rowcount
        self.lastrowid = lastrowid

    def __iter__(self) -> Iterator[Row]:
        """The rows that were not taken yet."""
        return self._rows

    def fetchone(self) -> Row | None:
        """The next row."""
        return next(self._rows, None)

    def fetchall(self) -> list[Row]:
        """All rows that were not taken yet."""
        return list(self._rows)


class Speaking:
    """One connection, with what it has put over so far. For one thread at a time."""

    def __init__(self, raw: Connection[Row], tables: Mapping[str, Table]) -> None:
        """Use an open connection to a database that has these tables."""
        self.raw = raw
        self._tables = tables
        self._lists: dict[str, list[int]] = {}
        self._known: dict[tuple[str, tuple[Kinds, ...]], Statement] = {}
        self._cutter = Cutter()
        self._bulks: dict[str, Bulk | None] = {}
        self._wholes: dict[str, Whole | None] = {}

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> Result:
        """Run one statement."""
        if sql.startswith("PRAGMA"):
            return Result()  # settings of a file
        if sql.startswith("INSERT INTO mention_search"):
            return self._index(sql, parameters)
        if _SEARCHED in sql:
            parameters = [self._query(value) for value in parameters]
        statement, values = self._put_over(sql, parameters)
        cursor = self.raw.execute(statement.text, values)
        rows = cursor.fetchall() if cursor.description else []
        new = rows[0][0] if statement.returns_id and rows else None
        return Result(rows, cursor.rowcount, new)

    def executemany(self, sql: str, parameters: Iterable[Sequence[object]]) -> Result:
        """Run one statement for every row; many new rows go over in one piece."""
        rows = [tuple(map(kept, row)) for row in parameters]
        if not rows:
            return Result(rowcount=0)
        bulk = self._bulk(sql) if len(rows) >= _MANY else None
        if bulk is not None and bulk.fits(rows):
            return Result(rowcount=bulk.write(self.raw, rows))
        whole = self._whole(sql) if len(rows) >= _SOME else None
        if whole is not None:
            return Result(
                rowcount=sum(self.raw.execute(*one).rowcount for one in whole.statements(rows))
            )
        statement, _ = self._put_over(sql, rows[0])
        given = statement.given
        with self.raw.cursor() as cursor:
            cursor.executemany(statement.text, [[row[n] for n, _ in given] for row in rows])
            return Result(rowcount=cursor.rowcount)

    def _bulk(self, sql: str) -> Bulk | None:
        if sql not in self._bulks:
            self._bulks[sql] = bulk_of(sql, self._tables)
        return self._bulks[sql]

    def _whole(self, sql: str) -> Whole | None:
        if sql not in self._wholes:
            self._wholes[sql] = whole_of(sql, self._tables)
        return self._wholes[sql]

    def _put_over(self, sql: str, parameters: Sequence[object]) -> tuple[Statement, list[object]]:
        """The statement for PostgreSQL and its values; a list in JSON becomes arrays."""
        listed = self._lists.get(sql)
        if listed is None:
            listed = self._lists[sql] = listed_parameters(sql)
        shapes = tuple(kinds(str(parameters[n])) for n in listed)
        statement = self._known.get((sql, shapes))
        if statement is None:
            statement = translate(sql, self._tables, dict(zip(listed, shapes, strict=True)))
            self._known[sql, shapes] = statement
        arrays = {n: orjson.loads(str(parameters[n])) for n in listed}
        return statement, [
            _array(arrays[n], column) if n in arrays else kept(parameters[n])
            for n, column in statement.given
        ]

    def close(self) -> None:
        """Give the connection back."""
        self._cutter.close()
        self.raw.close()

    def _query(self, value: object) -> object:
        """A parameter that asks for words, as PostgreSQL asks; any other as it is."""
        if isinstance(value, str) and value.startswith('"'):
            return self._cutter.asked(value)
        return value

    def _index(self, sql: str, parameters: Sequence[object]) -> Result:
        """Write the words of mentions, or take them out."""
        found = _INDEXING.fullmatch(sql)
        assert found is not None, sql
        if "'delete'" in sql:
            which = found[1].replace("id, title, text, handle", "id", 1)
            return self.execute(
                f"DELETE FROM mention_search WHERE rowid IN (SELECT {which})", parameters
            )
        posts = self.execute(f"SELECT {found[1]}", parameters).fetchall()
        with self.raw.cursor().copy("COPY mention_search (rowid, words) FROM STDIN") as copy:
            for row in self._cutter.indexed(posts):
                copy.write_row(row)
        return Result(rowcount=len(posts))


def _array(listed: Any, column: int | None) -> list[object]:
    if column in (KEYS, VALUES):
        named = dict(listed)
        return [kept(one) for one in (named if column == KEYS else named.values())]
    return [kept(one if column is None else one[column]) for one in listed]
