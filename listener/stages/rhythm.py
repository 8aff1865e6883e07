"""Whether a source's silence is like it: decided from what the source itself brought before.

A silence is measured in the posts that would usually have come in it, so that nights and weekends
weigh little. How much days differ is learnt too: each day's busyness is taken to be gamma
distributed around the usual, with shape r, which makes a day's count negative binomial. If n posts
come a year, then

    n · (1 + m₁/r)^-(r+1) · (1 + m₂/r)^-r · …

silences a year are at least as long as one in which m₁, m₂, … posts were due on its first day, its
second, and so on: a post begins a silence, and the busier a day the more of them begin in it. With r
without bound, days that do not differ, this is Poisson's n · e^-m.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median_low

from listener.store.rows import Hour

LOOK_BACK = timedelta(days=35)  # how much of the past is asked for a rhythm: five of each weekday
FEWEST_POSTS = 20
FEWEST_DAYS = 7.0  # of time covered; a shorter past holds no weekend
SHORTEST_SILENCE = timedelta(minutes=15)  # shorter ones are nobody's concern
HOURS_A_YEAR = 8_766.0
# The overall rate is mixed into each kind of hour's, so that none is zero: as if half a post had come
# in it, and no longer than this.
PRIOR_POSTS, MOST_PRIOR_HOURS = 0.5, 4.0
# A burst says nothing about silence, nor about the hour it came in: a day that brought so many times
# what is usual on its kind of day is left out, and days above a quantile of the others count like it.
BURST, BUSY_DAY = 3.0, 0.9
MOST_DAYS = 400  # of one silence or one window; beyond, nothing changes


class Silence(StrEnum):
    """What a silence is: like the source, unlike it, or the past is too short to tell."""

    USUAL = "usual"
    UNUSUAL = "unusual"
    TOO_FEW = "too few to tell"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A source's rhythm and its present silence.

    `a_day` is how many posts usually come in 24 hours, None when too few were seen to tell.
    `missing` posts would usually have come since `silent_since`; a silence that long comes
    `per_year` times a year.
    """

    silence: Silence
    silent_since: datetime | None = None
    a_day: float | None = None
    missing: float = 0.0
    per_year: float = 0.0


def rhythm_of(hours: Sequence[Hour], at: datetime) -> Rhythm:
    """Learn the rhythm from what a source brought, and weigh the silence that lasts until `at`.

    `hours` are in order of time and do not overlap. Unusual is a silence that would come less than
    once a year and is longer than the second longest one before it (one outage in the past must not
    blunt the ear for the next).
    """
    heard = [min(hour.heard_at, at) for hour in hours if hour.heard_at is not None]
    if not heard:
        return Rhythm(Silence.TOO_FEW)
    since = max(heard)
    past = [hour for hour in hours if hour.start < min(since, hour.end)]
    profile = _learn(past)
    if profile is None:
        return Rhythm(Silence.TOO_FEW, since)
    due = profile.due(since, at)
    missing, per_year = sum(due), profile.silences_per_year(due)
    unusual = (
        at - since >= SHORTEST_SILENCE
        and per_year < 1.0
        and missing > _second_longest(past, profile)
    )
    silence = Silence.UNUSUAL if unusual else Silence.USUAL
    return Rhythm(silence, since, profile.a_day, missing, per_year)


@dataclass(frozen=True, slots=True)
class _Profile:
    """Posts an hour by hour of the week's two kinds of day, and the shape of days (inf: Poisson)."""

    a_day: float
    rates: Sequence[float]
    shape: float

    def due(self, start: datetime, end: datetime) -> list[float]:
        """How many posts usually come between two moments, day by day."""
        days: dict[int, float] = defaultdict(float)
        for number, length in _slices(start, end):
            days[number // 24] += self.rates[_kind(number)] * length
        return list(days.values())

    def silences_per_year(self, due: Sequence[float]) -> float:
        """How many silences a year are at least so long; see the formula above."""
        log = math.log(max(self.a_day, 1e-9) * HOURS_A_YEAR / 24)
        for place, posts in enumerate(due):
            if math.isinf(self.shape):
                log -= posts
            else:
                log -= (self.shape + (place == 0)) * math.log1p(posts / self.shape)
        return math.exp(log) if log < 50 else math.inf


@dataclass(slots=True)
class _Day:
    """One day of the past: the posts that came and the time covered, by kind of hour."""

    weekend: bool
    posts: dict[int, float]
    covered: dict[int, float]

    @property
    def count(self) -> float:
        """All posts of the day."""
        return sum(self.posts.values())


def _learn(past: Sequence[Hour]) -> _Profile | None:
    """The rhythm of the past; None when too little of it is known."""
    if sum(hour.new for hour in past) < FEWEST_POSTS:
        return None
    days = _without_bursts(_by_day(past))
    _calm(days)
    covered, posts = [0.0] * 48, [0.0] * 48
    for day in days:
        for kind, length in day.covered.items():
            covered[kind] += length
            posts[kind] += day.posts[kind]
    total, length = sum(posts), sum(covered)
    if total < FEWEST_POSTS or length < FEWEST_DAYS * 24:
        return None
    rate = total / length
    prior = min(PRIOR_POSTS / rate, MOST_PRIOR_HOURS)
    rates = [(posts[kind] + rate * prior) / (covered[kind] + prior) for kind in range(48)]
    shape = _shape(days, rates)
    # What was counted is uncertain: take the rate one standard error lower.
    lower = 1 - 1 / math.sqrt(total)
    return _Profile(rate * 24, [one * lower for one in rates], shape)


def _by_day(past: Sequence[Hour]) -> list[_Day]:
    days: dict[int, _Day] = {}
    for hour in past:
        whole = (hour.end - hour.start).total_seconds() / 3600
        for number, length in _slices(hour.start, hour.end):
            day = days.get(number // 24)
            if day is None:
                weekend = _kind(number) >= 24
                day = days[number // 24] = _Day(weekend, defaultdict(float), defaultdict(float))
            kind = _kind(number)
            day.posts[kind] += hour.new * length / whole
            day.covered[kind] += length
    return list(days.values())


def _without_bursts(days: Sequence[_Day]) -> list[_Day]:
    """The days on which no more came than may come on such a day."""
    most = {}
    for weekend in (False, True):
        counts = [day.count for day in days if day.weekend is weekend and day.count]
        most[weekend] = BURST * median_low(counts) if counts else 0.0
    return [day for day in days if day.count <= most[day.weekend]]


def _calm(days: Sequence[_Day]) -> None:
    """Bring the busiest days down to a busy day."""
    counts = sorted(day.count for day in days)
    most = max(counts[int(BUSY_DAY * (len(counts) - 1))], 1.0) if counts else 1.0
    for day in days:
        count = day.count
        if count > most:
            for kind in day.posts:
                day.posts[kind] *= most / count


def _shape(days: Sequence[_Day], rates: Sequence[float]) -> float:
    """The gamma shape by the method of moments: Σm² over what days vary more than Poisson."""
    squares = excess = 0.0
    for day in days:
        due = sum(rates[kind] * length for kind, length in day.covered.items())
        squares += due * due
        excess += (day.count - due) ** 2 - due
    return squares / excess if excess > 0 else math.inf


def _second_longest(past: Sequence[Hour], profile: _Profile) -> float:
    """The second longest silence of the past, in posts that were due."""
    longest = second = run = 0.0
    for hour in past:
        if hour.new == 0:
            run += sum(profile.due(hour.start, hour.end))
            continue
        second = max(second, min(longest, run))
        longest, run = max(longest, run), 0.0
    return second


def _slices(start: datetime, end: datetime) -> Iterator[tuple[int, float]]:
    """Cut a stretch at full hours; yields each piece's hour since 1970 and its length in hours."""
    begin, until = start.timestamp() / 3600, end.timestamp() / 3600
    until = min(until, begin + MOST_DAYS * 24)
    while begin < until:
        number = math.floor(begin)
        piece = min(number + 1, until)
        yield number, piece - begin
        begin = piece


def _kind(number: int) -> int:
    """Which of 48 kinds of hour: those of a working day (UTC), then those of a weekend."""
    weekend = (number // 24 + 3) % 7 >= 5  # 1970 began on a Thursday
    return number % 24 + (24 if weekend else 0)
