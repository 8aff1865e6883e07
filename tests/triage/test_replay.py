"""Replay: nobody starves, whatever comes, as long as somebody works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.priority import CaseFacts, Policy
from triage.replay import Team, in_order_of_arrival, quantile, replay, spread_of
from triage.verdict import Band, Lane

T0 = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SMALL = CaseFacts(Lane.IDEA, 0.0, "none", Band.NO, T0)
GRAVE = CaseFacts(Lane.COMPLAINT, 4.0, "critical", Band.LIKELY, T0, signals=("safety",))

CASES = st.lists(
    st.builds(
        CaseFacts,
        lane=st.sampled_from([Lane.COMPLAINT, Lane.QUESTION, Lane.IDEA, Lane.OTHER]),
        severity=st.floats(0, 4),
        severity_band=st.just("high"),
        vigilante=st.sampled_from(Band),
        opened_at=st.integers(0, 60 * 24 * 40).map(lambda minutes: T0 + minutes * MINUTE),
        due_at=st.none() | st.integers(0, 60 * 24 * 40).map(lambda minutes: T0 + minutes * MINUTE),
        signals=st.lists(st.sampled_from(["legal", "safety"]), unique=True).map(tuple),
        followers=st.none() | st.integers(0, 10**8),
        groups=st.just(()),
        mentions=st.integers(1, 9),
        people=st.integers(0, 500),
        waits_from=st.none(),
        paused_at=st.none(),
    ),
    max_size=60,
)
TEAMS = st.builds(Team, st.integers(1, 3), st.integers(1, 60 * 24).map(lambda n: n * MINUTE))
POLICIES = st.builds(
    Policy, ageing=st.floats(0, 10), ageing_hours=st.floats(0.5, 24), a_day=st.floats(0.5, 50)
)


@given(CASES, POLICIES, TEAMS)
@settings(max_examples=150)
def test_everybody_is_served_and_nobody_is_overtaken_for_longer_than_the_bound(
    cases: Sequence[CaseFacts], policy: Policy, team: Team
) -> None:
    done = replay(cases, policy, team)
    assert len(done.waits) == len(cases)
    assert all(wait >= timedelta() for wait in done.waits)
    assert done.bound is not None
    assert done.overtaken <= done.bound


@given(CASES, POLICIES, TEAMS)
@settings(max_examples=150)
def test_who_goes_before_one_was_there_or_came_within_the_bound(
    cases: Sequence[CaseFacts], policy: Policy, team: Team
) -> None:
    """The bound on waiting that follows: q who wait, a who come within W, one after the other."""
    done = replay(cases, policy, team)
    assert done.bound is not None
    taken = [one.opened_at + wait for one, wait in zip(cases, done.waits, strict=True)]
    for one, wait in zip(cases, done.waits, strict=True):
        came, window = one.opened_at, one.opened_at + done.bound
        ahead = sum(
            other.opened_at <= window and at >= came for other, at in zip(cases, taken, strict=True)
        )
        # Those who are being answered when one comes are as many as there are agents.
        assert wait <= team.each * ((ahead - 1) / team.agents + 1)


def stream(days: int, every: timedelta) -> list[CaseFacts]:
    """One small case, and grave ones without end."""
    count = int(days * DAY / every)
    grave = [GRAVE._replace(opened_at=T0 + n * every) for n in range(count)]
    return [SMALL, *grave]


def test_a_small_case_is_served_under_a_load_that_never_lets_up() -> None:
    cases = stream(days=120, every=2 * HOUR)
    overloaded = Team(1, timedelta(minutes=132))  # a tenth more comes than can be answered
    policy = Policy()
    done = replay(cases, policy, overloaded)
    bound = policy.overtaken_for(spread_of(cases, policy))
    assert bound is not None
    assert 20 * DAY < done.waits[0] < 1.1 * bound + DAY
    # A logarithm alone, which never ends either, leaves it for last.
    starved = replay(cases, replace(policy, a_day=0.0, ageing=6.0), overloaded)
    assert starved.waits[0] == max(starved.waits)
    assert starved.bound is None


def test_with_capacity_a_queue_is_empty_again_and_again() -> None:
    done = replay(stream(days=20, every=HOUR), Policy(), Team(2, 40 * MINUTE))
    assert max(done.waits) < DAY
    assert done.waits[0] < DAY


def test_the_graver_goes_first_and_ties_go_to_the_earlier() -> None:
    cases = [
        SMALL,
        GRAVE._replace(opened_at=T0 + MINUTE),
        SMALL._replace(opened_at=T0 + 2 * MINUTE),
        GRAVE._replace(opened_at=T0 + 3 * MINUTE),
    ]
    first, second, third, fourth = replay(cases, Policy(), Team(1, HOUR)).waits
    assert first == timedelta()
    assert (second, fourth, third) == (59 * MINUTE, 117 * MINUTE, 178 * MINUTE)
    by_arrival = replay(cases, in_order_of_arrival(), Team(1, HOUR))
    taken = [one.opened_at + wait for one, wait in zip(cases, by_arrival.waits, strict=True)]
    assert taken == sorted(taken)
    assert by_arrival.overtaken == timedelta()


def test_promises_are_counted() -> None:
    cases = [GRAVE._replace(due_at=T0 + HOUR), GRAVE._replace(due_at=T0 + 30 * MINUTE)]
    assert replay(cases, in_order_of_arrival(), Team(1, HOUR)).kept == 0.5
    assert replay([GRAVE], Policy(), Team(1, HOUR)).kept is None
    assert replay([], Policy(), Team(1, HOUR)).waits == ()


def test_work_is_done_in_working_hours() -> None:
    def from_noon(start: datetime, span: timedelta) -> datetime:
        return max(start, T0 + 3 * HOUR) + span

    done = replay([GRAVE, SMALL], Policy(), Team(1, HOUR, from_noon))
    assert done.waits == (3 * HOUR, 4 * HOUR)


def test_progress_is_told_and_ends() -> None:
    told: list[tuple[int, int]] = []
    replay(stream(50, HOUR), Policy(), Team(3, HOUR), lambda done, of: told.append((done, of)))
    assert told[-1] == (1201, 1201)
    assert all(before <= after for before, after in pairwise(told))
    assert len(told) == 3


@pytest.mark.parametrize(("share", "expected"), [(0.5, 5), (0.95, 10), (0.1, 1), (1.0, 10)])
def test_quantiles_are_lengths_that_occurred(share: float, expected: int) -> None:
    assert quantile([n * HOUR for n in range(1, 11)], share) == expected * HOUR
