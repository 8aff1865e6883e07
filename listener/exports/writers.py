"""Rows into bytes: CSV, JSON lines, Parquet; one row at a time."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import orjson

from listener.errors import ListenerError
from listener.exports.cells import Cell, Column, Kind, csv_cell, json_cell
from listener.exports.tables import ExportTable
from listener.exports.wanted import Wanted
from listener.store.protocol import Store

Row = Sequence[Cell]
Writer = Callable[[Sequence[Column], Iterable[Row], BinaryIO], None]

# How many rows go by between two words of progress.
STEP = 1_000
_DUCKDB_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.FLAG: "BOOLEAN",
    Kind.TIME: "TIMESTAMPTZ",
    Kind.TEXTS: "VARCHAR[]",
}


def export(
    store: Store,
    table: ExportTable,
    wanted: Wanted,
    form: str,
    out: BinaryIO,
    progress: Callable[[int], None] = lambda rows: None,
) -> int:
    """Write one table in one of FORMATS; returns how many rows. `progress` hears the count."""
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for row in table.rows(store, wanted):
            count += 1
            yield row
            if count % STEP == 0:
                progress(count)

    FORMATS[form](table.columns, counted(), out)
    progress(count)
    return count


def write_csv(columns: Sequence[Column], rows: Iterable[Row], out: BinaryIO) -> None:
    """RFC 4180 in UTF-8 with a heading line; cells that a spreadsheet might obey are guarded."""
    text = io.TextIOWrapper(
        out, encoding="utf-8", errors="replace", newline="", write_through=False
    )
    try:
        writer = csv.writer(text)
        writer.writerow([column.name for column in columns])
        writer.writerows([csv_cell(cell) for cell in row] for row in rows)
        text.flush()
    finally:
        text.detach()


def write_jsonl(columns: Sequence[Column], rows: Iterable[Row], out: BinaryIO) -> None:
    """One JSON object a line, every column in every line, texts exactly as they are stored."""
    names = [column.name for column in columns]
    for row in rows:
        out.write(_json_line(names, row))


def write_parquet(columns: Sequence[Column], rows: Iterable[Row], out: BinaryIO) -> None:
    """Parquet with typed columns, compressed with zstd; passes through a temporary file.

    Raises ListenerError when the extra is not installed.
    """
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise ListenerError(
            "Parquet needs DuckDB, which is not installed",
            "pip install 'complaint-listener[parquet]', or --format jsonl",
        ) from error
    with tempfile.TemporaryDirectory(prefix="listener-export-") as folder:
        lines, parquet = Path(folder, "rows.jsonl"), Path(folder, "rows.parquet")
        longest = 0
        names = [column.name for column in columns]
        with lines.open("wb") as file:
            for row in rows:
                longest = max(longest, file.write(_json_line(names, row)))
        types = ", ".join(
            f"\"{column.name}\": '{_DUCKDB_TYPES[column.kind]}'" for column in columns
        )
        # DuckDB needs pyarrow or pandas to take rows fast; lines of JSON it reads by itself.
        target = str(parquet).replace("'", "''")
        copy = (
            f"COPY (SELECT * FROM read_json(?, format = 'newline_delimited', columns = {{{types}}}"  # noqa: S608
            f", maximum_object_size = {max(longest * 2, 1 << 24)})) TO '{target}'"
            " (FORMAT parquet, COMPRESSION zstd)"
        )
        with duckdb.connect() as base:
            base.execute("SET autoinstall_known_extensions = false; SET TimeZone = 'UTC'")
            base.execute("SET threads = 1")
            base.execute(copy, [str(lines)])
        with parquet.open("rb") as file:
            while block := file.read(1 << 20):
                out.write(block)


def _json_line(names: Sequence[str], row: Row) -> bytes:
    fields = {name: json_cell(cell) for name, cell in zip(names, row, strict=True)}
    try:
        return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a lone surrogate, which no UTF-8 can hold
        return orjson.dumps(
            {n: _sound(v) for n, v in fields.items()}, option=orjson.OPT_APPEND_NEWLINE
        )


def _sound(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_sound(one) for one in value]
    return value


FORMATS: dict[str, Writer] = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}
