from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.terms import Terms


@pytest.mark.parametrize(
    "text",
    [
        "ACME BANK",
        "the acme  bank\u2019s",
        "acme\r\nbank",
        "ac\u00adme ba\u200bnk",
        "\uff21cme Bank and Acme\u00a0Bank",
        "superacme bankers",
    ],
)
def test_finds_a_term_however_it_is_written(text: str) -> None:
    assert Terms(["Acme Bank"]).found_in(text)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("caf\u00e9", "CAFE\u0301"),
        ("stra\u00dfe", "STRASSE"),
        ("\u0645\u0635\u0631\u0641", "\u200f\u0645\u0635\u0631\u0641"),
    ],
)
def test_knows_other_scripts(term: str, text: str) -> None:
    assert Terms([term]).found_in(text)


def test_finds_no_other_words() -> None:
    assert not Terms(["acme bank"]).found_in("acme, the bank")
    assert Terms([]).found_in("anything")
    assert Terms([" ", "\u200b"]).found_in("anything")


@given(st.text(min_size=1), st.text(), st.text())
def test_a_term_is_found_between_any_words(term: str, before: str, after: str) -> None:
    assert Terms([term]).found_in(f"{before} {term} {after}")
