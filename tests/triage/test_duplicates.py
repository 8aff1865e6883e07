from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.duplicates import OVERLAP, DuplicateIndex, Fingerprint, fingerprint, overlaps
from triage.wordpiece import words_of


def overlap(one: Fingerprint, other: Fingerprint) -> float:
    return overlaps(one, [other])[0]


POST = "I have been on hold with the bank for two hours and nobody picks up the phone, shame on you"


def index_of(*texts: str, window: int = 100) -> DuplicateIndex:
    index = DuplicateIndex(window)
    for post, text in enumerate(texts, start=1):
        index.remember(post, fingerprint(words_of(text)))
    return index


def original(index: DuplicateIndex, text: str) -> int:
    return index.original_of(fingerprint(words_of(text)))


@pytest.mark.parametrize(
    "edited",
    [
        f"RT @somebody: {POST} https://example.org/a/b?c=d",
        POST.upper() + "!!! #fail",
        "  ".join(POST.split()) + "\u200b",
        POST[: int(len(POST) * 0.7)],
        POST.replace("phone", "telephone"),
        f"@bank @other {POST}",
    ],
)
def test_an_edited_repeat_is_found(edited: str) -> None:
    assert original(index_of("something else entirely about a lost parcel", POST), edited) == 2


def test_the_same_problem_in_other_words_is_no_repeat() -> None:
    other = "Waited two hours on your hotline and still nobody from the bank has answered my call"
    assert original(index_of(POST), other) == 0


def test_short_texts_must_be_equal() -> None:
    index = index_of("Error code 404", "Thanks!")
    assert original(index, "@user error code 404 https://example.org") == 1
    assert original(index, "Error code 403") == 0


@pytest.mark.parametrize("empty", ["", "https://example.org/x", "@user", "😭😭", "\ud800"])
def test_a_text_without_words_repeats_nothing(empty: str) -> None:
    assert original(index_of(empty, "@someone"), empty) == 0


def test_the_closest_original_wins() -> None:
    longer = POST + " and on top of that your app is down again this morning"
    assert original(index_of(longer, POST), POST) == 2


def test_originals_beyond_the_window_are_forgotten() -> None:
    index = index_of(
        POST, *(f"number {n} of quite different posts {n * n}" for n in range(5)), window=5
    )
    assert original(index, POST) == 0


def test_a_repeat_keeps_its_original_findable_in_its_wording() -> None:
    index = index_of(POST)
    index.repeat(1, fingerprint(words_of(POST + " shame")))
    index.repeat(99, fingerprint(words_of(POST)))
    assert original(index, POST) == 1


def test_a_much_longer_text_is_no_repeat() -> None:
    assert original(index_of(POST), f"{POST} {' '.join(f'chapter {n}' for n in range(40))}") == 0


@given(st.text(), st.text())
def test_overlap_is_a_symmetric_share(one: str, other: str) -> None:
    a, b = fingerprint(words_of(one)), fingerprint(words_of(other))
    assert 0 <= overlap(a, b) <= 1
    assert overlap(a, b) == overlap(b, a)
    assert overlap(a, a) == 1 or not a.size


@given(st.lists(st.text("abc ", max_size=60), max_size=20), st.text("abc ", max_size=60))
def test_what_is_found_overlaps_enough(texts: list[str], text: str) -> None:
    index = index_of(*texts)
    found = original(index, text)
    if found:
        a, b = fingerprint(words_of(texts[found - 1])), fingerprint(words_of(text))
        assert overlap(a, b) >= OVERLAP


@given(
    st.lists(st.sampled_from(POST.split()), min_size=6, max_size=30),
    st.lists(st.sampled_from(POST.split()), min_size=6, max_size=30),
)
def test_what_is_ruled_out_unseen_overlaps_by_less(one: list[str], other: list[str]) -> None:
    prints = (
        fingerprint([*one, "and", "some", "more"]),
        fingerprint([*other, "and", "some", "more"]),
    )
    possible, same = prints[0].possible([prints[1], prints[0]])
    assert possible or overlap(*prints) < OVERLAP
    assert same
