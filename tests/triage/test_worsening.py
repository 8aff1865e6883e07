from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.worsening import MORE_PEOPLE, RISE, Standing, worse

POINTS = st.integers(-200, 200)
PEOPLE = st.integers(0, 10_000)


@pytest.mark.parametrize(
    ("then", "now", "why"),
    [
        (Standing(30), Standing(39), ""),
        (Standing(30), Standing(40), "rose by 10 points without the waiting, from 30 to 40"),
        (Standing(-5), Standing(5), "from -5 to 5"),
        (Standing(40), Standing(10), ""),
        (Standing(30, 1, 2), Standing(30, 1, 4), ""),
        (Standing(30, 1, 2), Standing(30, 1, 5), "grown from 2 to 5 people"),
        (Standing(30, 1, 100), Standing(30, 1, 149), ""),
        (Standing(30, 1, 100), Standing(30, 1, 150), "grown from 100 to 150 people"),
        (Standing(30, 1, 2), Standing(30, 2, 90), ""),  # another issue now: not one that grew
        (Standing(30, 0, 0), Standing(30, 4, 90), ""),
        (Standing(30, 0, 0), Standing(30, 0, 0), ""),
    ],
)
def test_what_counts_as_worse(then: Standing, now: Standing, why: str) -> None:
    said = worse(then, now)
    assert (why in said) if why else said == ""


@given(points=POINTS, issue=st.integers(0, 3), people=PEOPLE, less=st.integers(0, RISE - 1))
def test_nothing_is_worse_than_itself(points: int, issue: int, people: int, less: int) -> None:
    same = Standing(points, issue, people)
    assert worse(same, same) == ""
    assert worse(same, Standing(points + less, issue, people + MORE_PEOPLE - 1)) == ""
    assert worse(same, Standing(points + RISE, 0, 0)) != ""
