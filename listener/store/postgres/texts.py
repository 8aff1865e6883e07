"""Values on their way to PostgreSQL and back: what it cannot hold, and what its driver misreads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection

# PostgreSQL keeps every character but U+0000. A character that nobody may write, for it is none,
# stands for it and for itself.
_MARK = "\U0010ffff"
_NUL, _ITSELF = f"{_MARK}0", f"{_MARK}1"


def kept(value: object) -> object:
    """A value as it is sent: texts without U+0000, members of enumerations and truths as plain values."""
    if isinstance(value, str):
        plain = value if type(value) is str else str.__str__(value)
        if "\0" in plain or _MARK in plain:
            return plain.replace(_MARK, _ITSELF).replace("\0", _NUL)
        return plain
    return int(value) if isinstance(value, bool) else value


def said(text: str) -> str:
    """A text as it was before `kept`."""
    if _MARK not in text:
        return text
    return text.replace(_NUL, "\0").replace(_ITSELF, _MARK)


def read_as_sqlite(conn: Connection[tuple[object, ...]]) -> None:
    """Make a connection give texts as they were said, and sums as plain numbers."""
    from psycopg.adapt import Buffer, Loader

    class Said(Loader):
        """Texts; the checks are cheap, the mark is in next to none."""

        def load(self, data: Buffer) -> str:
            text = bytes(data).decode()
            return said(text) if _MARK in text else text

    class Plain(Loader):
        """Sums of whole numbers, which PostgreSQL widens."""

        def load(self, data: Buffer) -> int | float:
            text = bytes(data).decode()
            return float(text) if "." in text else int(text)

    for name in ("text", "varchar", "bpchar", "name"):
        conn.adapters.register_loader(name, Said)
    conn.adapters.register_loader("numeric", Plain)
