"""The words that a query cannot do without: no text that it matches lacks them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.desk.required import required
from triage.query import Document, Query


@pytest.mark.parametrize(
    ("query", "needed"),
    [
        ('"on hold"', ["on hold"]),
        ("refund AND NOT thanks", ["refund"]),
        ('refund OR "money back"', ["refund", "money back"]),
        ('(refund OR "money back") bank cancel*', ["bank cancel"]),
        ("hold NEAR/3 hour*", ["hold hour"]),
        ("refund OR lang:de", []),
        ("NOT refund", []),
        ("@acme", []),
        ("crème OR brûlée", []),
    ],
)
def test_what_is_needed(query: str, needed: list[str]) -> None:
    assert [str(one) for one in required(Query.parse(query).tree)] == needed


WORDS = st.sampled_from(["refund", "hold", "hour", "hours", "bank", "café"])
LEAVES = WORDS | st.builds("{}*".format, WORDS) | st.builds('"{} {}"'.format, WORDS, WORDS)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds("({} AND {})".format, inner, inner)
        | st.builds("({} OR {})".format, inner, inner)
        | st.builds("NOT {}".format, inner)
    ),
    max_leaves=6,
)


@given(QUERIES, st.lists(WORDS, max_size=6))
def test_every_match_holds_what_is_needed(query: str, said: list[str]) -> None:
    read = Query.parse(query)
    text = " ".join(said)
    alternatives = required(read.tree)
    if alternatives and read.matches(Document(text)) is not None:
        assert any(
            all(word in said for word in one.words) and re.search(rf"\b{one.stem}", text)
            for one in alternatives
        )
