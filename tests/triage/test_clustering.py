from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.clustering import UNGROUPED, OnlineClusterer
from triage.embedding import StaticEmbedder
from triage.protocols import Label, Placement, Post
from triage.verdict import Lane

SUBJECTS = ["my card", "the parcel", "your app", "this invoice", "the new playlist", "a refund"]
TROUBLES = [
    "was declined twice {when}",
    "never arrived and nobody answers {when}",
    "crashes as soon as I open it {when}",
    "shows the wrong amount {when}",
    "takes far too long {when}",
]
TIMES = ["in the shop", "since Monday", "on my old phone", "abroad", "again", "after the update"]
REPLIES = ["@acme thanks!", "ok, done", "please help me", "", "https://example.org/x", "Thanks"]
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def stream(seed: int, size: int) -> list[Post]:
    """Made-up complaints, some of them repeated, some that say nothing."""
    chance = random.Random(seed)
    texts: list[str] = []
    for _ in range(size):
        if texts and chance.random() < 0.1:
            texts.append(f"RT @someone: {chance.choice(texts)}")
        elif chance.random() < 0.1:
            texts.append(chance.choice(REPLIES))
        else:
            trouble = chance.choice(TROUBLES).format(when=chance.choice(TIMES))
            texts.append(f"@acme {chance.choice(SUBJECTS)} {trouble} {chance.choice(TIMES)}")
    vectors = StaticEmbedder().embed(texts)
    return [
        Post(3 * number, text, vector, Lane.COMPLAINT, NOON)
        for number, (text, vector) in enumerate(zip(texts, vectors, strict=True), start=1)
    ]


STREAMS = [stream(seed, 150) for seed in range(3)]


class Run:
    """A clusterer with the issue ids and the latest labels a store would hold for it."""

    def __init__(self) -> None:
        self.clusterer = OnlineClusterer()
        self.ids = count(1)
        self.labels: dict[int, Label] = {}

    def place(self, posts: Sequence[Post]) -> list[Placement]:
        placements = self.clusterer.place(posts, lambda: next(self.ids))
        changed = self.clusterer.labels()
        assert [label.issue for label in changed] == sorted({label.issue for label in changed})
        self.labels |= {label.issue: label for label in changed}
        return placements


def batches(posts: Sequence[Post], cuts: Iterable[int]) -> list[Sequence[Post]]:
    ends = [0, *sorted(cuts), len(posts)]
    return [posts[start:end] for start, end in pairwise(ends)]


CUTS = st.sets(st.integers(1, 149), max_size=6)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(STREAMS), CUTS)
def test_batches_make_no_difference(posts: list[Post], cuts: set[int]) -> None:
    whole, parts = Run(), Run()
    expected = whole.place(posts)
    found = [placement for batch in batches(posts, cuts) for placement in parts.place(batch)]
    assert found == expected
    assert parts.labels == whole.labels


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(STREAMS), st.integers(0, 150), CUTS)
def test_a_restored_run_goes_on_as_if_undisturbed(
    posts: list[Post], stop: int, cuts: set[int]
) -> None:
    whole, stopped = Run(), Run()
    expected = whole.place(posts)
    placed = stopped.place(posts[:stop])
    stopped.clusterer = OnlineClusterer()
    stopped.clusterer.restore(zip(posts, placed, strict=False))
    assert stopped.clusterer.labels() == []
    for batch in batches(posts[stop:], {cut - stop for cut in cuts if cut > stop}):
        placed += stopped.place(batch)
    assert placed == expected
    assert stopped.labels == whole.labels


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(STREAMS), st.data())
def test_people_s_moves_are_believed_and_replay_alike(
    posts: list[Post], data: st.DataObject
) -> None:
    first = Run()
    placed = first.place(posts[:100])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, 99))
        target = data.draw(st.integers(0, max(p.issue for p in placed)))
        placed[at] = placed[at]._replace(issue=target)
    runs = Run(), Run()
    outcomes = []
    for run, cuts in zip(runs, ([], [7, 30]), strict=True):
        run.ids = count(1_000)
        run.clusterer.restore(zip(posts, placed, strict=False))
        outcomes.append([p for batch in batches(posts[100:], cuts) for p in run.place(batch)])
    assert outcomes[0] == outcomes[1]
    assert runs[0].labels == runs[1].labels


def test_restoring_twice_forgets_the_first() -> None:
    run = Run()
    placed = run.place(STREAMS[0])
    run.clusterer.restore(zip(STREAMS[1][:0], placed, strict=False))
    run.ids = count(1)
    assert run.place(STREAMS[0]) == placed


def posts_of(*texts: str) -> list[Post]:
    vectors = StaticEmbedder().embed(texts)
    return [
        Post(number, text, vector, Lane.COMPLAINT, NOON)
        for number, (text, vector) in enumerate(zip(texts, vectors, strict=True), start=1)
    ]


def test_the_same_problem_joins_and_another_opens() -> None:
    declined, parcel, again = Run().place(
        posts_of(
            "My card payment was declined at the supermarket",
            "The parcel has not arrived for two weeks",
            "card payment declined in the supermarket today",
        )
    )
    assert declined == Placement(1, 1, 1.0)
    assert parcel == Placement(2, 2, 1.0)
    assert (again.issue, again.nearest) == (1, 1)
    assert 0.6 < again.similarity < 1


def test_a_repeat_follows_its_original() -> None:
    original, repeat, of_repeat = Run().place(
        posts_of(
            "Your hotline kept me waiting for two hours and then hung up",
            "RT @ann: Your hotline kept me waiting for two hours and then hung up https://t.example/1",
            "your hotline kept me waiting for two hours and then hung up!!",
        )
    )
    assert (repeat.issue, repeat.duplicate_of, repeat.nearest) == (original.issue, 1, 1)
    assert of_repeat.duplicate_of == 1


@pytest.mark.parametrize(
    "text",
    ["@acme thanks so much!", "please help me", "ok done, check your DM", "", "12345", "😭😭", "?"],
)
def test_what_says_too_little_stays_ungrouped(text: str) -> None:
    (placement,) = Run().place(posts_of(text))
    assert placement == Placement(1, UNGROUPED, 0.0)


@pytest.mark.parametrize(
    "text", ["where is my card", "not working", "Кто-нибудь работает?", "支付失败"]
)
def test_short_problems_are_grouped(text: str) -> None:
    (placement,) = Run().place(posts_of(text))
    assert placement.issue == 1


def test_hostile_texts_do_no_harm() -> None:
    texts = ["\x00" * 99, "\ud800", "a" * 1_000_000, "\u202e" * 50, "&amp;" * 9_999, "_" * 9_999]
    assert len(Run().place(posts_of(*texts))) == len(texts)


def test_an_issue_outside_the_window_takes_no_more() -> None:
    run = Run()
    run.clusterer = OnlineClusterer(window=2_048)
    texts = ["blue kettles whistle loudly at dawn"]
    chance = random.Random(1)
    texts += [" ".join(chance.sample(WORDS, 6)) for _ in range(3_000)]
    texts += ["at dawn I heard whistling from a blue kettle"]
    *_, last = run.place(posts_of(*texts))
    assert last.nearest == 0


WORDS = [
    "river",
    "mountain",
    "invoice",
    "parcel",
    "engine",
    "window",
    "garden",
    "coffee",
    "battery",
    "ticket",
    "balance",
    "monitor",
    "blanket",
    "teacher",
    "harbour",
    "candle",
    "pepper",
    "magnet",
]


def test_the_window_must_hold_what_calibration_needs() -> None:
    with pytest.raises(ValueError, match="2048"):
        OnlineClusterer(window=100)
