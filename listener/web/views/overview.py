"""Figures over a span of time; every one of them says where the posts or cases behind it are listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from listener.store.looking import Volume, Wait
from listener.store.protocol import Store
from listener.web.phrases import Phrase, phrase, phrases
from listener.web.views.rows import source_name
from listener.web.views.times import DAYS, When, day_of, hour, length
from sources.mention import utc
from triage.cases import DONE, NOT_OUR_TURN

SPANS = {"1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
BARS = {"1d": timedelta(hours=1), "7d": timedelta(hours=6), "30d": timedelta(days=1)}
COLOURS = 6
WIDE, HIGH = 900, 200  # units of the drawing
CASES = ("opened", "answered", "unanswered", "late", "slowest")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number in words, what it is, and the address of what is behind it."""

    value: str
    name: str
    address: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """The posts of one source in one stretch of time, drawn as a part of a bar."""

    x: float
    y: float
    wide: float
    height: float
    colour: int
    said: str
    address: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A label of an axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars over time, stacked by source; `table` has the same in numbers for who cannot see it."""

    blocks: tuple[Block, ...]
    days: tuple[Mark, ...]
    steps: tuple[Mark, ...]
    legend: tuple[tuple[str, int, int], ...]  # source, colour, posts
    wide: int
    high: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of a week: `shade` in 0…4."""

    x: int
    y: int
    shade: int
    said: str


@dataclass(frozen=True, slots=True)
class Listening:
    """One source: how it is, and how much of the time it could see."""

    source: str
    health: str
    reason: str
    last: When | None
    posts: int
    address: str
    seen: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the page."""

    span: str
    brand: str
    brands: tuple[str, ...]
    figures: tuple[Figure, ...]
    chart: Chart
    hours: tuple[Cell, ...]
    sources: tuple[Listening, ...]
    spikes: tuple[tuple[When, int, str, str], ...]

    def address(self, **change: str) -> str:
        """The address of the page with something else in it."""
        asked = {"span": self.span, "brand": self.brand}
        return f"/overview?{urlencode({**asked, **change})}"


def overview(store: Store, brands: Sequence[str], brand: str, span: str, now: datetime) -> Overview:
    """The figures of a brand ("" for all) over a span that ends now."""
    span = span if span in SPANS else "7d"
    since = now - SPANS[span]
    volumes = store.volumes(brand, since, now + timedelta(minutes=1))
    waits = store.waits(brand, since, now + timedelta(minutes=1))
    return Overview(
        span=span,
        brand=brand,
        brands=tuple(brands),
        figures=(*_heard(volumes, brand, since, now), *_answered(waits, brand, span, now)),
        chart=_chart(volumes, brand, since, now, BARS[span]),
        hours=_hours(volumes),
        sources=_sources(store, volumes, brand, since, now),
        spikes=tuple(
            (hour(one.at, now), one.issue or 0, one.title, "; ".join(one.reasons))
            for one in store.alarms("spike", limit=20)
            if one.at >= since and brand in ("", one.brand)
        ),
    )


def behind(waits: Sequence[Wait], which: str, now: datetime) -> list[int]:
    """The cases behind a figure of answers; the slowest first where that was asked for."""
    if which == "answered":
        return [one.case for one in waits if one.answered_at is not None]
    if which == "unanswered":
        return [one.case for one in waits if _open(one)]
    if which == "late":
        return [one.case for one in waits if _late(one, now)]
    if which == "slowest":
        ended = [one for one in waits if one.answered_at is not None]
        ended.sort(key=_waited, reverse=True)
        return [one.case for one in ended]
    return [one.case for one in waits]


def _posts(brand: str, since: datetime, until: datetime, **more: str) -> str:
    asked = {"brand": brand, "since": utc(since), "until": utc(until), **more}
    return f"/posts?{urlencode({name: value for name, value in asked.items() if value})}"


def _heard(volumes: Sequence[Volume], brand: str, since: datetime, now: datetime) -> list[Figure]:
    posts = sum(one.posts for one in volumes)
    heard = sum(one.posts for one in volumes if one.lane != "muted")
    complaints = sum(one.posts for one in volumes if one.lane == "complaint")
    share = f"{100 * complaints / heard:.0f} %" if heard else "–"
    return [
        Figure(f"{posts:,}", phrase("posts"), _posts(brand, since, now)),
        Figure(
            share,
            phrase("of what was heard are complaints"),
            _posts(brand, since, now, lane="complaint"),
        ),
    ]


def _answered(waits: Sequence[Wait], brand: str, span: str, now: datetime) -> list[Figure]:
    def at(which: str) -> str:
        return f"/overview/cases?{urlencode({'which': which, 'span': span, 'brand': brand})}"

    ended = sorted(_waited(one) for one in waits if one.answered_at is not None)
    waiting = [one for one in waits if _open(one)]
    late = sum(_late(one, now) for one in waits)
    oldest = min((one.opened_at for one in waiting), default=None)
    rate = f"{100 * len(ended) / len(waits):.0f} %" if waits else "–"
    return [
        Figure(rate, phrase("of cases answered"), at("answered")),
        Figure(length(_share(ended, 0.5)), phrase("half are answered within"), at("slowest")),
        Figure(length(_share(ended, 0.95)), phrase("19 of 20 are answered within"), at("slowest")),
        Figure(
            f"{len(waiting):,}", phrase("wait for us"), at("unanswered"), "high" if waiting else ""
        ),
        Figure(f"{late:,}", phrase("promises broken"), at("late"), "urgent" if late else ""),
        Figure(
            length(None if oldest is None else now - oldest),
            phrase("the longest wait"),
            at("unanswered"),
        ),
    ]


def _open(one: Wait) -> bool:
    """Whether it is our turn."""
    return one.state not in NOT_OUR_TURN and one.state not in DONE


def _late(one: Wait, now: datetime) -> bool:
    if one.due_at is None:
        return False
    return (one.answered_at or now) > one.due_at and (one.answered_at is not None or _open(one))


def _waited(one: Wait) -> timedelta:
    assert one.answered_at is not None
    return max(one.answered_at - one.opened_at, timedelta())


def _share(ordered: Sequence[timedelta], share: float) -> timedelta | None:
    """The nearest-rank quantile; None of nothing."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def _chart(
    volumes: Sequence[Volume], brand: str, since: datetime, now: datetime, bar: timedelta
) -> Chart:
    start = since.replace(minute=0, second=0, microsecond=0)
    if bar >= timedelta(days=1):
        start = start.replace(hour=0)
    count = int((now - start) / bar) + 1
    by_source: Counter[str] = Counter()
    stacked: Counter[tuple[int, str]] = Counter()
    for one in volumes:
        by_source[one.source] += one.posts
        stacked[int((one.start - start) / bar), one.source] += one.posts
    named = [source for source, _ in by_source.most_common()]
    totals = [sum(stacked[place, source] for source in named) for place in range(count)]
    most = _round_up(max(totals, default=0))
    wide = WIDE / count
    blocks = []
    for place in range(count):
        top = float(HIGH)
        for rank, source in enumerate(named):
            posts = stacked[place, source]
            if not posts:
                continue
            height = HIGH * posts / most
            top -= height
            at = start + place * bar
            address = _posts(brand, at, at + bar, source=source)
            said = _said(at, source, posts)
            blocks.append(
                Block(
                    round(place * wide, 2),
                    round(top, 2),
                    round(max(wide - 1.5, 1), 2),
                    round(height, 2),
                    min(rank, COLOURS - 1),
                    said,
                    address,
                )
            )
    every = max(1, round(count / 8))
    short = bar < timedelta(hours=6)
    marks = [(place, start + place * bar) for place in range(0, count, every)]
    return Chart(
        blocks=tuple(blocks),
        days=tuple(
            Mark(round(place * wide, 2), HIGH + 16, f"{at:%H:%M}" if short else day_of(at))
            for place, at in marks
        ),
        steps=tuple(Mark(0, HIGH - HIGH * part / 2, f"{most * part // 2:,}") for part in (1, 2)),
        legend=tuple(
            (source_name(source), min(rank, COLOURS - 1), by_source[source])
            for rank, source in enumerate(named)
        ),
        wide=WIDE,
        high=HIGH,
    )


def _said(at: datetime, source: str, posts: int) -> Phrase:
    """What a bar says when it is pointed at."""
    return phrase(
        "%(day)s %(time)s, %(source)s: %(n)s",
        day=day_of(at),
        time=f"{at:%H:%M}",
        source=source_name(source),
        n=f"{posts:,}",
    )


def _round_up(most: int) -> int:
    """The next round even number: the top of an axis."""
    step = 2
    while step < most:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return step


def _hours(volumes: Sequence[Volume]) -> tuple[Cell, ...]:
    counted: Counter[tuple[int, int]] = Counter()
    for one in volumes:
        counted[one.start.weekday(), one.start.hour] += one.posts
    most = max(counted.values(), default=0)
    return tuple(
        Cell(
            x=clock,
            y=day,
            shade=-(-4 * counted[day, clock] // most) if most else 0,
            said=phrase(
                "%(day)s %(hour)s UTC: %(n)s",
                day=phrase(DAYS[day]),
                hour=f"{clock:02}:00",
                n=f"{counted[day, clock]:,}",
            ),
        )
        for day in range(7)
        for clock in range(24)
    )


def _sources(
    store: Store, volumes: Sequence[Volume], brand: str, since: datetime, now: datetime
) -> tuple[Listening, ...]:
    posts: Counter[str] = Counter()
    for one in volumes:
        posts[one.source] += one.posts
    states = {state.source: state for state in store.health()}
    found = []
    for name in sorted({*states, *posts}, key=lambda source: (-posts[source], source)):
        state = states.get(name)
        last = None if state is None else state.last_success_at
        found.append(
            Listening(
                source=source_name(name),
                health="never" if state is None else state.health.value,
                reason="" if state is None else state.reason,
                last=None if last is None else hour(last, now),
                posts=posts[name],
                address=_posts(brand, since, now, source=name),
                seen="" if state is None else _seen(store, name, since),
            )
        )
    return tuple(found)


def _seen(store: Store, source: str, since: datetime) -> str:
    """How many stretches it missed in the span, in words."""
    missed = [
        gap
        for gap in store.gaps(source)
        if gap.closed_at is None and (gap.end is None or gap.end >= since)
    ]
    if not missed:
        return phrase("no gap")
    return phrases(
        "%(num)s gap: %(why)s", "%(num)s gaps: %(why)s", len(missed), why=missed[0].reason[:80]
    )
