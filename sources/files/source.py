"""Mentions from files: JSON lines, CSV, and the "twcs" columns, plain or gzipped; resumable."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sources.errors import Unreadable
from sources.files.lines import Lines
from sources.files.place import HEAD, FilePlace, read_cursor, write_cursor
from sources.files.records import FORMATS, Record, Records, open_records
from sources.files.twcs import Conversations, TwcsRows
from sources.protocols import Batch, Check, Health
from sources.rows import BadRow, Row, RowReader, Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sources.mention import Mention

RECORDS_A_BATCH = 1_000
BYTES_A_BATCH = 8 * 1024 * 1024
REPEATED = "row(s) repeated shortly after, taken in once"


class FilesSource:
    """Reads the posts of one or more files, in the order given.

    Batches hold at most 1,000 mentions and about 8 MB of file, with progress in bytes over all
    files. The cursor stands behind the last whole record of each file; a file that has only grown
    is read on, one that has changed is read again from its beginning, with a note. A row that
    cannot be read is named in `rejected` and the rest goes on; a file that cannot be read is raised
    as Unreadable after the other files have been read. A last row that is cut off is rejected and
    read again next time, as is the last row of a CSV without a line feed at its end.
    """

    kind = "files"

    def __init__(
        self,
        name: str,
        paths: Sequence[str | Path],
        format: str,
        clock: Callable[[], datetime],
        *,
        whole_rows: bool = False,
    ) -> None:
        """`format` is jsonl, csv or twcs, or empty to tell by the first line.

        `clock` gives the present moment, beyond which no date is believed. With `whole_rows` a last
        row that is cut off is not rejected but left for the next time.
        """
        if format and format not in FORMATS:
            raise ValueError(
                f"format {format!r} is not known: expected one of {', '.join(FORMATS)}"
            )
        self.name = name
        self.format = format
        self.paths = tuple(Path(path).absolute() for path in paths)
        self._clock = clock
        self._whole_rows = whole_rows

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what the files hold behind `cursor`; Unreadable, in the end, for bad files."""
        places = read_cursor(cursor)
        sizes = [_size(path) for path in self.paths]
        problems: list[str] = []
        for index, path in enumerate(self.paths):
            try:
                with Lines(path) as lines:
                    reading = _Reading(
                        lines, self.format, self._clock(), places, sum(sizes[:index])
                    )
                    yield from reading.batches(sum(sizes), whole_rows=self._whole_rows)
            except Unreadable as error:
                problems.append(str(error))
        if problems:
            raise Unreadable("\n".join(problems))

    def check(self) -> Check:
        """Open every file and look at its first line."""
        found = []
        for path in self.paths:
            try:
                with Lines(path) as lines:
                    records = open_records(lines, self.format)
            except Unreadable as error:
                return Check(False, str(error), "paths")
            what = "empty" if records is None else "twcs" if records.twcs else "readable"
            found.append(f"{path.name}: {what}, {path.stat().st_size:,} bytes")
        if not found:
            return Check(False, "no file named", "paths")
        return Check(True, "; ".join(found))


class _Reading:
    """One pass over one file."""

    def __init__(
        self, lines: Lines, form: str, now: datetime, places: dict[str, FilePlace], before: int
    ) -> None:
        """`places` is brought up to date batch by batch; `before` bytes of other files are done."""
        self._lines = lines
        self._path = str(lines.path)
        self._form = form
        self._now = now
        self._places = places
        self._before = before
        stat = lines.path.stat()
        self._size = stat.st_size
        self._changed = datetime.fromtimestamp(stat.st_mtime, UTC)
        self._head = lines.peek(HEAD)
        self._rejected = 0

    def batches(self, total: int, *, whole_rows: bool) -> Iterator[Batch]:
        """The rest of the file in batches; one without mentions when there is nothing new.

        Raises Unreadable after all that could be read has been yielded.
        """
        records = open_records(self._lines, self._form)
        if records is None:
            yield self._quiet(f"{self._path}: the file is empty", total)
            return
        note = self._resume(records)
        reader = self._reader(records)
        page = _Page(self._path, self._lines.offset)
        unreadable: Unreadable | None = None
        try:
            for record in records:
                if whole_rows and record.cut:
                    break
                mention, problem = _read(record, reader)
                # A batch names each mention once: the edit goes into the next one.
                if page.full or (mention and page.holds_another(mention)):
                    yield self._batch(page, note, total)
                    page, note = _Page(self._path, page.end), ""
                self._advance(record)
                page.add(record, mention, problem, reader)
        except Unreadable as error:
            unreadable = error
        if page.records:
            yield self._batch(page, self._summary(note, page, reader), total)
        elif unreadable is None:
            yield self._quiet(note or f"{self._path}: nothing new since it was last read", total)
        if unreadable:
            raise unreadable

    def posts(self) -> Iterator[tuple[int, Mention | None, str]]:
        """Every row from the beginning, as `posts_in` hands it out."""
        records = open_records(self._lines, self._form)
        if records is None:
            return
        reader = self._reader(records)
        self._lines.go_to(records.begin, records.begin_line)
        for record in records:
            mention, problem = _read(record, reader)
            if mention or problem:
                yield record.line, mention, problem

    def _resume(self, records: Records) -> str:
        """Go to where reading stopped, or to the beginning; a note when that is a surprise."""
        lines, place = self._lines, self._places.get(self._path)
        note = ""
        if place and not place.still_holds(lines):
            note = (
                f"{self._path}: has changed since it was last read; read again from its beginning"
            )
            place = None
        offset, line = (place.offset, place.line) if place else (records.begin, records.begin_line)
        lines.go_to(offset, line)
        self._place = place or FilePlace.of(self._size, self._head, offset, line, b"")
        self._places[self._path] = self._place
        self._held = False
        self._behind = (offset, line, b"")
        return note

    def _reader(self, records: Records) -> RowReader:
        fallback = self._changed
        if not records.twcs:
            return Rows(self._now, fallback)
        return TwcsRows(self._now, fallback, _conversations(self._lines.path, self._form))

    def _advance(self, record: Record) -> None:
        """Remember the end of the last whole record, up to the first that is cut off."""
        if record.cut:
            self._held = True
        if not self._held:
            last = self._lines.last if record.end == self._lines.offset else b""
            self._behind = (record.end, record.last, last)

    def _summary(self, note: str, page: _Page, reader: RowReader) -> str:
        """What is to be said of the whole file, at its end: page by page nobody would read it."""
        rejected = self._rejected + len(page.rejected)
        rows = "row" if rejected == 1 else "rows"
        remarks = [f"{self._path}: {remark}" for remark in reader.remarks.take()]
        lost = f"{self._path}: {rejected:,} {rows} rejected" if rejected else ""
        return "; ".join(filter(None, [note, *remarks, self._lines.encoding_note(), lost]))

    def _batch(self, page: _Page, note: str, total: int) -> Batch:
        offset, line, last = self._behind
        if offset != self._place.offset:
            self._place = FilePlace.of(self._size, self._head, offset, line, last)
        self._places[self._path] = self._place
        self._rejected += len(page.rejected)
        return Batch(
            mentions=list(page.mentions.values()),
            cursor=write_cursor(self._places),
            health=Health.DEGRADED if page.rejected else Health.HEALTHY,
            note=note,
            rejected=page.rejected,
            done=min(total, self._before + self._lines.on_disk),
            total=total,
        )

    def _quiet(self, note: str, total: int) -> Batch:
        return Batch(
            health=Health.QUIET,
            note=note,
            done=min(total, self._before + self._size),
            total=total,
        )


class _Page:
    """What becomes one batch."""

    def __init__(self, path: str, begin: int) -> None:
        self.end = begin
        self.records = 0
        self._begin = begin
        self.mentions: dict[tuple[str, str], Mention] = {}
        self.rejected: list[str] = []
        self._path = path

    @property
    def full(self) -> bool:
        """Whether a batch has enough of it."""
        return self.records >= RECORDS_A_BATCH or self.end - self._begin >= BYTES_A_BATCH

    def holds_another(self, mention: Mention) -> bool:
        """Whether there is a different mention under the same key."""
        known = self.mentions.get(mention.key)
        return known is not None and known != mention

    def add(self, record: Record, mention: Mention | None, problem: str, reader: RowReader) -> None:
        """Take in one record: its mention, or its line and what is wrong with it."""
        self.records += 1
        self.end = record.end
        if problem:
            self.rejected.append(f"{self._path}:{record.line}: {problem}")
        elif mention and self.mentions.setdefault(mention.key, mention) is not mention:
            reader.remarks.add(REPEATED, record.line)


def posts_in(path: Path, format: str, now: datetime) -> Iterator[tuple[int, Mention | None, str]]:
    """Every post of one file with the line it begins at; without a mention, what is wrong there.

    `format` as in FilesSource. Nothing is left out for being a repeat. Raises Unreadable, also after
    some posts.
    """
    with Lines(path.absolute()) as lines:
        yield from _Reading(lines, format, now, {}, 0).posts()


def _read(record: Record, reader: RowReader) -> tuple[Mention | None, str]:
    if record.row is None:
        return None, record.problem
    try:
        return reader.read(record.row, record.line), ""
    except BadRow as error:
        return None, str(error)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # opening it will say what is wrong


def _conversations(path: Path, form: str) -> Conversations:
    """Read who answered whom, ahead of the posts; bad rows are reported with the posts."""
    with Lines(path) as lines:
        records = open_records(lines, form)
        if records is None:
            return Conversations(())
        lines.go_to(records.begin, records.begin_line)
        return Conversations(_rows(records))


def _rows(records: Records) -> Iterator[Row]:
    try:
        for record in records:
            if record.row is not None:
                yield record.row
    except Unreadable:
        return
