"""The records of a file: JSON lines or CSV, each with its line, and where the next one begins."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

import orjson

from sources.errors import Unreadable
from sources.files.lines import BOM, LONGEST_LINE, Lines, LineTooLong, refuse_what_is_not_text
from sources.files.twcs import COLUMNS as TWCS_COLUMNS
from sources.rows import NAMES, has_text_column, listed

FORMATS = ("jsonl", "csv", "twcs")
DELIMITERS = ",;\t|"
HEAD = 64 * 1024
STRAY_QUOTES = 20
LONGEST_CUT = 1024 * 1024


class Record(NamedTuple):
    """One row, or why it is none. `end` is the byte behind it, `last` the number of its last line.

    `cut` says that the file ends within this record, or may do so: it is to be read again when
    whoever is writing the file has gone on.
    """

    line: int
    row: Mapping[str, object] | None
    problem: str
    end: int
    last: int
    cut: bool = False


class Records(Protocol):
    """The records of one open file, from wherever its `lines` stand, blank lines left out."""

    twcs: bool
    lines: Lines
    begin: int
    begin_line: int

    def __iter__(self) -> Iterator[Record]:
        """Every record in order, good or bad. Raises Unreadable when nothing more can be read."""
        ...


class JsonRecords:
    """One JSON object a line."""

    def __init__(self, lines: Lines, twcs: bool) -> None:
        """Stand before the first line, behind the byte order mark if there is one."""
        self.lines = lines
        self.twcs = twcs
        self.begin = len(BOM) if lines.peek(len(BOM)) == BOM else 0
        self.begin_line = 0

    def __iter__(self) -> Iterator[Record]:
        """Every record in order, good or bad."""
        lines = self.lines
        while True:
            try:
                line = lines.read()
            except LineTooLong as error:
                yield Record(lines.number, None, str(error), lines.offset, lines.number)
                continue
            if not line:
                return
            if line.isspace():
                continue
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                yield self._second_look(line, error)
                continue
            if isinstance(row, dict):
                yield Record(lines.number, row, "", lines.offset, lines.number)
            else:
                problem = f'a JSON {type(row).__name__}, expected an object like {{"text": …}}'
                yield Record(lines.number, None, problem, lines.offset, lines.number)

    def _second_look(self, line: bytes, error: orjson.JSONDecodeError) -> Record:
        """Read what orjson is too strict for: other encodings, lone surrogates, NaN."""
        number, end = self.lines.number, self.lines.offset
        cut = not line.endswith(b"\n")
        try:
            row = json.loads(self.lines.decode(line))
        except (ValueError, RecursionError):
            what = "the file ends within this line" if cut else "not JSON"
            return Record(number, None, f"{what}: {error}", end, number, cut)
        if not isinstance(row, dict):
            return Record(
                number, None, f"a JSON {type(row).__name__}, expected an object", end, number
            )
        return Record(number, row, "", end, number)


class _CsvLines(Iterator[str]):
    """Hands lines to csv.reader, which takes exactly those of one record, and counts its bytes."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.new_record()

    def new_record(self) -> None:
        """Begin to count a record."""
        self.first = 0
        self.first_end = 0
        self.size = 0
        self.ended = False
        self.whole = True

    def __next__(self) -> str:
        lines = self.lines
        line = lines.read()
        if not line:
            self.ended = True
            raise StopIteration
        if not self.first:
            self.first, self.first_end = lines.number, lines.offset
        self.size += len(line)
        if self.size > LONGEST_LINE:
            raise LineTooLong(f"the record is longer than the {LONGEST_LINE:,} bytes that are read")
        self.whole = line[-1] == 0x0A
        return lines.decode(line)


class CsvRecords:
    """One row a record; quoted fields may hold line feeds. The first row names the columns.

    A row with more fields than the header is rejected; missing ones at the end are empty, as some
    spreadsheets write them. A quote that is never closed costs its own line, not the rest; behind
    it a row must have every field, for it may be the inside of the one that was not closed.
    """

    def __init__(self, lines: Lines) -> None:
        """Read the header; Unreadable when no column can hold the text of a post."""
        # The limit is the whole process's, 128 KiB at first: only ever raised, so nobody is hurt.
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))
        self.lines = lines
        start = len(BOM) if lines.peek(len(BOM)) == BOM else 0
        head = lines.peek(HEAD)[start:]
        lines.go_to(start, 0)
        self._delimiter = _delimiter(head)
        self._feed = _CsvLines(lines)
        header = self._first_row()
        self._header = [name.strip() for name in header]
        self.begin, self.begin_line = lines.offset, lines.number
        self.twcs = all(column in self._header for column in TWCS_COLUMNS)
        if not has_text_column(tuple(self._header)):
            raise Unreadable(
                f"{lines.path}:1: no column for the text: found {listed(tuple(self._header))}; "
                f"expected one of {', '.join(NAMES['text'])}"
            )

    def _first_row(self) -> list[str]:
        try:
            for found in csv.reader(self._feed, delimiter=self._delimiter):
                if any(name.strip() for name in found):
                    return found
        except (csv.Error, LineTooLong) as error:
            raise Unreadable(f"{self.lines.path}:1: neither JSON lines nor CSV: {error}") from error
        return []

    def __iter__(self) -> Iterator[Record]:
        """Every record in order, good or bad."""
        feed, lines = self._feed, self.lines
        self._strays = 0
        reader = csv.reader(feed, delimiter=self._delimiter)
        while True:
            feed.new_record()
            try:
                fields = next(reader)
            except StopIteration:
                return
            except LineTooLong as error:
                problem, fields = str(error), []
            except csv.Error as error:
                problem, fields = f"not CSV: {error}", []
            else:
                problem = ""
            if feed.ended or (problem and feed.size > LONGEST_LINE and feed.first != lines.number):
                yield self._stray_quote(feed)
                self._count_stray(feed.first)
                lines.go_to(feed.first_end, feed.first)
                reader = csv.reader(feed, delimiter=self._delimiter)
            elif fields or problem:
                yield self._record(fields, problem)

    def _record(self, fields: list[str], problem: str) -> Record:
        feed, lines, columns = self._feed, self.lines, len(self._header)
        # Without a line feed the last field may still grow, if somebody is writing the file.
        cut = not feed.whole
        if not problem and len(fields) != columns:
            if len(fields) > columns:
                problem = f"{len(fields)} columns instead of {columns}: a comma without quotes?"
            elif cut:
                problem = f"the file ends within this row ({len(fields)} of {columns} columns)"
            elif self._strays:
                problem = f"{len(fields)} columns instead of {columns}, behind an unclosed quote"
        row = None if problem else dict(zip(self._header, fields, strict=False))
        return Record(feed.first or lines.number, row, problem, lines.offset, lines.number, cut)

    def _count_stray(self, line: int) -> None:
        self._strays += 1
        if self._strays >= STRAY_QUOTES:
            raise Unreadable(
                f"{self.lines.path}:{line}: {self._strays} quotes that are never closed; is this "
                f"CSV, with “{self._delimiter}” between its columns?"
            )

    @staticmethod
    def _stray_quote(feed: _CsvLines) -> Record:
        problem = "a quote is opened in this row and never closed"
        cut = feed.ended and feed.size <= LONGEST_CUT
        return Record(feed.first, None, problem, feed.first_end, feed.first, cut)


def open_records(lines: Lines, form: str = "") -> Records | None:
    """The records of a file, by its declared form or else by its first line; None when empty.

    Raises Unreadable for what is neither JSON lines nor CSV with a column for the text.
    """
    head = lines.peek(HEAD)
    refuse_what_is_not_text(lines.path, head)
    text = head.removeprefix(BOM).lstrip()
    if not text:
        return None
    if text.startswith(b"[") and form != "csv":
        raise Unreadable(
            f"{lines.path}:1: one JSON array, not JSON lines; convert it first: "
            f"jq -c '.[]' {lines.path.name} > {lines.path.stem}.jsonl"
        )
    if text.startswith((b"<!", b"<html", b"<HTML", b"<?xml")):
        raise Unreadable(f"{lines.path}:1: HTML or XML; expected JSON lines or CSV")
    if text.startswith(b"{") and form != "csv":
        first = text.split(b"\n", 1)[0]
        twcs = all(b'"%s"' % column.encode() in first for column in TWCS_COLUMNS)
        found: Records = JsonRecords(lines, twcs)
    elif form == "jsonl":
        raise Unreadable(f"{lines.path}:1: not JSON lines: the first line does not begin with {{")
    else:
        found = CsvRecords(lines)
    if form == "twcs":
        if not found.twcs and isinstance(found, CsvRecords):
            raise Unreadable(
                f"{lines.path}:1: not a twcs file: expected the columns {', '.join(TWCS_COLUMNS)}"
            )
        found.twcs = True
    elif form:
        found.twcs = False
    return found


def _delimiter(head: bytes) -> str:
    """The separator that splits the header into the most columns."""
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace")
    return max(DELIMITERS, key=first.count)
