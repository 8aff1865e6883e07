"""Which files of a watched folder have been read, and how far the others."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sources.files.place import FilePlace, read_cursor

KEPT_PLACES = 200
MARK = 12  # characters: 72 bits, so that two states of files never share one


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file as it was when the folder was looked at.

    `named` says that the configuration names it itself. `mark` is the same while nobody has written
    the file.
    """

    path: Path
    size: int
    changed: datetime
    mark: str
    named: bool

    @classmethod
    def look(cls, path: Path, *, named: bool) -> FoundFile:
        """Look at a file; raises OSError when there is none."""
        stat = path.stat()
        state = f"{path}\0{stat.st_ino}\0{stat.st_size}\0{stat.st_mtime_ns}"
        digest = sha256(state.encode("utf-8", "surrogateescape")).digest()
        mark = base64.urlsafe_b64encode(digest)[:MARK].decode("ascii")
        changed = datetime.fromtimestamp(stat.st_mtime, UTC)
        return cls(path, stat.st_size, changed, mark, named)


class FileMemory:
    """The cursor of a watched folder: a mark for each file that was read to its end, and places.

    The places of the 200 files that changed last are kept whole, so that a file that grows is read
    on; an older file that changes is read again from its beginning, which doubles nothing. Files
    that are gone are forgotten. A file takes about 16 bytes, a place about 300.
    """

    def __init__(self, places: dict[str, FilePlace], marks: frozenset[str]) -> None:
        """Take what was known; `FileMemory.read` reads it from a cursor."""
        self._known = places
        self._marks = marks
        self._read: dict[str, None] = {}
        self._places: dict[str, FilePlace] = {}
        self._lately: frozenset[str] = frozenset()

    @classmethod
    def read(cls, cursor: str | None) -> FileMemory:
        """Read a cursor, also one of a list of files; one that is not ours is an empty memory."""
        try:
            found = json.loads(cursor or "{}")
            marks = found.get("read", [])
            if isinstance(marks, list) and isinstance(found.get("places"), dict):
                return cls(read_cursor(json.dumps(found["places"])), frozenset(map(str, marks)))
        except (ValueError, AttributeError):
            return cls({}, frozenset())
        return cls(read_cursor(cursor), frozenset())

    def write(self) -> str:
        """The memory as the text of a cursor."""
        places = {name: asdict(place) for name, place in self._places.items()}
        return json.dumps({"places": places, "read": list(self._read)}, separators=(",", ":"))

    def keep(self, files: Iterable[FoundFile]) -> None:
        """Forget everything but these files."""
        files = sorted(files, key=lambda file: file.changed)
        self._read = {file.mark: None for file in files if file.mark in self._marks}
        self._lately = frozenset(str(file.path) for file in files[-KEPT_PLACES:])
        self._places = {name: self._known[name] for name in self._lately & self._known.keys()}

    def knows(self, file: FoundFile) -> bool:
        """Whether a file was read to its end and has not been written since."""
        return file.mark in self._read

    def place(self, file: FoundFile) -> FilePlace | None:
        """How far a file was read; None from its beginning."""
        return self._places.get(str(file.path))

    def reached(self, file: FoundFile, place: FilePlace) -> None:
        """A file has been read so far."""
        self._places[str(file.path)] = place

    def leave(self, file: FoundFile, *, at_end: bool) -> None:
        """A file is not read any further in this run; its place goes if it is an old one."""
        if at_end:
            self._read[file.mark] = None
        if str(file.path) not in self._lately:
            self._places.pop(str(file.path), None)
