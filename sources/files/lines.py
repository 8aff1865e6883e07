"""The lines of a file, plain or gzipped, with exact byte offsets and bounded memory."""

from __future__ import annotations

import gzip
import zlib
from typing import IO, TYPE_CHECKING, cast

from sources.closing import Closing
from sources.errors import Unreadable

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_LINE = 32 * 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"


class LineTooLong(ValueError):
    """A line over `LONGEST_LINE` bytes; it has been skipped and the reader stands behind it."""


class Lines(Closing):
    """Reads a file line by line and knows at which byte it stands.

    `offset` is the byte after the last line read (of the unpacked file when it is gzipped), `start`
    the byte at which that line began, `number` its number counted from 1, `last` the line itself
    (of a line that was too long its end). Lines end at a line feed
    and keep it. One reader, one thread. Every failure of the disk or the archive is `Unreadable`.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; Unreadable names the path and what is wrong with it."""
        self.path = path
        self.offset = 0
        self.start = 0
        self.number = 0
        self.last = b""
        self.not_utf8 = 0
        self.first_not_utf8 = (0, 0)
        try:
            if path.is_dir():
                raise Unreadable(f"{path}: a folder; name the files in it, e.g. {path}/*.jsonl")
            if not path.exists():
                raise Unreadable(f"{path}: no such file")
            if not path.is_file():
                raise Unreadable(f"{path}: not a regular file; save the stream to a file first")
            self._disk = path.open("rb", buffering=1 << 20)
            packed = self._disk.read(2) == GZIP_MAGIC
            self._disk.seek(0)
        except OSError as error:
            raise Unreadable(f"{path}: {error.strerror or error}") from error
        self._file = cast("IO[bytes]", gzip.GzipFile(fileobj=self._disk)) if packed else self._disk

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._disk.close()

    @property
    def on_disk(self) -> int:
        """How many bytes of the file as it lies on disk have been used, for a progress bar."""
        return self.offset if self._file is self._disk else self._disk.tell()

    def peek(self, size: int, end: int | None = None) -> bytes:
        """The first `size` bytes, or the last `size` bytes before `end`; where we stand is kept."""
        start = 0 if end is None else max(0, end - size)
        try:
            self._file.seek(start)
            found = self._file.read(size if end is None else end - start)
            self._file.seek(self.offset)
        except (OSError, EOFError, zlib.error) as error:
            raise self._broken(error) from error
        return found

    def go_to(self, offset: int, number: int) -> None:
        """Go on behind line `number`, which ended at `offset`."""
        try:
            self._file.seek(offset)
        except (OSError, EOFError, zlib.error) as error:
            raise self._broken(error) from error
        self.offset = self.start = offset
        self.number = number

    def read(self) -> bytes:
        """The next line with its line feed; empty at the end. Raises LineTooLong, Unreadable."""
        try:
            line = self._file.readline(LONGEST_LINE + 1)
            self.start = self.offset
            if line:
                self.offset += len(line)
                self.number += 1
                self.last = line
            if len(line) > LONGEST_LINE and line[-1] != 0x0A:
                self._skip_rest()
                raise LineTooLong(
                    f"the line is {self.offset - self.start:,} bytes long, more than the "
                    f"{LONGEST_LINE:,} that are read"
                )
        except (OSError, EOFError, zlib.error) as error:
            raise self._broken(error) from error
        return line

    def _skip_rest(self) -> None:
        while piece := self._file.readline(1 << 20):
            self.offset += len(piece)
            self.last = piece
            if piece[-1] == 0x0A:
                return

    def decode(self, line: bytes) -> str:
        """The line as text: UTF-8, or else Windows-1252, counted in `not_utf8` so it can be told.

        Windows-1252 reads every byte (the five it leaves open as Latin-1 does), so nothing is lost.
        """
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            if not self.not_utf8:
                self.first_not_utf8 = (self.number, self.start + error.start)
            self.not_utf8 += 1
        try:
            return line.decode("cp1252")
        except UnicodeDecodeError:
            return line.decode("latin-1")

    def encoding_note(self) -> str:
        """One sentence on lines that were not UTF-8 since the last call; empty when all were."""
        if not self.not_utf8:
            return ""
        line, byte = self.first_not_utf8
        note = (
            f"{self.path}: lines not in UTF-8: {self.not_utf8:,}, read as Windows-1252 (first: "
            f"line {line}, byte {byte}); if letters look wrong, convert the file and import it "
            f"again: iconv -f WINDOWS-1252 -t UTF-8 {self.path.name}"
        )
        self.not_utf8 = 0
        return note

    def _broken(self, error: Exception) -> Unreadable:
        packed = self._file is not self._disk
        what = "the gzip archive is damaged or cut off" if packed else "the disk refused to read on"
        return Unreadable(f"{self.path}: {what} behind byte {self.offset:,} ({error})")


def refuse_what_is_not_text(path: Path, head: bytes) -> None:
    """Raise Unreadable, with the command that mends it, for a file that is no text we can read."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_like_utf16(head):
        raise Unreadable(
            f"{path}: byte 0: this is UTF-16, not UTF-8; convert it first: "
            f"iconv -f UTF-16 -t UTF-8 {path.name} > utf8-{path.name}"
        )
    if head.startswith(b"PK\x03\x04"):
        raise Unreadable(
            f"{path}: a zip archive or an Excel workbook; unpack it, or save as “CSV UTF-8”"
        )
    if head.startswith(
        (b"%PDF-", b"SQLite format 3\x00", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
    ):
        raise Unreadable(f"{path}: a binary file; expected JSON lines or CSV (.gz is fine)")
    if b"\r" in head and b"\n" not in head and len(head.split(b"\r")) > 2:
        raise Unreadable(
            f"{path}: lines end with a lone carriage return (old Mac); convert them first: "
            f"tr '\\r' '\\n' < {path.name} > lines-{path.name}"
        )


def _looks_like_utf16(head: bytes) -> bool:
    """Every second byte zero: UTF-16 without its mark."""
    pair = head[: len(head) // 2 * 2]
    zeros = max(pair[0::2].count(0), pair[1::2].count(0))
    return len(pair) >= 8 and zeros * 10 >= len(pair) // 2 * 9
