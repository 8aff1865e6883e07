"""Priority: parts that add up, and the exact moment at which time changes them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.priority import CaseFacts, Policy, issue_level, prioritise
from triage.verdict import Band, Lane, Priority

T0 = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
POLICY = Policy()
FACTS = CaseFacts(Lane.COMPLAINT, 2.0, "high", Band.NO, T0)


def points(priority: Priority) -> dict[str, int]:
    return {part.name: part.points for part in priority.parts}


def test_the_parts_say_why() -> None:
    facts = replace(
        FACTS,
        vigilante=Band.LIKELY,
        signals=("legal", "on_hold"),
        followers=25_000,
        group="vip",
        group_points=8,
        mentions=3,
        people=12,
        due_at=T0 + timedelta(hours=1),
    )
    priority = prioritise(facts, POLICY, T0 + timedelta(hours=2))
    assert points(priority) == {
        "lane": 20,
        "severity": 20,
        "legal": 8,
        "vigilante": 15,
        "reach": 7,
        "person": 5,
        "group": 8,
        "issue": 9,
        "waiting": 2,
        "promise": 14,
    }
    assert priority.total == sum(part.points for part in priority.parts)
    assert all(part.reason for part in priority.parts)


def test_nothing_is_listed_that_adds_nothing() -> None:
    assert points(prioritise(replace(FACTS, severity=0.0), POLICY, T0)) == {"lane": 20}


@pytest.mark.parametrize(
    ("people", "level"), [(0, 0), (1, 0), (2, 1), (4, 1), (5, 2), (10, 3), (99, 5), (100, 6)]
)
def test_issue_levels(people: int, level: int) -> None:
    assert issue_level(people) == level


def test_ageing_never_ends() -> None:
    fresh = replace(FACTS, severity=4.0, vigilante=Band.LIKELY, opened_at=T0)
    old = replace(FACTS, lane=Lane.QUESTION, severity=0.0, opened_at=T0 - timedelta(days=100_000))
    assert prioritise(old, POLICY, T0).total > prioritise(fresh, POLICY, T0).total


def test_a_promise_is_due_soon_then_overdue_then_long_overdue() -> None:
    due = T0 + timedelta(hours=4)
    facts = replace(FACTS, due_at=due)

    def promised(at: datetime) -> int:
        return points(prioritise(facts, POLICY, at)).get("promise", 0)

    second = timedelta(seconds=1)
    assert promised(due - POLICY.soon - second) == 0
    assert promised(due - POLICY.soon) == promised(due - second) == POLICY.due_soon
    assert promised(due) == promised(due + POLICY.late - second) == POLICY.overdue
    assert promised(due + POLICY.late) == POLICY.long_overdue


def test_a_case_from_the_future_waits_for_nothing_yet() -> None:
    priority = prioritise(replace(FACTS, opened_at=T0 + timedelta(days=2)), POLICY, T0)
    assert "waiting" not in points(priority)


def test_without_ageing_and_promise_time_changes_nothing() -> None:
    assert prioritise(FACTS, replace(POLICY, ageing=0.0), T0).changes_at is None


SPANS = st.timedeltas(timedelta(0), timedelta(days=900))
POLICIES = st.builds(
    Policy,
    ageing=st.floats(0.5, 20),
    ageing_hours=st.floats(0.1, 100),
    due_soon=st.integers(-5, 10),
    overdue=st.integers(-5, 10),
    long_overdue=st.integers(-5, 10),
)


@given(
    POLICIES,
    st.timedeltas(timedelta(days=-2), timedelta(days=900)),
    st.none() | st.timedeltas(timedelta(hours=-1), timedelta(days=900)),
    st.floats(0, 1, exclude_max=True),
)
def test_time_changes_it_at_changes_at_and_not_before(
    policy: Policy, elapsed: timedelta, promise: timedelta | None, share: float
) -> None:
    facts = replace(FACTS, due_at=None if promise is None else T0 + promise)
    now = T0 + elapsed
    priority = prioritise(facts, policy, now)
    assert priority.changes_at is not None
    assert priority.changes_at > now
    between = now + (priority.changes_at - now) * share
    last = priority.changes_at - timedelta(microseconds=1)
    for moment in (min(between, last), last):
        assert prioritise(facts, policy, moment) == priority
    assert prioritise(facts, policy, priority.changes_at) != priority


@given(
    st.builds(
        CaseFacts,
        lane=st.sampled_from(Lane),
        severity=st.floats(0, 4),
        severity_band=st.just("high"),
        vigilante=st.sampled_from(Band),
        opened_at=st.just(T0),
        followers=st.none() | st.integers(0, 10**9),
        mentions=st.integers(1, 10**6),
        people=st.integers(0, 10**9),
        signals=st.lists(st.sampled_from(["legal", "safety", "praise"])).map(tuple),
    ),
    SPANS,
)
def test_the_total_is_the_sum_and_no_part_is_idle(facts: CaseFacts, elapsed: timedelta) -> None:
    priority = prioritise(facts, POLICY, T0 + elapsed)
    assert priority.total == sum(points(priority).values())
    assert all(part.points for part in priority.parts)
