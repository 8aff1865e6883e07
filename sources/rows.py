"""One row of a table of posts, under generous column names, as a mention."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Protocol

from sources.mention import NOTHING, Author, Mention, Thread
from sources.moments import FORMATS, moment
from sources.remarks import Remarks
from sources.text import clean

Row = Mapping[str, object]

# What each of our fields may be called, best name first. Names are compared in lower case, with
# everything that is no letter or digit read as "_".
NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("text", "body", "content", "message", "full_text", "comment", "review"),
        "id": ("id", "external_id", "tweet_id", "post_id", "guid", "uuid"),
        "created_at": (
            "created_at", "date", "timestamp", "created", "created_utc", "published",
            "published_at", "posted_at", "datetime", "time",
        ),
        "author": ("author", "user", "username", "handle", "screen_name", "author_handle"),
        "author_id": ("author_id", "user_id"),
        "author_name": ("author_name", "display_name", "name"),
        "followers": ("followers", "followers_count", "author_followers"),
        "url": ("url", "link", "permalink"),
        "title": ("title", "subject", "headline"),
        "lang": ("lang", "language"),
        "kind": ("kind", "platform"),
        "root": ("thread_root", "root", "thread_id", "conversation_id", "thread"),
        "parent": ("thread_parent", "parent", "parent_id", "in_reply_to", "in_reply_to_id",
                   "in_response_to_tweet_id", "reply_to"),
    }
)  # fmt: skip
METRICS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "likes": ("likes", "like_count", "favorite_count", "favourites", "score", "upvotes"),
        "replies": ("replies", "reply_count", "num_comments", "comment_count"),
        "shares": ("shares", "reposts", "retweets", "retweet_count", "share_count"),
        "stars": ("stars", "rating"),
        "views": ("views", "view_count", "impressions"),
    }
)
SHAPES_KEPT = 256
LONGEST_ID = 512
LONGEST_URL = 4096
FUTURE = "date(s) in the future, read as the moment of the import"
NO_DATE = "row(s) without a date, given the time the file was last changed"
BAD_DATE = f"date(s) not understood, read as the time the file was last changed; read are {FORMATS}"
NO_LINK = "link(s) neither http nor https, left out"


class BadRow(ValueError):
    """A row that cannot become a mention; its message says why, for the list of rejected rows."""


class RowReader(Protocol):
    """Turns rows into mentions. `remarks` collects what is odd about rows that were read."""

    remarks: Remarks

    def read(self, row: Row, line: int) -> Mention | None:
        """The row's mention; None for a row that is rightly none. Raises BadRow."""
        ...


@dataclass(frozen=True, slots=True)
class Columns:
    """Which of a row's keys hold which of our fields: none, one, or several in order of trust."""

    found: Mapping[str, tuple[str, ...]]
    metrics: tuple[tuple[str, str], ...]

    @classmethod
    def among(cls, keys: tuple[str, ...]) -> Columns:
        """Look for our names among a row's own."""
        named: dict[str, str] = {}
        for key in keys:
            named.setdefault(plain_name(key), key)
        found = {
            field: tuple(named[name] for name in names if name in named)
            for field, names in NAMES.items()
        }
        metrics = tuple(
            (metric, named[name])
            for metric, names in METRICS.items()
            for name in names[::-1]
            if name in named
        )
        return cls(found, metrics)

    def of(self, field: str, row: Row) -> object:
        """The first value that is there; None when there is none."""
        for key in self.found[field]:
            value = row.get(key)
            if value is not None and value != "":
                return value
        return None


class Dates:
    """Reads a row's date: in the future is now, missing or odd is the file's own time."""

    def __init__(self, now: datetime, fallback: datetime, remarks: Remarks) -> None:
        """`fallback` serves rows whose date is missing or unreadable; never later than now."""
        self._now = now.astimezone(UTC)
        self._fallback = min(self._now, fallback.astimezone(UTC))
        self._remarks = remarks

    def read(self, value: object, line: int) -> datetime:
        """The moment of `value`, aware and in UTC; remarks on what had to be put right."""
        if value is None or value == "":
            self._remarks.add(NO_DATE, line)
            return self._fallback
        found = moment(value)
        if found is None:
            self._remarks.add(BAD_DATE, line)
            return self._fallback
        if found > self._now:
            self._remarks.add(FUTURE, line)
            return self._now
        return found


class Rows:
    """Reads the rows of generic JSON lines and CSV files.

    The natural key is the row's kind (else `files`) and id (else a hash of its text, date and
    author as written), so that reading a file twice yields the same keys.
    """

    def __init__(self, now: datetime, fallback: datetime) -> None:
        """`now` bounds the dates, `fallback` stands for missing ones."""
        self.remarks = Remarks()
        self._dates = Dates(now, fallback, self.remarks)
        self._shapes: dict[tuple[str, ...], Columns] = {}

    def read(self, row: Row, line: int) -> Mention | None:
        """The row's mention. Raises BadRow when it holds neither text nor title."""
        columns = self._columns(tuple(row))
        raw = columns.of("text", row)
        if not isinstance(raw, str):
            raw = _written(raw, "text")
        text = clean(raw) if raw else ""
        title = short(columns.of("title", row))
        if not text and not title:
            raise BadRow(_no_text(columns, row))
        author = _author(columns, row)
        date = columns.of("created_at", row)
        root, parent = _thread(columns, row)
        return Mention(
            kind=_kind(columns.of("kind", row)),
            external_id=identifier(columns.of("id", row))
            or fingerprint(raw or title, date, author),
            text=text,
            created_at=self._dates.read(date, line),
            author=author,
            url=self._link(columns.of("url", row), line),
            title=title,
            lang=short(columns.of("lang", row)),
            thread=Thread(root, parent) if root or parent else Thread(),
            metrics=_metrics(columns, row),
        )

    def _columns(self, keys: tuple[str, ...]) -> Columns:
        known = self._shapes.get(keys)
        if known is None:
            if len(self._shapes) >= SHAPES_KEPT:
                self._shapes.clear()
            known = self._shapes[keys] = Columns.among(keys)
        return known

    def _link(self, value: object, line: int) -> str:
        link = short(value)
        if link and (not link.startswith(("http://", "https://")) or len(link) > LONGEST_URL):
            self.remarks.add(NO_LINK, line)
            return ""
        return link


def plain_name(key: str) -> str:
    """A column's name as we compare it: lower case, `_` for everything else, trimmed."""
    return re.sub(r"[\W_]+", "_", key.strip().casefold()).strip("_")


def has_text_column(keys: tuple[str, ...]) -> bool:
    """Whether one of the columns can hold what was said."""
    return bool(Columns.among(keys).found["text"])


def identifier(value: object) -> str:
    """An id as text: trimmed, printable, 7.0 as `7`; empty when there is none."""
    if value is None or isinstance(value, bool | list | dict):
        return ""
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else ""
    text = str(value).strip()
    if not text.isprintable():
        text = "".join(letter for letter in text if letter.isprintable())
    return text if len(text) <= LONGEST_ID else _hash(text)


def fingerprint(text: str, date: object, author: Author) -> str:
    """A stable id for a row without one: the same text, date and author are the same post."""
    return _hash("\x1f".join((text, "" if date is None else str(date), author.id, author.handle)))


def short(value: object) -> str:
    """A field of one line as clean text; empty for what is no text or number."""
    if value is None or isinstance(value, list | dict | bool):
        return ""
    text = str(value).strip()
    return text if text.isascii() and text.isprintable() else " ".join(clean(text).split())


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _written(value: object, what: str) -> str:
    if value is None:
        return ""
    if isinstance(value, list | dict | bool):
        raise BadRow(f"the {what} is {type(value).__name__}, expected text")
    return str(value)


def _no_text(columns: Columns, row: Row) -> str:
    if columns.found["text"]:
        return f"“{columns.found['text'][0]}” is empty"
    return f"no text: found {listed(tuple(row))}; expected one of {', '.join(NAMES['text'])}"


def listed(keys: tuple[str, ...]) -> str:
    """Column names for a message, cut to what a person reads."""
    names = ", ".join(f"“{key[:40]}”" for key in keys[:20]) or "nothing"
    return f"{names} and {len(keys) - 20} more" if len(keys) > 20 else names


def _kind(value: object) -> str:
    return re.sub(r"\s+", "-", short(value).casefold())[:64] or "files"


def _author(columns: Columns, row: Row) -> Author:
    written = columns.of("author", row)
    if isinstance(written, dict):
        own = Columns.among(tuple(str(key) for key in written))
        named = {str(key): value for key, value in written.items()}
        return Author(
            identifier(own.of("id", named) or own.of("author_id", named)),
            short(own.of("author", named)),
            short(own.of("author_name", named)),
            _count(own.of("followers", named)),
        )
    handle = short(written)
    return Author(
        identifier(columns.of("author_id", row)) or handle,
        handle,
        short(columns.of("author_name", row)),
        _count(columns.of("followers", row)),
    )


def _thread(columns: Columns, row: Row) -> tuple[str, str]:
    root, parent = columns.of("root", row), columns.of("parent", row)
    if isinstance(root, dict):
        return identifier(root.get("root")), identifier(parent or root.get("parent"))
    return identifier(root), identifier(parent)


def _metrics(columns: Columns, row: Row) -> Mapping[str, float]:
    if not columns.metrics:
        return NOTHING
    found = {}
    for metric, key in columns.metrics:
        number = _number(row.get(key))
        if number is not None:
            found[metric] = number
    return MappingProxyType(found) if found else NOTHING


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _count(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and 0 <= number < 2**53 else None
