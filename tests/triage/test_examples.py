"""Examples: the first one first, then as different as they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triage.examples import varied

POSTS = (
    "Card payment declined abroad in Paris",
    "Card payment declined abroad in Paris",
    "payment declined abroad in Paris with my card",
    "The cash machine kept my debit card",
    "ok",
    "Charged twice for the same hotel",
)


def test_each_is_unlike_those_before() -> None:
    assert varied(POSTS, 3) == [0, 5, 3]


def test_repeats_and_replies_come_last() -> None:
    assert varied(POSTS, 6) == varied(POSTS, 99) == [0, 5, 3, 4, 1, 2]


def test_nothing_of_nothing() -> None:
    assert varied([], 3) == []
    assert varied(POSTS, 0) == []
    assert varied(["", "", ""], 2) == [0, 1]


@given(st.lists(st.text(max_size=40), max_size=30), st.integers(0, 10))
def test_no_text_is_chosen_twice(texts: list[str], count: int) -> None:
    found = varied(texts, count)
    assert len(found) == len(set(found)) == min(count, len(texts))
