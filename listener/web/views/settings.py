"""The configuration as a page shows it, and what another query would have changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.config import Config
from listener.errors import UsageError
from listener.query_change import query_change
from listener.store.protocol import Store
from listener.store.rows import Span
from listener.web.views.rows import excerpt, person_name, source_name
from listener.web.views.times import When, hour, when
from sources.duration import show_duration
from sources.mention import Mention
from triage.query import Query, QueryError

PREVIEWED = timedelta(days=7)
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class BrandLine:
    """One brand as configured."""

    name: str
    query: str
    handles: tuple[tuple[str, str], ...]
    languages: tuple[str, ...]
    groups: tuple[tuple[str, int, int], ...]  # name, people, points


@dataclass(frozen=True, slots=True)
class Moved:
    """A post that another query would take in, or let go, and why."""

    author: str
    source: str
    said: str
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a query would have changed in the last week."""

    query: str
    seen: int
    stays: int
    entering: int
    leaving: int
    enters: tuple[Moved, ...]
    leaves: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source: how it is, since when, and what it could not see."""

    name: str
    type: str
    every: str
    health: str
    reason: str
    since: When | None
    last: When | None
    retry: When | None
    gaps: tuple[str, ...]
    brought: int


def brand_lines(config: Config) -> tuple[BrandLine, ...]:
    """All brands."""
    return tuple(
        BrandLine(
            brand.name,
            brand.query,
            tuple(brand.handles.items()),
            tuple(brand.languages),
            tuple((group.name, len(group.people), group.points) for group in brand.groups),
        )
        for brand in config.brands
    )


def query_preview(store: Store, config: Config, brand: str, text: str, now: datetime) -> Preview:
    """Compare a brand's query with another one over the stored posts of a week.

    Raises UsageError that points at the character, and for an unknown brand.
    """
    try:
        query = Query.parse(text)
    except QueryError as error:
        end = f"; {error.suggestion}" if error.suggestion else ""
        raise UsageError(f"character {error.position}: {error.problem}{end}") from None
    known = config.brand(brand)
    span = Span(since=now - PREVIEWED)
    found = query_change(store, config, known, query, span, EXAMPLES, lambda seen: None)
    return Preview(
        query=str(query),
        seen=found.seen,
        stays=found.stays,
        entering=found.entering,
        leaving=found.leaving,
        enters=tuple(
            Moved(person_name(one.mention.author.handle), one.source, _said(one.mention), one.after)
            for one in found.entering_examples
        ),
        leaves=tuple(
            Moved(person_name(one.mention.author.handle), one.source, _said(one.mention), one.after)
            for one in found.leaving_examples
        ),
    )


def source_lines(store: Store, config: Config, now: datetime) -> tuple[SourceLine, ...]:
    """All configured sources, and those that have run and are configured no more."""
    states = {state.source: state for state in store.health()}
    types = {own.name: own.type for own in config.sources}
    every = {own.name: own.every for own in config.sources}
    found = []
    for name in (*types, *(one for one in states if one not in types)):
        state = states.get(name)
        gaps = [gap for gap in store.gaps(name) if gap.closed_at is None][:3]
        found.append(
            SourceLine(
                name=name if name in types else source_name(name),
                type=types.get(name, ""),
                every=show_duration(every[name]) if every.get(name) else "",
                health="never" if state is None else state.health.value,
                reason="" if state is None else state.reason,
                since=None if state is None else when(state.since, now),
                last=None
                if state is None or state.last_success_at is None
                else when(state.last_success_at, now),
                retry=None
                if state is None or state.retry_at is None
                else hour(state.retry_at, now),
                gaps=tuple(gap.reason for gap in gaps),
                brought=store.brought(name, now - timedelta(days=1)),
            )
        )
    return tuple(found)


def promises(config: Config) -> tuple[tuple[str, str], ...]:
    """What is promised to whom."""
    return tuple(
        (name, "nothing" if span is None else f"within {show_duration(span)}")
        for name, span in dict(config.queue.promise).items()
    )


def _said(mention: Mention) -> str:
    return excerpt(mention.title, mention.text, 300)
