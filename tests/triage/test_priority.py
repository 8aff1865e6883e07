"""Priority: parts that add up, and the exact moment at which time changes them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.priority import (
    SIGNAL_POINTS,
    SIGNAL_WORDS,
    CaseFacts,
    Policy,
    issue_level,
    matter,
    prioritise,
)
from triage.signals import signal_table
from triage.verdict import Band, Lane, Priority
from triage.vigilante_weights import DEFAULTS

T0 = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
POLICY = Policy()
FACTS = CaseFacts(Lane.COMPLAINT, 2.0, "high", Band.NO, T0)


def points(priority: Priority) -> dict[str, int]:
    return {part.name: part.points for part in priority.parts}


def test_the_parts_say_why() -> None:
    facts = FACTS._replace(
        vigilante=Band.LIKELY,
        signals=("legal", "on_hold"),
        followers=25_000,
        groups=(("vip", 8),),
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
        "waiting": 3,
        "promise": 14,
    }
    assert priority.total == sum(part.points for part in priority.parts)
    assert all(part.reason for part in priority.parts)


def test_nothing_is_listed_that_adds_nothing() -> None:
    assert points(prioritise(FACTS._replace(severity=0.0), POLICY, T0)) == {"lane": 20}


@pytest.mark.parametrize(
    ("people", "level"), [(0, 0), (1, 0), (2, 1), (4, 1), (5, 2), (10, 3), (99, 5), (100, 6)]
)
def test_issue_levels(people: int, level: int) -> None:
    assert issue_level(people) == level


def test_ageing_never_ends() -> None:
    fresh = FACTS._replace(severity=4.0, vigilante=Band.LIKELY, opened_at=T0)
    old = FACTS._replace(lane=Lane.QUESTION, severity=0.0, opened_at=T0 - timedelta(days=100_000))
    assert prioritise(old, POLICY, T0).total > prioritise(fresh, POLICY, T0).total


def test_a_promise_is_due_soon_then_overdue_then_long_overdue() -> None:
    due = T0 + timedelta(hours=4)
    facts = FACTS._replace(due_at=due)

    def promised(at: datetime) -> int:
        return points(prioritise(facts, POLICY, at)).get("promise", 0)

    second = timedelta(seconds=1)
    assert promised(due - POLICY.soon - second) == 0
    assert promised(due - POLICY.soon) == promised(due - second) == POLICY.due_soon
    assert promised(due) == promised(due + POLICY.late - second) == POLICY.overdue
    assert promised(due + POLICY.late) == POLICY.long_overdue


def test_a_case_from_the_future_waits_for_nothing_yet() -> None:
    priority = prioritise(FACTS._replace(opened_at=T0 + timedelta(days=2)), POLICY, T0)
    assert "waiting" not in points(priority)


def test_without_ageing_and_promise_time_changes_nothing() -> None:
    assert prioritise(FACTS, replace(POLICY, ageing=0.0, a_day=0.0), T0).changes_at is None


SPANS = st.timedeltas(timedelta(0), timedelta(days=900))
POLICIES = st.builds(
    Policy,
    ageing=st.floats(0.5, 20),
    ageing_hours=st.floats(0.1, 100),
    a_day=st.just(0.0) | st.floats(0.01, 50),
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
    facts = FACTS._replace(due_at=None if promise is None else T0 + promise)
    now = T0 + elapsed
    priority = prioritise(facts, policy, now)
    assert priority.changes_at is not None
    assert priority.changes_at > now
    between = now + (priority.changes_at - now) * share
    last = priority.changes_at - timedelta(microseconds=1)
    for moment in (min(between, last), last):
        assert prioritise(facts, policy, moment) == priority
    assert prioritise(facts, policy, priority.changes_at) != priority


ANY_FACTS = st.builds(
    CaseFacts,
    lane=st.sampled_from(Lane),
    severity=st.floats(0, 4),
    severity_band=st.just("high"),
    vigilante=st.sampled_from(Band),
    opened_at=st.just(T0),
    due_at=st.none() | SPANS.map(lambda span: T0 + span),
    followers=st.none() | st.integers(0, 10**9),
    groups=st.sampled_from([(), (("vip", 8),), (("vip", 8), ("press", 5))]),
    mentions=st.integers(1, 10**6),
    people=st.integers(0, 10**9),
    signals=st.lists(st.sampled_from(["legal", "safety", "praise"])).map(tuple),
    waits_from=st.none(),
    paused_at=st.none(),
)


@given(ANY_FACTS, SPANS)
def test_the_total_is_the_sum_and_no_part_is_idle(facts: CaseFacts, elapsed: timedelta) -> None:
    priority = prioritise(facts, POLICY, T0 + elapsed)
    assert priority.total == sum(part.points for part in priority.parts)
    assert all(part.points for part in priority.parts)


@given(ANY_FACTS, ANY_FACTS, SPANS, SPANS)
def test_whoever_comes_later_than_the_window_stays_behind_for_ever(
    old: CaseFacts, new: CaseFacts, later: timedelta, moment: timedelta
) -> None:
    window = POLICY.overtaken_for(POLICY.spread([8, 5]))
    assert window is not None
    came = T0 + window + later
    new = new._replace(opened_at=came, due_at=None if new.due_at is None else came)
    at = came + moment
    assert prioritise(old, POLICY, at).total > prioritise(new, POLICY, at).total


@given(ANY_FACTS, ANY_FACTS, SPANS)
def test_the_spread_is_the_most_by_which_the_rest_can_differ(
    one: CaseFacts, other: CaseFacts, elapsed: timedelta
) -> None:
    rest = [
        sum(part.points for part in priority.parts if part.name != "waiting")
        for priority in (prioritise(facts, POLICY, T0 + elapsed) for facts in (one, other))
    ]
    assert abs(rest[0] - rest[1]) <= POLICY.spread([8, 5])


@given(ANY_FACTS, SPANS, SPANS)
def test_while_it_is_the_customers_turn_time_changes_nothing(
    facts: CaseFacts, ours: timedelta, theirs: timedelta
) -> None:
    answered = T0 + ours
    still = prioritise(facts._replace(paused_at=answered), POLICY, answered + theirs)
    assert still.parts == prioritise(facts, POLICY, answered).parts
    assert still.changes_at is None
    # When the customer has answered, the clock goes on from where it stood.
    resumed = facts._replace(
        waits_from=T0 + theirs,
        due_at=None if facts.due_at is None else facts.due_at + theirs,
    )
    assert points(prioritise(resumed, POLICY, answered + theirs)) == points(still)


def test_old_does_not_make_urgent() -> None:
    facts = FACTS._replace(due_at=T0 + timedelta(hours=4))
    fresh, old = (prioritise(facts, POLICY, T0 + timedelta(days=days)) for days in (0, 365))
    assert old.total > fresh.total + 100
    assert matter(old.parts) == matter(fresh.parts) == fresh.total


def test_a_person_in_two_groups_has_the_points_of_both() -> None:
    facts = FACTS._replace(groups=(("vip", 8), ("press", -3)))
    parts = prioritise(facts, POLICY, T0).parts
    assert [(part.points, part.reason) for part in parts if part.name == "group"] == [
        (8, "belongs to the group vip"),
        (-3, "belongs to the group press"),
    ]


def test_the_points_of_every_signal_that_nothing_validates_are_a_setting() -> None:
    unmeasured = {name for name, kind in signal_table().kinds.items() if kind.policy}
    assert unmeasured <= set(SIGNAL_POINTS)
    assert set(SIGNAL_WORDS) == set(SIGNAL_POINTS)
    assert unmeasured <= {*SIGNAL_POINTS, *DEFAULTS}
