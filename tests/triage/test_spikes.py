"""Spikes: what is one, what is chance, and when nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.spikes import CHANCE, FEWEST, HOURS_KEPT, Finding, look, tail

SILENT = [0] * HOURS_KEPT


def burst(usual: list[int], *window: int) -> list[int]:
    return [*usual[:-3], *window]


def steady(rate: float, seed: int = 1) -> list[int]:
    return [int(n) for n in np.random.default_rng(seed).poisson(rate, HOURS_KEPT)]


def test_a_burst_after_silence_is_a_spike() -> None:
    found = look(burst(SILENT, 0, 0, 6), 6)
    assert found.finding is Finding.SPIKE
    assert found.bar == FEWEST
    assert found.reasons[0] == "6 people in 3 hours, 0.0 usual at this time"
    assert "one in a million" in found.reasons[1]


def test_one_person_is_never_a_spike_however_much_they_post() -> None:
    """Posts do not count: in every hour of the window the same person is one."""
    assert look(burst(SILENT, 1, 1, 1), 1).finding is not Finding.SPIKE


def test_three_people_are_too_few_to_tell() -> None:
    found = look(burst(SILENT, 0, 1, 2), 3)
    assert found.finding is Finding.TOO_FEW
    assert "too few to tell: fewer than 4 could be chance" in found.reasons


def test_a_tripling_of_a_rare_problem_cannot_be_told() -> None:
    """.2 people an hour: nothing finds a tripling, so it is said."""
    found = look(burst(steady(0.2), 0, 1, 1), 2)
    assert found.finding is Finding.TOO_FEW
    assert found.bar > 3 * found.expected


def test_what_is_usual_at_this_hour_is_not_a_spike_and_at_another_is() -> None:
    day = [0] * 9 + [20] * 6 + [0] * 9
    at_noon = (day * 15)[: 14 * 24 + 12]  # ends at 12:00
    assert look(at_noon, 60).finding is Finding.USUAL
    at_night = (day * 16)[: 15 * 24 + 3]
    assert look(burst(at_night, 0, 0, 20), 20).finding is Finding.SPIKE


def test_a_restless_stream_needs_more() -> None:
    calm = look(burst(steady(5), 5, 5, 5), 15)
    wild = np.random.default_rng(3).negative_binomial(1, 1 / 6, HOURS_KEPT)
    restless = look([int(n) for n in wild], 15)
    assert restless.bar > calm.bar


def test_two_days_are_not_enough_to_compare_with() -> None:
    found = look([1] * 60, 40)
    assert (found.finding, found.days, found.bar) == (Finding.TOO_FEW, 2, 0)
    assert found.reasons[1] == "only 2 days to compare with; 3 are needed"
    assert look([], 9).finding is Finding.TOO_FEW


def test_every_look_tells_the_false_alarms_of_its_rule() -> None:
    found = look(burst(steady(5), 30, 40, 40), 90)
    assert 0 < found.per_week < 168 * CHANCE
    assert found.reasons[-1].endswith("false alarms a week on an issue like it")


def test_more_than_fourteen_days_are_not_looked_at() -> None:
    assert look([900] * 100 + burst(SILENT, 0, 2, 3), 5) == look(burst(SILENT, 0, 2, 3), 5)


@given(
    st.lists(st.integers(0, 50), min_size=75, max_size=HOURS_KEPT),
    st.integers(0, 400),
    st.integers(0, 400),
)
def test_more_people_are_never_less_of_a_spike(hours: list[int], some: int, others: int) -> None:
    few, many = sorted((some, others))
    low, high = look(hours, few), look(hours, many)
    assert low.bar == high.bar >= FEWEST
    assert high.chance <= low.chance
    assert not (low.finding is Finding.SPIKE and high.finding is not Finding.SPIKE)
    assert (high.finding is Finding.SPIKE) == (many >= high.bar)


@pytest.mark.parametrize(
    ("people", "mean", "size"), [(5, 1.0, 2.0), (40, 12.5, 3.0), (4, 0.02, 0.3)]
)
def test_the_tail_is_the_sum_of_its_terms(people: int, mean: float, size: float) -> None:
    odds = mean / (mean + size)
    term = (1 - odds) ** size
    below = 0.0
    for n in range(people):
        below += term
        term *= odds * (n + size) / (n + 1)
    assert tail(people, mean, size) == pytest.approx(1 - below, abs=1e-12)
