"""Posts laid out flat: the same numbers as one post at a time, whichever posts are asked for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from triage.head_delta import vectors
from triage.learnt import Meanings, blank
from triage.post_rows import PostRows

MEANINGS = Meanings()
WORDS = st.sampled_from(
    ["the", "refund", "re-fund", "@acme", "!!", "?", "https://x.example", "7", "Über", "", "a" * 90]
)
POSTS = st.lists(st.lists(WORDS, max_size=12), min_size=1, max_size=6)
FOUND = st.dictionaries(
    st.sampled_from(["link", "asks", "vader_reading", "unheard_of"]), st.sampled_from([0.0, 0.3, 1])
)


@given(POSTS, FOUND)
def test_rows_are_what_the_heads_see_of_each_post(
    posts: list[list[str]], found: dict[str, float]
) -> None:
    features = [found if number % 2 else {} for number in range(len(posts))]
    made = PostRows(posts, features, blank().features)
    for number, one in enumerate(vectors(blank(), posts, features, letters=False)):
        some = slice(made.starts[number], made.starts[number + 1])
        assert made.places[some].tolist() == one.indices.tolist()
        assert np.allclose(made.values[some], one.values, rtol=1e-12)


@given(POSTS, st.lists(st.integers(0, 5), max_size=8))
def test_any_posts_can_be_asked_for_as_often_as_one_likes(
    posts: list[list[str]], asked: list[int]
) -> None:
    asked = [number % len(posts) for number in asked]
    made = PostRows(posts, [{} for _ in posts], ())
    row, at = made.chosen(asked)
    places = [made.places[at[row == number]].tolist() for number in range(len(asked))]
    assert places == [
        made.places[made.starts[number] : made.starts[number + 1]].tolist() for number in asked
    ]


@given(POSTS)
def test_a_post_means_what_its_words_mean(posts: list[list[str]]) -> None:
    made = PostRows(posts, [{} for _ in posts], ())
    found = made.meanings(MEANINGS.of(made.tokens))
    assert found.shape == (len(posts), 256)
    for number, post in enumerate(posts):
        (alone,) = PostRows([post], [{}], ()).meanings(
            MEANINGS.of(PostRows([post], [{}], ()).tokens)
        )
        assert np.allclose(found[number], alone)


def test_many_posts_mean_the_same_as_few() -> None:
    posts = [["late"] * (number % 3) + ["refund"] for number in range(1_300)]
    made = PostRows(posts, [{} for _ in posts], ())
    found = made.meanings(MEANINGS.of(made.tokens))
    assert np.allclose(found[:3], found[1_200:1_203])
