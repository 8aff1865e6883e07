"""Trying settings on what is stored before they are written into config.yaml. Nothing is changed."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from listener.config import Config
from listener.config.model import MacroConfig
from listener.config.queue import QueueConfig
from listener.config.queue_file import read_queue
from listener.errors import ConfigError, NotFound, UsageError
from listener.query_change import QueryChange, query_change
from listener.replaying import Comparison, compare
from listener.store.protocol import Store
from listener.store.rows import PastCase, Span
from triage.query import Query, QueryError
from triage.replay import Team, around_the_clock

EXAMPLES = 5
MOST_CASES = 2_000  # a page waits for it
LONGEST_DAYS = 90


class TeamSize(NamedTuple):
    """Who answers: how many, and how many cases each of them answers in an hour of work."""

    agents: int = 2
    per_hour: float = 10.0


def try_query(
    store: Store, config: Config, brand: str, text: str, days: int, now: datetime
) -> QueryChange:
    """What another query would have let in, and let go, among the posts of the last days.

    Raises UsageError that points at the character, and for an unknown brand.
    """
    try:
        query = Query.parse(text)
    except QueryError as error:
        end = f"; {error.suggestion}" if error.suggestion else ""
        raise UsageError(f"character {error.position}: {error.problem}{end}") from None
    known, span = config.brand(brand), Span(since=now - timedelta(days=days))
    return query_change(store, config, known, query, span, EXAMPLES, lambda seen: None)


def try_queue(
    store: Store, config: Config, text: str, team: TeamSize, days: int, now: datetime
) -> tuple[QueueConfig, Comparison]:
    """A `queue:` section as it was read, and how long people would have waited under it.

    Replays the latest 2,000 cases of the last days. Working hours and the lease stay as configured
    when the text has none. Raises UsageError with a line for every mistake, NotFound without cases.
    """
    try:
        read = read_queue(text.encode(), "queue")
    except ConfigError as error:
        raise UsageError(str(error), error.hint) from None
    other = read.model_copy(update={"hours": read.hours or config.queue.hours})
    past: Sequence[PastCase] = deque(
        store.past_cases(Span(since=now - timedelta(days=days))), MOST_CASES
    )
    if not past:
        raise NotFound(f"there are no cases of the last {days} days to replay", "try more days")
    now_ = config.queue
    work = now_.hours.after if now_.hours else around_the_clock
    found = compare(
        list(past),
        config,
        (now_, now_.policy()),
        (other, other.policy()),
        Team(team.agents, timedelta(hours=1 / team.per_hour), work),
    )
    return other, found


def with_macro(macros: Sequence[MacroConfig], name: str, text: str) -> tuple[MacroConfig, ...]:
    """The prepared answers with one more, with another text for one, or, without text, less one.

    Raises UsageError for what the configuration would refuse.
    """
    from pydantic import ValidationError

    called = " ".join(name.split())
    if not text.strip():
        if all(one.name != called for one in macros):
            raise UsageError(f"there is no macro {called!r} to take away")
        return tuple(one for one in macros if one.name != called)
    try:
        new = MacroConfig(name=called, text=text.replace("\r\n", "\n").strip())
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"{first['loc'][-1]}: {first['msg']}") from None
    if any(one.name == called for one in macros):
        return tuple(new if one.name == called else one for one in macros)
    return (*macros, new)
