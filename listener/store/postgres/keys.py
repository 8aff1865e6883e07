"""The tables as PostgreSQL is to have them, read from the statements that make them in SQLite."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Foreign platforms decide how long these are, and a B-tree holds no more than 2,704 bytes: such a
# column is looked up by a hash index, and is one of a key by its digest.
LONG = frozenset({"external_id", "author_id", "thread_root", "thread_parent", "story"})

_TABLE = re.compile(r"CREATE TABLE (\w+) \((.*)\)(?: WITHOUT ROWID)?", re.S)
_INDEX = re.compile(r"CREATE (UNIQUE )?INDEX (\w+) ON (\w+) \(([^()]*)\)(?: WHERE (.*))?", re.S)
_REFERENCE = re.compile(r" REFERENCES (\w+) \((\w+)\)")
_TYPE = re.compile(r'"?\w+"? (BIGINT|DOUBLE PRECISION|BYTEA|TEXT COLLATE "C")')
_WORDS = re.compile(r"\bTEXT\b")


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in order, its keys, and whether its rows are numbered by `id`.

    `keys` are the primary key and what else is unique, the primary key first.
    """

    name: str
    definitions: tuple[str, ...]
    columns: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    numbered: bool
    generated: frozenset[str]
    references: tuple[tuple[str, str, str], ...]  # column, table, column there
    caseless: frozenset[str] = frozenset()

    @property
    def conflict(self) -> str:
        """What a row with the same key conflicts with: for `ON CONFLICT (…)`."""
        return ", ".join(map(unbounded, self.keys[0]))

    @property
    def types(self) -> dict[str, str]:
        """The type of every column, without what else is asked of it."""
        return {
            name: found[1]
            for name, definition in zip(self.columns, self.definitions, strict=False)
            if (found := _TYPE.match(definition))
        }

    @property
    def stored(self) -> tuple[str, ...]:
        """The columns that are written, in order."""
        return tuple(name for name in self.columns if name not in self.generated)

    def statements(self) -> Iterator[str]:
        """What makes the table and the keys it has; not yet what it refers to."""
        yield f"CREATE TABLE {self.name} ({', '.join(self.definitions)})"
        for column, kind in self.types.items():
            if kind == "BYTEA":  # what we keep in bytes is packed already
                yield f"ALTER TABLE {self.name} ALTER COLUMN {column} SET STORAGE EXTERNAL"
        for n, key in enumerate(self.keys):
            if self.caseless.intersection(key):
                yield f"CREATE UNIQUE INDEX ON {self.name} (lower({key[0]}))"
            elif LONG.intersection(key):
                columns = ", ".join(map(unbounded, key))
                yield f"CREATE UNIQUE INDEX {self.name}_key_{n} ON {self.name} ({columns})"
                for column in LONG.intersection(key):
                    yield f"CREATE INDEX ON {self.name} USING hash ({column})"

    def constraints(self) -> Iterator[str]:
        """What ties it to other tables; checked at once, or at the end where a copy asks for it."""
        for column, table, there in self.references:
            yield (
                f"ALTER TABLE {self.name} ADD FOREIGN KEY ({column}) REFERENCES {table} ({there})"
                " DEFERRABLE INITIALLY IMMEDIATE"
            )


def unbounded(column: str) -> str:
    """A column as part of a key."""
    return f"digest_of({column})" if column in LONG else f'"{column}"'


def read_table(statement: str) -> Table | None:
    """The table that a statement of SQLite makes; None for another statement."""
    found = _TABLE.fullmatch(statement)
    if found is None:
        return None
    name, body = found.groups()
    definitions: list[str] = []
    columns: list[str] = []
    keys: list[tuple[str, ...]] = []
    references: list[tuple[str, str, str]] = []
    generated: set[str] = set()
    caseless: set[str] = set()
    numbered = False
    for part in _split(body):
        kind = re.match(r"(PRIMARY KEY|UNIQUE) \((.*)\)$", part)
        if kind:
            key = tuple(one.strip().strip('"') for one in kind[2].split(","))
            keys.insert(0 if kind[1] == "PRIMARY KEY" else len(keys), key)
            if not LONG.intersection(key):
                definitions.append(part)
            continue
        column = part.split()[0].strip('"')
        if "COLLATE NOCASE" in part:
            caseless.add(column)
        columns.append(column)
        numbered |= part == "id INTEGER PRIMARY KEY"
        if "PRIMARY KEY" in part:
            keys.insert(0, (column,))
        elif " UNIQUE" in part:
            keys.append((column,))
        if "GENERATED ALWAYS" in part:
            generated.add(column)
        if refers := _REFERENCE.search(part):
            references.append((column, refers[1], refers[2]))
        definitions.append(_definition(part))
    return Table(
        name,
        tuple(definitions),
        tuple(columns),
        tuple(keys),
        numbered,
        frozenset(generated),
        tuple(references),
        frozenset(caseless),
    )


def index(statement: str) -> list[str]:
    """An index of SQLite's; over what has no bounds, one that looks up whole values."""
    found = _INDEX.fullmatch(statement)
    if found is None:
        return []
    unique, name, table, listed, where = found.groups()
    long = [column for column in (one.strip() for one in listed.split(",")) if column in LONG]
    if long and not unique:
        condition = f" WHERE {where}" if where else ""
        return [f"CREATE INDEX {name} ON {table} USING hash ({long[0]}){condition}"]
    return [statement]


def _definition(part: str) -> str:
    part = _REFERENCE.sub("", part)
    part = re.sub(r"\bINTEGER\b", "BIGINT", part)
    part = re.sub(r"\bREAL\b", "DOUBLE PRECISION", part)
    part = re.sub(r"\bBLOB\b", "BYTEA", part)
    part = part.replace(" UNIQUE COLLATE NOCASE", "").replace("nullif(min(", "nullif(least(")
    part = part.replace(") VIRTUAL", ") STORED")
    # Bytes decide the order and what is equal, whatever language the database was made for.
    return _WORDS.sub('TEXT COLLATE "C"', part, count=1)


def _split(body: str) -> Sequence[str]:
    """The definitions in a table's brackets."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(body):
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            parts.append(body[start:at])
            start = at + 1
    parts.append(body[start:])
    return [" ".join(part.split()) for part in parts]
