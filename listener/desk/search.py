"""What people type into the queue's search: filters such as `is:vigilante owner:ana`, then words.

Words must all occur, the last one may be unfinished. As soon as an operator or a field of the brand
query language stands among them (AND, OR, NOT, quotes, parentheses, NEAR, @name, site: …), the rest is
read as such a query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice

from listener.desk.labels import label_name
from listener.desk.required import required
from listener.errors import DeskError, UsageError
from listener.store.looking import Words
from listener.store.protocol import Store
from listener.store.rows import CaseRow, QueueQuery
from triage.query import Document, Query, QueryError
from triage.verdict import Lane

FILTERS = ("is", "owner", "issue", "lane", "source", "label", "before")
VIEWS = ("open", "mine", "waiting", "snoozed", "done", "all")
IS = (*VIEWS, "new", "vigilante", "escalating")

_FILTER = re.compile(rf"(?<!\S)({'|'.join(FILTERS)}):(\"[^\"]*\"|\S*)", re.IGNORECASE)
_OPERATOR = re.compile(r"\b(?:AND|OR|NOT)\b|NEAR/|[\"()#*]|(?<!\S)@|\b[a-z]+:")
AROUND = 60  # characters of a search shown on either side of a mistake
PAGE = 200  # cases looked at first
FARTHEST = 4_000  # cases looked at for one page of a query: it ends where a person would


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was read: what the store narrows by, and a query for the rest, or None."""

    query: QueueQuery
    rest: Query | None = None


def read_search(text: str, base: QueueQuery, me: str) -> Search:
    """Read what somebody typed on top of a view; `owner:me` is who types.

    Raises UsageError that names what would have been right.
    """
    query = base
    for name, value in _FILTER.findall(text):
        query = _narrowed(query, name.lower(), value.strip('"'), me)
    rest = " ".join(_FILTER.sub(" ", text).split())
    if not _OPERATOR.search(rest):
        return Search(replace(query, search=rest))
    try:
        read = Query.parse(rest)
        return Search(replace(query, any_of=tuple(map(str, required(read.tree)))), read)
    except QueryError as error:
        raise UsageError(
            f"{error.problem} at character {error.position} of {_around(rest, error.position)!r}",
            "listener queue list --search 'refund AND NOT card'",
        ) from None


def _around(text: str, position: int) -> str:
    """The part of a long text that a mistake is in."""
    begin = max(0, position - AROUND)
    end = position + AROUND
    return f"{'…' if begin else ''}{text[begin:end]}{'…' if end < len(text) else ''}"


def find(store: Store, search: Search) -> list[CaseRow]:
    """The page of cases that a search asks for, best first."""
    if search.rest is None:
        return store.queue(search.query)
    matching = (one.case for one in _all(store, search.query) if _matches(search.rest, one))
    return store.cases(list(islice(matching, search.query.limit)))


def _all(store: Store, query: QueueQuery) -> Iterator[Words]:
    after = query.after
    for many in (PAGE, FARTHEST - PAGE):  # most queries fill their page from the first few
        page = store.words(replace(query, limit=many, after=after))
        yield from page
        if len(page) < many:
            return
        after = page[-1].priority, page[-1].case


def _matches(query: Query, one: Words) -> bool:
    said = Document(one.text, one.title, one.author, one.url, one.source, one.kind, one.lang)
    return query.matches(said) is not None


def _narrowed(query: QueueQuery, name: str, value: str, me: str) -> QueueQuery:
    if name == "is":
        return _being(query, value.lower(), me)
    if name == "owner":
        return replace(query, owner=me if value == "me" else value)
    if name == "lane":
        lanes = [lane.value for lane in Lane]
        if value not in lanes:
            raise UsageError(
                f"there is no lane {value!r}; there are: {', '.join(lanes)}",
                f"listener queue list --search lane:{lanes[0]}",
            )
        return replace(query, lane=value)
    if name == "source":
        return replace(query, source=value)
    if name == "label":
        return replace(query, label=_label(value))
    if name == "issue":
        if not (value.isascii() and value.isdecimal() and len(value) < 16):
            raise UsageError(
                f"issue:{value} is no number of an issue, such as issue:12", "listener issues list"
            )
        return replace(query, issue=int(value))
    return replace(query, before=_day(value))


def _being(query: QueueQuery, value: str, me: str) -> QueueQuery:
    if value == "vigilante":
        return replace(query, vigilante="likely")
    if value == "escalating":
        return replace(query, escalating=True)
    if value == "new":
        return replace(query, view="open")
    if value == "mine":
        return replace(query, view="mine", owner=me)
    if value in VIEWS:
        return replace(query, view=value)
    raise UsageError(
        f"is:{value} means nothing here; there are: {', '.join(IS)}",
        "listener queue list --search is:vigilante",
    )


def _label(value: str) -> str:
    try:
        return label_name(value)
    except DeskError as error:
        raise UsageError(str(error), "listener queue labels") from None


def _day(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise UsageError(
            f"before:{value} is no day, such as before:2026-11-20",
            "listener queue list --search before:2026-11-20",
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
