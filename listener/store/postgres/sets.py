"""Many rows by one statement: what is said once for every row is said once for all of them.

A row is a round trip's worth of work for the server to read, plan and answer; rows that come as
arrays are one. So

    UPDATE cases SET due_at = ? WHERE id = ?

is sent as `UPDATE cases SET due_at = q.c0 FROM unnest(…) AS q(c0, c1) WHERE id = q.c1`, and so are
DELETE and INSERT. The result is that of one statement a row, in order: rows that would meet each
other go in one after the other, and a statement whose rows could see each other stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from listener.store.postgres.dialect import numbered, translate
from listener.store.postgres.keys import Table

Rows = Sequence[tuple[Any, ...]]

_HERE = "arriving_rows"  # where the arrays go, until the rest is put over
_MOST_ROWS, _MOST_LETTERS = 1000, 1 << 24  # of one statement
_FLOAT = "double precision"
_GIVEN = re.compile(r"\?(\d+)")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_UPDATE = re.compile(r"UPDATE (\w+) SET (.*)", re.S)
_DELETE = re.compile(r"DELETE FROM (\w+) WHERE (.*)", re.S)
_INSERT = re.compile(r"(INSERT (?:OR (\w+) )?INTO (\w+)(?: \(([^()]*)\))?) VALUES \((.*)", re.S)
_EQUAL = re.compile(r'"?(\w+)"? = q\.c(\d+)\b')
_COLUMN = re.compile(r"q\.c(\d+)")


@dataclass(frozen=True, slots=True)
class Whole:
    """A statement for many rows: `types` are its columns' as far as the tables say them.

    `key` are the places in a row of what must differ in rows that go together; None when all may.
    """

    text: str
    types: Mapping[int, str]
    key: tuple[int, ...] | None

    def statements(self, rows: Rows) -> Iterator[tuple[str, list[object]]]:
        """What is to be sent for the rows, one after the other, with a list for every column."""
        for some in self._together(rows):
            columns = list(zip(*some, strict=True))
            types = [self.types.get(n) or _type(column) for n, column in enumerate(columns)]
            arrays = ", ".join(f"CAST(%s AS {one}[])" for one in types)
            names = ", ".join(f"c{n}" for n in range(len(columns)))
            here = f"unnest({arrays}) WITH ORDINALITY AS q({names}, place)"
            yield (
                self.text.replace(_HERE, here, 1),
                [_array(column, kind) for column, kind in zip(columns, types, strict=True)],
            )

    def _together(self, rows: Rows) -> Iterator[Rows]:
        """The rows in their order, as many at a time as may go together."""
        some: list[tuple[Any, ...]] = []
        seen: set[tuple[Any, ...]] = set()
        letters = 0
        for row in rows:
            key = None if self.key is None else tuple([row[n] for n in self.key])
            size = sum([len(one) for one in row if isinstance(one, (str, bytes))])
            if some and (key in seen or len(some) >= _MOST_ROWS or letters + size > _MOST_LETTERS):
                yield some
                some, seen, letters = [], set(), 0
            some.append(row)
            letters += size
            if key is not None:
                seen.add(key)
        if some:
            yield some


def whole_of(sql: str, tables: Mapping[str, Table]) -> Whole | None:
    """How the rows of a statement go together; None when it has to be said for each of them."""
    sql = _GIVEN.sub(lambda found: f"q.c{int(found[1]) - 1}", numbered(sql))
    return _update(sql, tables) or _delete(sql, tables) or _insert(sql, tables)


def _update(sql: str, tables: Mapping[str, Table]) -> Whole | None:
    found = _UPDATE.fullmatch(sql)
    if found is None or found[1] not in tables or _looks_at(found[1], found[2]):
        return None
    assigned, condition = _apart(found[2], " WHERE ")
    changed = {one.split("=")[0].strip(' "') for one in _split(assigned, ", ")}
    key = tuple(n for column, n in _equal(condition) if column not in changed)
    if not key:
        return None
    text = f"UPDATE {found[1]} SET {assigned} FROM {_HERE} WHERE {condition}"
    return Whole(translate(text, tables).text, _types(sql, tables[found[1]]), key)


def _delete(sql: str, tables: Mapping[str, Table]) -> Whole | None:
    found = _DELETE.fullmatch(sql)
    if found is None or found[1] not in tables or _looks_at(found[1], found[2]):
        return None
    text = f"DELETE FROM {found[1]} USING {_HERE} WHERE {found[2]}"
    return Whole(translate(text, tables).text, _types(sql, tables[found[1]]), None)


def _insert(sql: str, tables: Mapping[str, Table]) -> Whole | None:
    found = _INSERT.fullmatch(sql)
    if found is None or found[3] not in tables or _looks_at(found[3], found[5]):
        return None
    table = tables[found[3]]
    names = [one.strip(' "') for one in found[4].split(",")] if found[4] else table.stored
    values, conflict = _closed(found[5])
    new = table.numbered and "id" not in names
    if _COLUMN.search(conflict) or (new and (found[2] or conflict)):
        return None  # rows that are there already would take numbers
    places = {
        name: int(one[1])
        for name, value in zip(names, _split(values, ", "), strict=True)
        if (one := _COLUMN.fullmatch(value))
    }
    key = None
    if "DO UPDATE" in conflict or found[2] == "REPLACE":
        if not set(table.keys[0]) <= places.keys():
            return None
        key = tuple(places[name] for name in table.keys[0])
    known = _known(table)
    types = {n: known[name] for name, n in places.items()}
    text = f"{found[1]} SELECT {values} FROM {_HERE} ORDER BY q.place{conflict}"
    return Whole(translate(text, tables).text, types, key)


def _looks_at(table: str, text: str) -> bool:
    """Whether a row of the table could see what became of the row before it."""
    return re.search(rf"\b(?:FROM|JOIN) {table}\b", text) is not None


def _known(table: Table) -> dict[str, str]:
    """The type of every column, as that of a list's elements."""
    return {name: kind.split(" COLLATE")[0].lower() for name, kind in table.types.items()}


def _types(sql: str, table: Table) -> dict[int, str]:
    """The types of what is assigned to the table's columns or compared with them."""
    known = _known(table)
    return {int(found[2]): known[found[1]] for found in _EQUAL.finditer(sql) if found[1] in known}


def _type(column: Sequence[object]) -> str:
    """The type of values that no column tells."""
    known = [one for one in column if one is not None]
    if any(isinstance(one, float) for one in known):
        return _FLOAT
    first = known[0] if known else ""
    return "bigint" if isinstance(first, int) else "bytea" if isinstance(first, bytes) else "text"


def _array(column: Sequence[Any], kind: str) -> object:
    """A list as PostgreSQL reads it; several times as fast as the driver writes one."""
    if kind == "bytea":
        return list(column)
    if kind != "text":
        return f"{{{','.join(['NULL' if one is None else str(one) for one in column])}}}"
    said = ["NULL" if one is None else f'"{_quoted(one)}"' for one in column]
    return f"{{{','.join(said)}}}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _equal(condition: str) -> Iterator[tuple[str, int]]:
    """What a row must be equal to for a condition to hold, as (column, place)."""
    if len(_split(condition, " OR ")) == 1:
        for one in _split(condition, " AND "):
            if found := _EQUAL.fullmatch(one.strip()):
                yield found[1], int(found[2])


def _apart(text: str, at: str) -> tuple[str, str]:
    """The text before and behind the first `at` that stands in no brackets; "" when there is none."""
    first, *rest = _split(text, at)
    return first, at.join(rest)


def _closed(text: str) -> tuple[str, str]:
    """What is in the brackets that end here, and what follows them."""
    depth = 1
    for at, character in enumerate(_LITERAL.sub(lambda found: "_" * len(found[0]), text)):
        depth += (character == "(") - (character == ")")
        if not depth:
            return text[:at], text[at + 1 :]
    return text, ""


def _split(text: str, at: str) -> list[str]:
    """The parts of a text between what stands in no brackets and no literal."""
    plain = _LITERAL.sub(lambda found: "_" * len(found[0]), text)
    parts, depth, start = [], 0, 0
    for n, character in enumerate(plain):
        depth += (character == "(") - (character == ")")
        if not depth and n >= start and plain.startswith(at, n):
            parts.append(text[start:n])
            start = n + len(at)
    parts.append(text[start:])
    return parts
