"""A brand query as somebody types it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.errors import UsageError

if TYPE_CHECKING:
    from triage.query import Query


def read_query(text: str) -> Query:
    """Read it. Raises UsageError that points at the character where it goes wrong."""
    from triage.query import Query, QueryError

    try:
        return Query.parse(text)
    except QueryError as error:
        raise UsageError(str(error), "listener sources try --help") from error
