"""Verdicts and signals as rows, and back again without a difference."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from listener.store.rows import Judged
from listener.store.sqlite.moments import storable
from triage.verdict import Band, Lane, Reason, Sentiment, Signal, Verdict

Row = tuple[Any, ...]  # what sqlite3 hands out

COLUMNS = (
    "mention_id, brand, version, lang, lane, severity, severity_band, complaint_p, complaint,"
    " vigilante, sentiment, compound, service_compound, words, signals, lanes, vigilante_reasons, reasons,"
    " muted_by, matched, judged_at, leaning"
)
WIDTH = len(COLUMNS.split(","))

_INSERT = f"INSERT INTO verdicts ({COLUMNS}) VALUES ({', '.join('?' * WIDTH)})"


def insert(conn: sqlite3.Connection, judged: Sequence[Judged], at: str) -> None:
    """Write verdicts; what was there for the same mention must be gone."""
    conn.executemany(_INSERT, [_row(one, at) for one in judged])


def delete(conn: sqlite3.Connection, keys: Iterable[tuple[int, str]]) -> None:
    """Remove verdicts by (mention, brand)."""
    conn.executemany("DELETE FROM verdicts WHERE mention_id = ? AND brand = ?", keys)


def _row(one: Judged, at: str) -> Row:
    verdict = one.verdict
    return (
        one.mention,
        one.brand,
        verdict.version,
        verdict.lang,
        verdict.lane._value_,
        verdict.severity,
        verdict.severity_band,
        verdict.complaint_p,
        verdict.complaint._value_,
        verdict.vigilante._value_,
        verdict.sentiment.label,
        verdict.sentiment.compound,
        verdict.sentiment.service_compound,
        json(verdict.sentiment.words),
        json([(one.name, one.start, one.end, one.text) for one in verdict.signals]),
        json(verdict.lanes),
        json(verdict.vigilante_reasons),
        json([(reason.about, reason.text) for reason in verdict.reasons]),
        json(verdict.muted_by),
        storable(one.matched),
        at,
        verdict.sentiment.leaning,
    )


def json(value: object) -> str:
    """JSON text of tuples, lists and dicts of plain values; lone surrogates become U+FFFD."""
    if not value:
        return "[]"
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return orjson.dumps(_storable_deep(value)).decode()


def _storable_deep(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, (tuple, list)):
        return [_storable_deep(one) for one in value]
    return value


def read(row: Row) -> Verdict:
    """The verdict in the columns of `COLUMNS`."""
    return Verdict(
        version=row[2],
        lang=row[3],
        lane=Lane(row[4]),
        severity=row[5],
        severity_band=row[6],
        complaint_p=row[7],
        complaint=Band(row[8]),
        vigilante=Band(row[9]),
        sentiment=Sentiment(
            row[10], row[11], row[12], tuple(map(tuple, orjson.loads(row[13]))), row[21]
        ),
        signals=tuple(Signal(*one) for one in orjson.loads(row[14])),
        lanes=tuple(map(tuple, orjson.loads(row[15]))),
        vigilante_reasons=tuple(orjson.loads(row[16])),
        reasons=tuple(Reason(about, text) for about, text in orjson.loads(row[17])),
        muted_by=tuple(orjson.loads(row[18])),
    )


def ids(numbers: Iterable[int]) -> str:
    """Numbers as one parameter for json_each: the statement is the same for any number."""
    return f"[{','.join(map(str, numbers))}]"
