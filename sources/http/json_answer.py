"""An answer that should be JSON, read with suspicion: what it holds, or what came instead."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from sources.errors import CredentialsRejected, Gone, SourceError, Transient, Unreadable
from sources.http.link import shown
from sources.moments import EPOCH, moment
from sources.text import clean_line, html_text

if TYPE_CHECKING:
    from sources.http.fetch import Response

Fields = Mapping[str, object]

_PAGE_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)
_LONGEST_NUMBER = 1 << 63
# A proxy, a log-in wall and a server in trouble do not speak as the platform does.
_ERRORS: Mapping[int, type[SourceError]] = MappingProxyType(
    {401: CredentialsRejected, 403: CredentialsRejected, 410: Gone, 502: Transient}
)


def read_json(response: Response) -> object:
    """Return what the body of an answer says in JSON.

    Raises Transient for JSON that is cut off, Unreadable for everything else (a web page, nothing),
    naming the address and what came; under an error's status, what that stands for. Lone surrogates
    and NaN, which strict readers refuse, pass: one odd post must not hide a page of others.
    """
    where = shown(response.url)
    text = response.body.decode("utf-8-sig", "replace").strip()
    if text[:1] not in ("{", "["):
        came = f"{where}: {_what_came(text)} came instead of JSON"
        status = f" ({response.status})" if response.status >= 400 else ""
        raise _ERRORS.get(response.status, Unreadable)(f"{came}{status}")
    try:
        return json.loads(text)
    except RecursionError:
        raise Unreadable(f"{where}: the JSON is nested too deep to be read") from None
    except ValueError as error:
        if text[-1:] in ("}", "]"):
            raise Unreadable(f"{where}: not JSON: {error}") from None
        raise Transient(f"{where} broke off its answer: {error}") from None


def read_object(response: Response) -> Fields:
    """Return the JSON object an answer holds; Unreadable when it holds something else."""
    found = read_json(response)
    if not isinstance(found, dict):
        raise Unreadable(f"{shown(response.url)}: a JSON list came instead of an object")
    return found


def listed(found: Fields, name: str, where: str) -> Sequence[object]:
    """Return the list under `name`; Unreadable, naming the address `where`, when there is none."""
    value = found.get(name)
    if not isinstance(value, list):
        keys = ", ".join(sorted(found)[:8]) or "nothing"
        raise Unreadable(
            f"{shown(where)}: JSON came without the list {name!r} (found: {clean_line(keys, 200)})"
        )
    return value


def fields(value: object) -> Fields:
    """Return a JSON object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def string(found: Fields, name: str) -> str:
    """Return the text under `name`, "" when there is none."""
    value = found.get(name)
    return value if isinstance(value, str) else ""


def identity(found: Fields, name: str) -> str:
    """Return an id, a number or a word without spaces, as text; "" when there is none."""
    value = found.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 < value < _LONGEST_NUMBER else ""
    text = clean_line(value, 500) if isinstance(value, str) else ""
    return "" if " " in text else text


def whole(found: Fields, name: str) -> int | None:
    """Return the whole number under `name`; None when there is none of a sensible size."""
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -_LONGEST_NUMBER < value < _LONGEST_NUMBER else None


def metrics(**numbers: object) -> dict[str, float]:
    """Return those of the platform's numbers that are numbers; digits in a string count too."""
    found = {}
    for name, value in numbers.items():
        if isinstance(value, str) and len(value) < 20:
            try:
                value = float(value)
            except ValueError:
                continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if abs(value) < _LONGEST_NUMBER and math.isfinite(value):
            found[name] = float(value)
    return found


def date(found: Fields, name: str) -> datetime | None:
    """Return the date under `name` in UTC, written or in seconds since 1970; None when unread."""
    value = found.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        sound = 0 < value < 100_000_000_000
        return (EPOCH + timedelta(seconds=value)).astimezone(UTC) if sound else None
    return moment(value)


def _what_came(text: str) -> str:
    start = text[:64_000]
    title = _PAGE_TITLE.search(start)
    if title:
        return f"a web page titled {clean_line(html_text(title[1]), 80)!r}"
    if re.search(r"<html|<body|<!doctype html", start, re.IGNORECASE):
        return "a web page"
    return f"{clean_line(start[:300], 60)!r}" if text else "an empty answer"
