"""The life of an issue: what is new, what grows, what is back, and what is a near miss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from triage.issues import Again, Life, comes_back, life_of, phase_of, trend

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def phase(days: list[int], was: str = "known", age: int | None = None) -> Life:
    old = (len(days) if age is None else age) * DAY
    return phase_of(was, old, trend(days, old)).phase


class TestPhase:
    def test_three_days_are_new_whatever_happens(self) -> None:
        found = phase_of("", 2 * DAY, trend([1, 900], 2 * DAY))
        assert found.phase is Life.NEW
        assert found.reasons == ("first seen less than 3 days ago",)

    def test_a_level_issue_is_known(self) -> None:
        assert phase([20] * 28) is Life.KNOWN
        assert phase([20, 22, 19, 30, 24, 8, 6] * 4) is Life.KNOWN, "weeks have weekends"

    def test_a_slow_ramp_grows_before_anybody_would_notice_a_spike(self) -> None:
        """100 people a day to 10,000 over a month."""
        ramp = [round(100 * 100 ** (day / 30)) for day in range(31)]
        seen = [day for day in range(4, 31) if phase(ramp[: day + 1]) is Life.GROWING]
        assert seen[0] <= 9
        assert seen == list(range(seen[0], 31)), "and goes on growing to the end"
        reason = phase_of("known", 31 * DAY, trend(ramp, 31 * DAY)).reasons[0]
        assert reason == "46,278 people in 7 days, 15,802 in the 7 days before"

    def test_growth_ends_when_it_is_nearly_level(self) -> None:
        rising = [20] * 7 + [24] * 7
        assert phase(rising) is Life.KNOWN
        assert phase(rising, was="growing") is Life.GROWING
        assert phase([20] * 14, was="growing") is Life.KNOWN

    def test_a_few_people_more_are_no_growth(self) -> None:
        assert phase([0] * 7 + [1] * 7) is Life.KNOWN
        assert phase([0] * 28) is Life.KNOWN

    def test_restless_days_explain_a_lot(self) -> None:
        calm = [20] * 7 + [34] * 7
        wild = [0, 90, 0, 0, 40, 10, 0, 0, 140, 0, 0, 60, 38, 0]
        assert phase(calm) is Life.GROWING
        assert phase(wild) is Life.KNOWN

    @pytest.mark.parametrize("spread", [0, 0.5])
    def test_level_weeks_hardly_ever_seem_to_grow(self, spread: float) -> None:
        rng = np.random.default_rng(5)
        grown = 0
        for _ in range(200):
            means = rng.gamma(1 / spread, spread, 28) * 30 if spread else [30] * 28
            days = [int(n) for n in rng.poisson(means)]
            grown += phase(days, age=100) is Life.GROWING
        assert grown <= 2


class TestTrend:
    def test_words(self) -> None:
        assert trend([20] * 7 + [30] * 7, 14 * DAY).words == "+50 %"
        assert trend([20] * 7 + [10] * 7, 14 * DAY).words == "-50 %"
        assert trend([1] * 14, 14 * DAY).words == "too few to tell"
        assert trend([0] * 7 + [9] * 7, 14 * DAY).words == "too few to tell", "from nothing"
        assert trend([40], timedelta(hours=3)).words == "too few to tell"

    def test_a_young_issue_is_compared_by_half_its_age(self) -> None:
        found = trend([0] * 10 + [5, 6, 20, 30], 4 * DAY)
        assert (found.days, found.before, found.now) == (2, 11, 50)


class TestLife:
    @pytest.mark.parametrize(
        ("state", "fixed", "stored", "life"),
        [
            ("open", False, "", Life.NEW),
            ("open", False, "growing", Life.GROWING),
            ("open", True, "known", Life.BACK),
            ("fixed", True, "known", Life.FIXED),
            ("closed", True, "growing", Life.CLOSED),
            ("closed", False, "", Life.CLOSED),
        ],
    )
    def test_what_people_said_comes_first(
        self, state: str, fixed: bool, stored: str, life: Life
    ) -> None:
        assert life_of(state, NOON if fixed else None, stored) is life


class TestBack:
    EARLIER = (0.9, 0.85, 0.8, 0.8, 0.78, 0.75, 0.7, 0.72, 0.71, 0.4)

    def test_the_same_complaint_after_the_fix_comes_back(self) -> None:
        again = [Again(NOON + DAY, 0.8), Again(NOON + 2 * DAY, 0.71)]
        assert comes_back(NOON, again, self.EARLIER) == again[1]

    def test_a_near_miss_does_not(self) -> None:
        assert comes_back(NOON, [Again(NOON + DAY, 0.69)], self.EARLIER) is None

    def test_nor_does_one_that_was_written_before(self) -> None:
        assert comes_back(NOON, [Again(NOON, 1.0), Again(NOON - DAY, 1.0)], self.EARLIER) is None

    def test_a_small_issue_sets_no_bar(self) -> None:
        assert comes_back(NOON, [Again(NOON + DAY, 0.2)], (0.9, 0.9)) is not None
        assert comes_back(NOON, [], ()) is None
