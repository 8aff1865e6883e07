"""How far a file has been read, and whether it is still the same file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sources.files.lines import Lines

HEAD = 4096
TAIL = 256


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A place in a file: behind byte `offset`, which ends line `line`.

    `size` is the file's size on disk when reading began. `head` is a hash of its first
    `head_bytes` bytes and `tail` one of the `tail_bytes` bytes before `offset`: while both still
    hold, the file is the same or has only grown, and reading goes on. Offsets count unpacked bytes.
    """

    size: int
    head_bytes: int
    head: str
    offset: int
    line: int
    tail_bytes: int
    tail: str

    @classmethod
    def of(cls, size: int, head: bytes, offset: int, line: int, last: bytes) -> FilePlace:
        """The place behind the line `last` of a file whose first bytes are `head`."""
        tail = last[-TAIL:]
        return cls(size, len(head), _hash(head), offset, line, len(tail), _hash(tail))

    def still_holds(self, lines: Lines) -> bool:
        """Whether the file up to this place is the one that was read."""
        return (
            self.offset >= self.tail_bytes >= 0
            and self.line >= 0
            and _hash(lines.peek(self.head_bytes)) == self.head
            and _hash(lines.peek(self.tail_bytes, self.offset)) == self.tail
        )


def write_cursor(places: dict[str, FilePlace]) -> str:
    """All places of a source as the text of a cursor."""
    return json.dumps({path: asdict(place) for path, place in places.items()})


def read_cursor(cursor: str | None) -> dict[str, FilePlace]:
    """The places in a cursor; none when there is no cursor or it is not one of ours.

    An unusable cursor means reading from the beginning: repeats are harmless, skips are not.
    """
    if not cursor:
        return {}
    try:
        return {str(path): FilePlace(**place) for path, place in json.loads(cursor).items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _hash(piece: bytes) -> str:
    return sha256(piece).hexdigest()[:32]
