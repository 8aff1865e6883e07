from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.ngrams import (
    BUCKETS,
    MOST_IN_A_WORD,
    MOST_TOKENS,
    NgramSums,
    NgramTable,
    letter_buckets,
    split,
    word_bucket,
)

HEADS = 3
TEXTS = st.lists(st.text(max_size=60), max_size=6)


@pytest.fixture(scope="module")
def table() -> NgramTable:
    drawn = np.random.default_rng(7)
    return NgramTable(*(drawn.integers(-127, 128, (BUCKETS, HEADS), np.int8) for _ in range(3)))


@pytest.mark.parametrize(
    ("raw", "tokens"),
    [
        ("Refund", ("refund",)),
        ("soooooo", ("soo",)),
        ("don’t", ("don't",)),
        ("fail!!!!", ("fail", "!!")),
        ("$300,", ("$", "0")),
        ("#EpicFail", ("#", "epicfail")),
        ("good/bad", ("good", "bad")),
        ("@acme_help", ()),
        (".@acme", ()),
        ("https://example.org/x?refund=never", ("<link>",)),
        (":-(", (":-(",)),
        ("😡😡😡😡", ("😡", "😡")),
        ("&amp;", ()),
        ("ﻃﻔﻼً", ("طفلا",)),
        ("नहीं", ("नहीं",)),
        ("—", ()),
        ("\ud800", ("\ud800",)),
    ],
)
def test_words_are_split_into_tokens(raw: str, tokens: tuple[str, ...]) -> None:
    assert split(raw) == tokens


@given(st.text(max_size=300))
def test_a_word_has_few_and_short_tokens(raw: str) -> None:
    tokens = split(raw)
    assert len(tokens) <= MOST_IN_A_WORD
    assert all(0 < len(token) <= 24 for token in tokens)
    assert all(0 <= word_bucket(token) < BUCKETS for token in tokens)
    for buckets, counts in letter_buckets(tokens):
        assert ((buckets >= 0) & (buckets < BUCKETS)).all()
        assert len(buckets) == counts.sum()


@settings(max_examples=50)
@given(TEXTS)
def test_sums_do_not_depend_on_the_batch_or_on_what_is_known(
    table: NgramTable, texts: list[str]
) -> None:
    posts = [text.split() for text in texts]
    together, counts = NgramSums(table).of(posts)
    seasoned = NgramSums(table)
    seasoned.of([["never", "seen", "such", "service"]])
    for post, sums, count in zip(posts, together, counts, strict=True):
        alone, one = seasoned.of([post])
        assert (alone[0] == sums).all()
        assert one[0] == count >= 1


@settings(max_examples=50)
@given(st.text(max_size=200), st.integers(0, HEADS - 1))
def test_parts_add_up_to_the_sum(table: NgramTable, text: str, head: int) -> None:
    reader = NgramSums(table)
    sums, counts = reader.of([text.split()])
    parts, count = reader.parts(text.split(), head)
    assert sum(part.units for part in parts) == sums[0, head]
    assert count == counts[0]


def test_letters_of_a_word_do_not_depend_on_its_neighbours() -> None:
    alone = [[*buckets] for buckets, _ in letter_buckets(["wait"])]
    between = [
        np.split(buckets, np.cumsum(counts))[2]
        for buckets, counts in letter_buckets(["!", "waiting", "wait", "a"])
    ]
    assert alone == [[*buckets] for buckets in between]
    assert [len(buckets) for buckets in alone] == [5, 4, 3, 2]
    assert [len(buckets) for buckets, _ in letter_buckets(["a", ""])] == [2, 0, 0, 0]


def test_long_words_and_many_words_are_not_kept(table: NgramTable) -> None:
    reader = NgramSums(table)
    sums, _ = reader.of([["x" * 1_000_000]])
    reader.of([[f"word{number}" for number in range(1_000)]] * 2)
    for start in range(0, 120_000, 1_000):
        reader.of([[f"w{number}" for number in range(start, start + 1_000)]])
    assert (reader.of([["x" * 64]])[0] == sums).all()


def test_only_the_first_thousand_tokens_count(table: NgramTable) -> None:
    reader = NgramSums(table)
    words = ["wait"] * MOST_TOKENS
    assert (reader.of([words])[0] == reader.of([[*words, "more"]])[0]).all()


def test_order_counts(table: NgramTable) -> None:
    sums, _ = NgramSums(table).of([["not", "good"], ["good", "not"]])
    assert (sums[0] != sums[1]).any()


def test_no_posts_have_no_sums(table: NgramTable) -> None:
    sums, counts = NgramSums(table).of([])
    assert sums.shape == (0, HEADS)
    assert counts.shape == (0,)
