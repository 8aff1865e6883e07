"""Reports are told by what they say first, not by their code and forms."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triage.report import MOST_WORDS, said_first


def said(text: str) -> str:
    return " ".join(said_first(text.split()))


def test_code_and_comments_are_no_words_of_the_report() -> None:
    assert said("It fails ```py\nx = 1\n``` every time") == "It fails every time"
    assert said("a <!-- fill this in --> b <!--x--> c") == "a b c"
    assert said("a ```x``` b") == "a b"


def test_what_is_never_closed_hides_the_rest() -> None:
    assert said("a ``` b c") == "a"
    assert said("a <!-- b c") == "a"


@given(st.lists(st.sampled_from(["a", "```", "<!--", "-->", "```b", "x```"])))
def test_only_words_of_the_text_in_their_order(words: list[str]) -> None:
    left = iter(words)
    assert all(word in left for word in said_first(words))


@given(st.integers(0, 300))
def test_no_more_than_the_first_words(count: int) -> None:
    assert said_first(["a"] * count) == ["a"] * min(count, MOST_WORDS)
