"""Titles: what a person would write, cut from what people wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.titles import LONGEST_TITLE, capital, opening, title_of

WEIGHTS = {
    "card": 5.0,
    "payment": 4.0,
    "declined": 5.0,
    "abroad": 4.0,
    "card payment": 6.0,
    "months": 3.0,
    "iphone": 5.0,
}


def title(*texts: str, **weights: float) -> str:
    return title_of(texts, texts[0], {**WEIGHTS, **weights})


def test_the_clause_that_tells_most_is_the_title() -> None:
    said = "Hi there! My card payment declined abroad. Please help me out, thanks."
    assert title("no idea", said) == "Card payment declined abroad"


def test_what_says_that_something_is_wrong_is_better_than_where() -> None:
    assert title("my card payment", "my card payment declined").endswith("declined")


def test_numbers_fillers_and_half_sentences_are_no_title() -> None:
    assert title("It has been 1-2 months") == ""
    assert title("actually happening sadly", happening=9.0, actually=9.0) == ""
    assert not title("card payment but that's not", **{"not": 9.0}).endswith("not")
    assert title("you'd think card payment declined you'd", **{"you'd": 9.0}) == (
        "Card payment declined"
    )


def test_not_never_opens_what_somebody_did_not_do() -> None:
    assert title("the card is not accepted abroad", accepted=6.0) == "Card is not accepted abroad"
    assert not title("I have not changed my card payment", changed=6.0).startswith("Not")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("I have written five times about my missing salary", "Missing salary"),
        ("I hate having my card payment declined", "Card payment declined"),
        ("I was charged twice for my card payment", "Charged twice for card payment"),
        ("I can't use my card payment abroad", "Can't use card payment abroad"),
        ("your app has rejected my top up", "App has rejected top up"),
        ("not offline salary", "Offline salary"),
        ("why is my card payment declined", "Why is my card payment declined"),
    ],
)
def test_a_title_names_the_thing_and_not_who_did_what(said: str, shown: str) -> None:
    more = dict.fromkeys(("salary", "missing", "charged", "twice", "rejected", "top"), 5.0)
    assert title(said, **more, app=4.0, offline=4.0, hate=6.0) == shown


def test_a_question_needs_its_end() -> None:
    said = "why is my card payment declined abroad"
    assert title(said) in ("Why is my card payment declined abroad", "Card payment declined abroad")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("PAYMENT DECLINED", "Payment declined"),
        ("payment DECLINED at the ATM", "Payment declined at the ATM"),
        ("iPhone app crashes", "iPhone app crashes"),
        (" - 'late' ", "Late"),
    ],
)
def test_nobody_shouts(said: str, shown: str) -> None:
    assert capital(said) == shown


def test_one_post_is_named_by_its_first_telling_clause() -> None:
    assert opening("Hi! Thanks. My card was swallowed by a machine. Help") == (
        "My card was swallowed by a machine"
    )


@given(st.lists(st.text(max_size=400), min_size=1, max_size=4))
def test_any_text_gives_one_short_line(texts: list[str]) -> None:
    words = {word: 3.0 for text in texts for word in text.lower().split()[:20]}
    found = title_of(texts, texts[0], words)
    assert len(found) <= LONGEST_TITLE + 4  # a letter may have a longer capital
    assert "\n" not in found
