"""The configuration as a page shows it, and what other settings would have changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.ages import span
from listener.config import Config
from listener.query_change import Example, QueryChange
from listener.replaying import Comparison, Waits
from listener.store.protocol import Store
from listener.web.views.rows import excerpt, person_name, source_name
from listener.web.views.times import When, hour, when
from sources.duration import show_duration
from sources.mention import Mention


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
    """What a query would have changed."""

    query: str
    seen: int
    stays: int
    entering: int
    leaving: int
    enters: tuple[Moved, ...]
    leaves: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class WaitRow:
    """Some cases, and half / 95 % / the longest of their waits, now and under the policy tried."""

    lane: str
    severity: str
    cases: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a policy would have done; `kept` and `kept_then` are shares of promises, or empty."""

    rows: tuple[WaitRow, ...]
    kept: str
    kept_then: str


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


def query_preview(found: QueryChange) -> Preview:
    """What another query would have changed, as a page shows it."""
    return Preview(
        query=found.after,
        seen=found.seen,
        stays=found.stays,
        entering=found.entering,
        leaving=found.leaving,
        enters=tuple(map(_moved, found.entering_examples)),
        leaves=tuple(map(_moved, found.leaving_examples)),
    )


def _moved(one: Example) -> Moved:
    author = person_name(one.mention.author.handle)
    return Moved(author, one.source, _said(one.mention), one.after)


def waits(found: Comparison) -> Waiting:
    """How long people would have waited under two policies, as a page shows it."""
    return Waiting(
        rows=tuple(
            WaitRow(
                group.lane,
                group.severity,
                group.cases,
                _lengths(group.before),
                _lengths(group.after),
            )
            for group in found.groups
        ),
        kept=_share(found.before.kept),
        kept_then=_share(found.after.kept),
    )


def _lengths(one: Waits) -> str:
    return " / ".join(span(length) for length in (one.p50, one.p95, one.longest))


def _share(part: float | None) -> str:
    return "" if part is None else f"{part:.0%}"


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
    """What is promised to whom; empty for nothing."""
    return tuple(
        (name, "" if length is None else show_duration(length))
        for name, length in dict(config.queue.promise).items()
    )


def _said(mention: Mention) -> str:
    return excerpt(mention.title, mention.text, 300)
