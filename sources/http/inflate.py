"""Compressed bodies, undone with a cap: a bomb costs no more memory than the cap."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sources.errors import Blocked, Transient, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS
_SLICE = 4_096  # zlib copies what is left of its input: small slices keep many members linear
KNOWN_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate"})


def read_body(chunks: Iterable[bytes], encoding: str, most_bytes: int) -> bytes:
    """Join the chunks of a body and undo its `Content-Encoding`, stopping at `most_bytes`.

    Raises Blocked when the plain body is larger, Transient when it ends too early, Unreadable when
    it is not in the encoding it declares or the encoding was never asked for.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return _joined(chunks, most_bytes)
    if encoding not in KNOWN_ENCODINGS:
        raise Unreadable(f"the answer is encoded as {encoding[:40]!r}; gzip was asked for")
    try:
        return _inflated(chunks, encoding, most_bytes)
    except zlib.error as error:
        raise Unreadable(f"the answer says it is {encoding} but is not: {error}") from error


def _joined(chunks: Iterable[bytes], most_bytes: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > most_bytes:
            raise _too_large(most_bytes)
    return bytes(body)


def _inflated(chunks: Iterable[bytes], encoding: str, most_bytes: int) -> bytes:
    body = bytearray()
    inflater = None
    for chunk in chunks:
        for start in range(0, len(chunk), _SLICE):
            data = chunk[start : start + _SLICE]
            while data:
                if inflater is None or inflater.eof:
                    if inflater is not None and not data.strip(b"\0"):
                        break  # padding after the last member
                    inflater = zlib.decompressobj(_window(encoding, data))
                body += inflater.decompress(data, most_bytes - len(body) + 1)
                if len(body) > most_bytes:
                    raise _too_large(most_bytes)
                data = inflater.unconsumed_tail or inflater.unused_data
    if inflater is not None and not inflater.eof:
        raise Transient("the answer ends in the middle of its compressed body")
    return bytes(body)


def _window(encoding: str, start: bytes) -> int:
    """Tell zlib what comes; some servers call a body without zlib's header `deflate`."""
    has_header = start[0] & 0x0F == 8 and start[0] >> 4 <= 7
    return _RAW_DEFLATE if encoding == "deflate" and not has_header else _GZIP_OR_ZLIB


def _too_large(most_bytes: int) -> Blocked:
    return Blocked(f"the answer is larger than {most_bytes:,} bytes once decompressed")
