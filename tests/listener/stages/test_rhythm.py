"""A silence is weighed against what the source brought before: nights and bursts are part of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from listener.stages.rhythm import FEWEST_POSTS, Rhythm, Silence, rhythm_of
from listener.store.rows import Hour

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def past(days: float, posts: Callable[[datetime], int], every: timedelta = HOUR) -> list[Hour]:
    """What a source brought that is asked once in `every`."""
    hours = []
    start = MONDAY
    while start < MONDAY + timedelta(days=days):
        new = posts(start)
        hours.append(Hour(start, start + every, new, start + every if new else None))
        start += every
    return hours


def after(hours: Sequence[Hour], silence: timedelta) -> Rhythm:
    return rhythm_of(hours, hours[-1].end + silence)


def steady(at: datetime) -> int:
    return 2


def office(at: datetime) -> int:
    return 6 if at.weekday() < 5 and 8 <= at.hour < 18 else 0


def test_a_steady_source_is_missed_after_a_few_hours() -> None:
    hours = past(14, steady)
    assert after(hours, 2 * HOUR).silence is Silence.USUAL
    found = after(hours, 8 * HOUR)
    assert found.silence is Silence.UNUSUAL
    assert found.silent_since == hours[-1].end
    assert 13 < found.missing < 16
    assert found.a_day is not None
    assert 47 < found.a_day < 49
    assert found.per_year < 1


def test_nights_and_weekends_of_an_office_are_no_trouble_and_its_morning_is() -> None:
    hours = past(25.75, office)  # until Friday evening
    assert hours[-1].end == datetime(2026, 11, 27, 18, tzinfo=UTC)
    weekend = timedelta(hours=62)
    assert after(hours, weekend).silence is Silence.USUAL
    found = after(hours, weekend + 6 * HOUR)  # Monday, two in the afternoon
    assert found.silence is Silence.UNUSUAL


def test_days_that_differ_much_need_a_longer_silence() -> None:
    lots = random.Random(7)
    busy = [lots.choice((0, 1, 2, 24)) for _ in range(60)]
    even, uneven = past(28, steady), past(28, lambda at: busy[at.timetuple().tm_yday % 60])
    silence = 9 * HOUR
    assert after(even, silence).per_year < 1e-3 < after(uneven, silence).per_year


def test_one_burst_teaches_nothing_about_silence() -> None:
    burst = past(21, lambda at: 500 if at == MONDAY + 3 * DAY else 2)
    found = after(burst, 10 * HOUR)
    assert found.silence is Silence.UNUSUAL
    assert found.missing < 30


def test_bursts_at_night_do_not_make_a_quiet_night_unusual() -> None:
    bursts = {MONDAY + 6 * DAY: 400, MONDAY + 8 * DAY + 2 * HOUR: 1_500, MONDAY + 13 * DAY: 1_000}

    def by_day(at: datetime) -> int:
        return bursts.get(at, int(8 <= at.hour < 22))

    hours = past(19 + 22 / 24, by_day)  # until Saturday night
    assert hours[-1].end == datetime(2026, 11, 21, 22, tzinfo=UTC)
    night = after(hours, 10 * HOUR)
    assert night.silence is Silence.USUAL
    assert night.missing < 2
    assert after(hours, 22 * HOUR).silence is Silence.UNUSUAL


def test_one_outage_in_the_past_does_not_blunt_the_ear() -> None:
    def outage(at: datetime) -> int:
        return 0 if 5 * DAY <= at - MONDAY < 8 * DAY else 2

    assert after(past(28, outage), 12 * HOUR).silence is Silence.UNUSUAL


def test_what_has_been_silent_that_long_before_is_like_it() -> None:
    def pauses(at: datetime) -> int:
        return 0 if at.day % 5 in (0, 1) else 8

    # The last day before the next pause, which is as long as those before.
    hours = past(33, pauses)
    assert after(hours, 36 * HOUR).silence is Silence.USUAL
    assert after(hours, 96 * HOUR).silence is Silence.UNUSUAL


def test_too_few_to_tell_is_an_answer() -> None:
    assert rhythm_of([], MONDAY).silence is Silence.TOO_FEW
    seldom = past(35, lambda at: int(at.hour == 9 and at.weekday() == 0))
    assert after(seldom, 60 * DAY).silence is Silence.TOO_FEW
    short = past(6, steady)
    assert after(short, 60 * DAY).silence is Silence.TOO_FEW
    assert sum(hour.new for hour in short) > FEWEST_POSTS


def test_a_source_asked_once_a_day_has_a_rhythm_too() -> None:
    daily = past(28, lambda at: 5, every=DAY)
    assert after(daily, DAY).silence is Silence.USUAL
    assert after(daily, 2 * DAY).silence is Silence.UNUSUAL


def test_a_fresh_post_that_is_known_ends_a_silence() -> None:
    hours = past(14, steady)
    end = hours[-1].end
    seen = [*hours, Hour(end, end + 12 * HOUR, 0, end + 11 * HOUR)]
    assert rhythm_of(seen, end + 12 * HOUR).silence is Silence.USUAL


def test_a_quarter_of_an_hour_is_nobodys_concern() -> None:
    flood = past(10, lambda at: 5_000)
    assert after(flood, timedelta(minutes=10)).silence is Silence.USUAL
    assert after(flood, timedelta(minutes=16)).silence is Silence.UNUSUAL


counts = st.lists(st.integers(0, 40), min_size=1, max_size=500)


@settings(max_examples=60)
@given(counts, st.integers(0, 400), st.integers(0, 400))
def test_the_longer_a_silence_the_rarer_and_never_less_unusual(
    news: list[int], shorter: int, more: int
) -> None:
    posts = iter(news)
    hours = past(len(news) / 24, lambda at: next(posts, 0))
    one = after(hours, shorter * HOUR)
    other = after(hours, (shorter + more) * HOUR)
    assert other.missing >= one.missing
    assert other.per_year <= one.per_year
    if one.silence is Silence.UNUSUAL:
        assert other.silence is Silence.UNUSUAL
    assert (one.silence is Silence.TOO_FEW) == (one.a_day is None)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(-50_000, 50_000),
            st.integers(-50_000, 500_000),
            st.integers(0, 10**6),
            st.none() | st.integers(-50_000, 50_000),
        ),
        max_size=20,
    ),
    st.integers(-50_000, 50_000),
)
def test_no_ledger_is_too_odd(rows: list[tuple[int, int, int, int | None]], at: int) -> None:
    """Clocks go back and forth; whatever they leave behind gives an answer."""
    hours = [
        Hour(
            MONDAY + timedelta(minutes=start),
            MONDAY + timedelta(minutes=start + length),
            new,
            None if heard is None else MONDAY + timedelta(minutes=heard),
        )
        for start, length, new, heard in rows
    ]
    found = rhythm_of(hours, MONDAY + timedelta(minutes=at))
    assert found.missing >= 0
    assert found.per_year >= 0
