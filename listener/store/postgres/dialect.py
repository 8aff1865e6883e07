"""The verbs' SQL, which is SQLite's, as PostgreSQL understands it.

Two databases say nearly the same words for the same thing, so a verb is written once and its
statements are put over here, each once, by a few rules. What a rule does not know PostgreSQL refuses
aloud, and every contract of the store runs against both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from listener.store.postgres.keys import Table

Kinds = tuple[str, ...]  # the types of a list's columns: ("bigint",), ("text",), ("bigint", "text")
KEYS, VALUES = -1, -2  # in place of a column's number: what an object names, and what it holds
_NAMED = "{}"  # in place of a first type: the list is an object
_LISTED = re.compile(r"json_each\(\?(\d*)\)( [a-z])?")
_GIVEN = re.compile(r"\?(\d*)")
_MEMBER = re.compile(r"json_extract\(((?:\w\.)?\w+), '\$\.(\w+)'\)")
_MEMBER_AS_TEXT = r"(CAST(replace(\1, '\\u0000', '\\ufffd') AS json) ->> '\2')"  # see schema.py
_BYTES = re.compile(r"\bx'([0-9a-fA-F]*)'")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_MASKED = re.compile("\x01(\\d+)\x01")
_INSERT = re.compile(r"INSERT (?:OR (IGNORE|REPLACE) )?INTO (\w+)(?: \(([^()]*)\))? ?(.*)", re.S)
_SIMPLE = (
    (re.compile(r" INDEXED BY \w+"), ""),
    (re.compile(r"\bCROSS JOIN\b"), "JOIN"),  # SQLite's way to fix an order; each has its ON
    (re.compile(r"\bIS (?!NULL\b|NOT\b|DISTINCT\b)"), "IS NOT DISTINCT FROM "),
    (re.compile(r"\bIS NOT (?!NULL\b|DISTINCT\b)"), "IS DISTINCT FROM "),
    (re.compile(r"\bNOT ([a-z_]+(?:\.[a-z_]+)?)\b(?!\()"), r"\1 = 0"),
    (re.compile(r"\bLIMIT (\?\d*)"), r"LIMIT nullif(CAST(\1 AS bigint), -1)"),
    (re.compile(r"\bmention_search MATCH (\?\d*)"), r"words @@ CAST(\1 AS tsquery)"),
    (re.compile(r"group_concat\((DISTINCT )?([^(),]*)\)"), r"string_agg(\1CAST(\2 AS text), ',')"),
    (re.compile(r"\bgroup_concat\("), "string_agg("),
    (re.compile(r"\bAS INTEGER\)"), "AS bigint)"),
    (re.compile(r"\bLIKE\b"), "ILIKE"),  # both fold ASCII letters and no others
    (re.compile(r"\blower\((\?\d*)\)"), r'lower(CAST(\1 AS text) COLLATE "C")'),
)  # fmt: skip
# JSON in SQLite's own spelling: what one database has written the other would have written.
_NAMES = re.compile(r"json_group_array\(((?:\w\.)?\w+)\)")
_NAMES_AS_JSON = (
    r"'[' || coalesce(string_agg(CAST(to_json(\1) AS text), ',' ORDER BY \1), '') || ']'"
)
_COUNTS = re.compile(r"json_group_object\((\w+), (\w+)\)")
_COUNTS_AS_JSON = (
    r"'{' || coalesce(string_agg(to_json(\1) || ':' || \2, ',' ORDER BY \1), '') || '}'"
)
_LISTS = re.compile(r"json_group_array\(json_array\(([^()]*)\)\)")
_ELEMENT = re.compile(r"json_extract\(([a-z])\.value, '\$\[(\d+)\]'\)|([a-z])\.value ->> (\d+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it is sent: `given` says which parameter stands at each `%s`.

    Each is the number of one of the caller's parameters, and, of a list of rows, of its column.
    """

    text: str
    given: tuple[tuple[int, int | None], ...]
    returns_id: bool = False


def translate(
    sql: str, tables: Mapping[str, Table], lists: Mapping[int, Kinds] | None = None
) -> Statement:
    """One of SQLite's statements for PostgreSQL; `lists` are the columns of parameters that are lists."""
    sql = numbered(sql)
    sql = _BYTES.sub(r"decode('\1', 'hex')", _elements(sql, lists or {}))
    sql = _MEMBER.sub(_MEMBER_AS_TEXT, sql)
    literals: list[str] = []

    def mask(found: re.Match[str]) -> str:
        literals.append(found[0])
        return f"\x01{len(literals) - 1}\x01"

    sql = _LITERAL.sub(mask, sql)
    sql = _LISTS.sub(_list_of_lists, sql)
    sql = _COUNTS.sub(_COUNTS_AS_JSON, _NAMES.sub(_NAMES_AS_JSON, sql))
    for pattern, replacement in _SIMPLE:
        sql = pattern.sub(replacement, sql)
    sql, returns_id = _insertion(_extremes(sql), tables)
    sql = _MASKED.sub(lambda found: literals[int(found[1])], sql)
    return Statement(*_positional(sql, lists or {}), returns_id)


def kinds(listed: str) -> Kinds:
    """The types of a list in JSON: of its one column, of the columns of its rows, of named values."""
    found = orjson.loads(listed)
    if isinstance(found, dict):
        return (_NAMED, _kind(next(iter(found.values()), "")))
    first = found[0] if found else 0
    if not isinstance(first, list):
        return (_kind(first),)
    columns = zip(*found, strict=True)
    return tuple(_kind(next((one for one in column if one is not None), "")) for column in columns)


def listed_parameters(sql: str) -> list[int]:
    """The numbers of the parameters that are lists."""
    return sorted({int(found[1]) - 1 for found in _LISTED.finditer(numbered(sql))})


def assignments(columns: Sequence[str]) -> str:
    """`DO UPDATE SET` that takes over every one of these columns."""
    return ", ".join(f'"{name}" = excluded."{name}"' for name in columns)


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "text"
    return "double precision" if isinstance(value, float) else "bigint"


def numbered(sql: str) -> str:
    """The statement with every parameter's number written out: `?` becomes `?1`, `?2` …"""
    if not _GIVEN.search(sql):
        return sql
    parts = re.split(r"('(?:[^']|'')*')", sql)
    last = 0

    def number(found: re.Match[str]) -> str:
        nonlocal last
        last = int(found[1]) if found[1] else last + 1
        return f"?{last}"

    parts[::2] = [_GIVEN.sub(number, part) for part in parts[::2]]
    return "".join(parts)


def _elements(sql: str, lists: Mapping[int, Kinds]) -> str:
    """`j.value ->> 1` becomes a column of its own where `j` is a list of rows, text elsewhere."""
    given = {found[2].strip() for found in _LISTED.finditer(sql) if found[2]}
    rows = {
        found[2].strip()
        for found in _LISTED.finditer(sql)
        if found[2]
        and len(columns := lists.get(int(found[1]) - 1, ())) > 1
        and columns[0] != _NAMED
    }

    def element(found: re.Match[str]) -> str:
        name, n = found[1] or found[3], found[2] or found[4]
        if name in rows:
            return f"{name}.c{n}"
        # A list of rows that is empty has no columns, and nothing equals nothing.
        return "NULL" if name in given else f"({name}.value ->> {n})"

    return _ELEMENT.sub(element, sql)


def _extremes(sql: str) -> str:
    """Of several values the least is `least`; `min` looks at rows alone."""
    for name, of_values in (("min", "least"), ("max", "greatest")):
        start = 0
        while (found := re.compile(rf"\b{name}\(").search(sql, start)) is not None:
            start = found.end()
            if _top_level_commas(sql, start):
                sql = f"{sql[: found.start()]}{of_values}({sql[start:]}"
    return sql


def _top_level_commas(sql: str, start: int) -> int:
    depth, commas = 1, 0
    for character in sql[start:]:
        depth += (character == "(") - (character == ")")
        if not depth:
            break
        commas += character == "," and depth == 1
    return commas


def _insertion(sql: str, tables: Mapping[str, Table]) -> tuple[str, bool]:
    """Name what a conflict is about, number the new rows, and say the number of a single one."""
    found = _INSERT.fullmatch(sql)
    if found is None or found[2] not in tables:
        return sql, False
    otherwise, name, listed, rest = found.groups()
    table = tables[name]
    columns = (
        [one.strip().strip('"') for one in listed.split(",")] if listed else list(table.columns)
    )
    target = f"ON CONFLICT ({table.conflict})"
    rest = re.sub(r"ON CONFLICT (?=DO )", f"{target} ", rest)
    rest, conflict = _divided(rest)
    new = table.numbered and "id" not in columns
    if new:
        rest, listed = _with_number(name, rest), f"id, {listed}"
    if otherwise == "IGNORE":
        conflict = " ON CONFLICT DO NOTHING"
    elif otherwise == "REPLACE":
        conflict = f" {target} DO UPDATE SET {assignments(columns)}"
    single = rest.startswith("VALUES") and "RETURNING" not in rest + conflict
    if new and single:
        conflict += " RETURNING id"
    rest += conflict
    names = f" ({listed})" if listed else ""
    return f"INSERT INTO {name}{names} {rest}", new and single


def _with_number(table: str, rest: str) -> str:
    """Give new rows the numbers after the largest, as SQLite does; the writer is alone."""
    largest = f"(SELECT coalesce(max(id), 0) FROM {table})"
    if rest.startswith("VALUES ("):
        return rest.replace("VALUES (", f"VALUES ({largest} + 1, ", 1)
    return f"SELECT {largest} + row_number() OVER (), x.* FROM ({rest}) x"


def _divided(rest: str) -> tuple[str, str]:
    """The rows of an insertion, and what is to be done about those that are there."""
    rows, found, conflict = rest.partition(" ON CONFLICT ")
    return rows, found + conflict


def _list_of_lists(found: re.Match[str]) -> str:
    """A list of lists in JSON, written as SQLite writes it, in the order of the rows."""
    said = " || ',' || ".join(f"to_json({one.strip()})" for one in found[1].split(","))
    return f"'[' || coalesce(string_agg('[' || {said} || ']', ','), '') || ']'"


def _positional(
    sql: str, lists: Mapping[int, Kinds]
) -> tuple[str, tuple[tuple[int, int | None], ...]]:
    """The statement with `%s` for every parameter, and which one stands where."""
    given: list[tuple[int, int | None]] = []

    def place(found: re.Match[str]) -> str:
        if found[1] is None:
            given.append((int(found[3]) - 1, None))
            return "%s"
        number = int(found[1]) - 1
        columns = lists.get(number, ("bigint",))
        alias = (found[2] or " listed").strip()
        if columns[0] != _NAMED and f"{alias}.key" in sql:
            columns = (_NAMED, "text")  # an empty object is written like an empty list
        if columns[0] == _NAMED:
            given.extend([(number, KEYS), (number, VALUES)])
            return f"unnest(CAST(%s AS text[]), CAST(%s AS {columns[1]}[])) AS {alias}(key, value)"
        if len(columns) == 1:
            given.append((number, None))
            return f"unnest(CAST(%s AS {columns[0]}[])) AS {alias}(value)"
        given.extend((number, n) for n in range(len(columns)))
        arrays = ", ".join(f"CAST(%s AS {kind}[])" for kind in columns)
        return f"unnest({arrays}) AS {alias}({', '.join(f'c{n}' for n in range(len(columns)))})"

    parts = re.split(r"('(?:[^']|'')*')", sql.replace("%", "%%"))
    either = re.compile(rf"{_LISTED.pattern}|{_GIVEN.pattern}")
    parts[::2] = [either.sub(place, part) for part in parts[::2]]
    return "".join(parts), tuple(given)
