"""The pause after a failure: bounded, growing, the same each time, and not in step with others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from listener.stages.backoff import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    PASSING,
    PERSONS_PAUSE,
    pause,
    retry_at,
)
from sources.errors import CredentialsRejected, RateLimited, Transient, Unreadable

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SPANS = st.timedeltas(timedelta(days=-1), timedelta(days=400))


@given(st.text(), st.integers(1, 10**9), SPANS)
def test_a_pause_is_bounded_and_the_same_each_time(
    name: str, failures: int, before: timedelta
) -> None:
    found = pause(name, failures, before)
    assert FIRST_PAUSE <= found <= LONGEST_PAUSE
    assert found <= max(3 * before, 3 * FIRST_PAUSE)
    assert found == pause(name, failures, before)


def test_pauses_grow_to_the_longest_and_differ_between_sources() -> None:
    def history(name: str) -> list[timedelta]:
        pauses = [timedelta()]
        for failures in range(1, 30):
            pauses.append(pause(name, failures, pauses[-1]))
        return pauses[1:]

    histories = [history(f"feed {n}") for n in range(200)]
    early = sum((one[0] for one in histories), timedelta()) / 200
    late = sum((one[-1] for one in histories), timedelta()) / 200
    assert early < timedelta(minutes=2) < timedelta(minutes=20) < late
    assert len({one[0] for one in histories}) == 200


@given(SPANS, st.integers(1, 100))
def test_a_moment_that_the_platform_named_is_kept_to(wait: timedelta, failures: int) -> None:
    error = RateLimited("429", AT + wait)
    found = retry_at(error, "forum", failures, timedelta(minutes=40), AT)
    assert found == max(AT + wait, AT + FIRST_PAUSE)


def test_a_platform_that_names_none_gets_a_pause() -> None:
    found = retry_at(RateLimited("429"), "forum", 1, timedelta(), AT) - AT
    assert FIRST_PAUSE <= found <= 3 * FIRST_PAUSE


def test_what_a_person_must_mend_is_asked_for_less_often() -> None:
    refused = retry_at(CredentialsRejected("401"), "forum", 1, timedelta(), AT)
    passing = retry_at(Transient("503"), "forum", 1, timedelta(), AT)
    assert refused - AT >= PERSONS_PAUSE > passing - AT


def test_a_page_that_is_no_feed_is_asked_for_again_soon_and_then_left_to_a_person() -> None:
    waits = [
        retry_at(Unreadable("checking your browser"), "forum", number, timedelta(0), AT) - AT
        for number in (1, PASSING, PASSING + 1)
    ]
    assert max(waits[:2]) < PERSONS_PAUSE <= waits[2]
