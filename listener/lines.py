"""JSON lines in and out, in order and in number, whatever stands in them.

A line that can't be used keeps its place: what comes out for it says why. Fields we know nothing of
pass through byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import orjson

# A longer line is refused and skipped in pieces, so that no input can fill the memory.
LONGEST = 32 << 20
BATCH = 500
BATCH_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the input, counted from 1. `error` is empty when `text` can be judged."""

    number: int
    raw: bytes = b""
    fields: Mapping[str, object] = field(default_factory=dict)
    text: str = ""
    error: str = ""


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    """Read every line, blank ones included; never raises for what stands in a line."""
    number = 0
    while raw := stream.readline(LONGEST + 1):
        number += 1
        if len(raw) > LONGEST:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(LONGEST)
            yield Line(number, error=f"longer than {LONGEST >> 20} MiB")
            continue
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        yield _line(number, raw.strip())


def batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Cut a stream into batches of at most BATCH lines and about BATCH_BYTES bytes."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.raw)
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def answer(line: Line, added: Mapping[str, object]) -> bytes:
    """The line with `added` at its end; a field of the same name is replaced.

    A line with an error gets `error` and `line` in place of `added`.
    """
    if line.error:
        added = {"error": line.error, "line": line.number}
    raw, more = line.raw, _dumps(added)
    if not line.fields:
        return more + b"\n"
    if any(name in line.fields for name in added):
        kept = {n: v for n, v in json.loads(raw).items() if n not in added}
        if not kept:
            return more + b"\n"
        # The escapes keep lone surrogates, which no UTF-8 can hold, as they came.
        raw = json.dumps(kept, separators=(",", ":")).encode()
    return raw[:-1].rstrip() + b"," + more[1:] + b"\n"


def _line(number: int, raw: bytes) -> Line:
    if not raw:
        return Line(number, error="an empty line, not a JSON object")
    try:
        fields = _loads(raw)
    except json.JSONDecodeError as error:
        return Line(number, error=f"not JSON: {error.msg} at byte {error.pos + 1}")
    except (ValueError, RecursionError) as error:
        return Line(number, error=f"not JSON: {error}")
    if not isinstance(fields, dict):
        return Line(number, error=f"not a JSON object but {_kind(fields)}")
    text = fields.get("text")
    if not isinstance(text, str):
        problem = f'"text" is {_kind(text)}, not a string' if "text" in fields else 'no "text"'
        return Line(number, raw, fields, error=problem)
    return Line(number, raw, fields, text)


def _loads(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        # Half emoji as \ud83d, as old archives hold them, are worth a second and slower look.
        if b"\\u" not in raw:
            raise
        value = json.loads(raw)
        json.dumps(value, allow_nan=False)  # raises for NaN and Infinity, which are not JSON
        return value


def _dumps(fields: Mapping[str, object]) -> bytes:
    try:
        return orjson.dumps(fields)
    except TypeError:
        return json.dumps(fields, separators=(",", ":")).encode()


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
