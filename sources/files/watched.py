"""Mentions from folders that other programs write into: new files, and files that grow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sources.errors import Unreadable
from sources.files.folder import matching
from sources.files.memory import FileMemory, FoundFile
from sources.files.place import read_cursor, write_cursor
from sources.files.source import BYTES_A_BATCH, RECORDS_A_BATCH, FilesSource
from sources.protocols import Batch, Check, Health

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

MOST_FILES = 20_000
MOST_CHECKED = 100
MOST_NAMED = 5  # files a note names; the others are counted
AT_REST = timedelta(minutes=1)


class WatchedFilesSource:
    """Reads the posts of files, folders and patterns such as `inbox/*.jsonl`, as FilesSource does.

    Files come in the order of `paths`, those of a folder or pattern in the order of their names; new
    ones are found at the next run. Each has its own place, so one that has grown is read on. A file
    changed within the last minute may still be in writing: it is read up to its last whole row, and
    what cannot be read of it is tried again. Of files that were found in a folder a bad one makes
    the source degraded; one that the configuration names is raised as Unreadable in the end, as is a
    folder that is not there.
    """

    kind = "files"

    def __init__(
        self,
        name: str,
        paths: Sequence[str | Path],
        format: str,
        clock: Callable[[], datetime],
    ) -> None:
        """`format` and `clock` as in FilesSource, for all files."""
        self.name = name
        self.format = format
        self.paths = tuple(Path(path).absolute() for path in paths)
        self._clock = clock

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new, and in the end one batch that says what was left; see the class."""
        memory = FileMemory.read(cursor)
        listing = self._look()
        memory.keep(listing.files)
        unread = [file for file in listing.files if not memory.knows(file)]
        run = _Run(sum(file.size for file in unread))
        for file in unread:
            yield from self._read(file, memory, run)
        trouble = run.trouble()
        if listing.left_out:
            trouble.append(
                f"paths: {listing.left_out:,} files are left out, {MOST_FILES:,} are watched: "
                "move those that have been read elsewhere"
            )
        yield Batch(
            cursor=memory.write(),
            health=Health.DEGRADED if trouble else Health.QUIET,
            note="; ".join([*trouble, *run.remarks()]),
            done=run.total,
            total=run.total,
        )
        if listing.problems or run.problems:
            raise Unreadable("\n".join([*listing.problems, *run.problems]))

    def check(self) -> Check:
        """Look at every folder, and into the first hundred files."""
        listing = self._look()
        if listing.problems:
            return Check(False, listing.problems[0], "paths")
        if not listing.files:
            return Check(True, "no file there yet")
        some = [file.path for file in listing.files[:MOST_CHECKED]]
        found = FilesSource(self.name, some, self.format, self._clock).check()
        more = len(listing.files) + listing.left_out - len(some)
        return replace(found, message=f"{found.message}; and {more:,} more") if more else found

    def _look(self) -> _Listing:
        """The files there are now, each once."""
        found: dict[Path, FoundFile] = {}
        problems: list[str] = []
        left_out = 0
        for path in self.paths:
            try:
                names = matching(path)
            except OSError as error:
                problems.append(f"{path}: {error.strerror or error}")
                continue
            named = names is None
            for file in [path] if names is None else names:
                if file in found:
                    continue
                if len(found) >= MOST_FILES:
                    left_out += 1
                    continue
                try:
                    found[file] = FoundFile.look(file, named=named)
                except OSError as error:
                    # A file of a folder may go at any time; one that was named must be there.
                    if named:
                        problems.append(f"{file}: {(error.strerror or str(error)).lower()}")
        return _Listing(list(found.values()), problems, left_out)

    def _read(self, file: FoundFile, memory: FileMemory, run: _Run) -> Iterator[Batch]:
        at_rest = abs(self._clock() - file.changed) >= AT_REST
        one = FilesSource(self.name, [file.path], self.format, self._clock, whole_rows=not at_rest)
        place = memory.place(file)
        cursor = write_cursor({str(file.path): place}) if place else None
        try:
            for batch in one.collect(cursor):
                reached = read_cursor(batch.cursor).get(str(file.path))
                if reached is not None:
                    memory.reached(file, reached)
                if batch.mentions or batch.rejected:
                    yield run.page(batch, memory)
        except Unreadable as error:
            run.unreadable(file, str(error), at_rest=at_rest)
            memory.leave(file, at_end=False)
        else:
            memory.leave(file, at_end=at_rest)
        run.before += file.size


@dataclass(frozen=True, slots=True)
class _Listing:
    """What the paths stand for now; `problems` are paths that stand for nothing."""

    files: list[FoundFile]
    problems: list[str]
    left_out: int


class _Run:
    """How far one run is, and what it met."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.before = 0  # bytes of the files that are done
        self.problems: list[str] = []
        self._bad: list[str] = []
        self._waiting: list[str] = []
        self._mentions = 0
        self._written_at = 0

    def page(self, batch: Batch, memory: FileMemory) -> Batch:
        """A batch of one file as one of all; not each carries the cursor, which holds all files."""
        done = min(self.total, self.before + batch.done)
        self._mentions += len(batch.mentions)
        enough = self._mentions >= RECORDS_A_BATCH or done - self._written_at >= BYTES_A_BATCH
        if enough:
            self._mentions, self._written_at = 0, done
        cursor = memory.write() if enough else None
        return replace(batch, cursor=cursor, done=done, total=self.total)

    def unreadable(self, file: FoundFile, why: str, *, at_rest: bool) -> None:
        """A file could not be read, or not to its end."""
        if file.named and at_rest:
            self.problems.append(why)
        elif not file.path.exists():
            return  # taken away while the run went on
        elif at_rest:
            self._bad.append(why)
        else:
            self._waiting.append(file.path.name)

    def trouble(self) -> list[str]:
        """The files that a person must look at, in words."""
        more = len(self._bad) - MOST_NAMED
        return [*self._bad[:MOST_NAMED], *([f"and {more:,} more files"] if more > 0 else [])]

    def remarks(self) -> list[str]:
        """What is still being written, in words."""
        names = ", ".join(self._waiting[:MOST_NAMED])
        return [f"still being written: {names}"] if names else []
