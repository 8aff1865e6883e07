from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.embedding import StaticEmbedder
from triage.graph_clustering import UNGROUPED, GraphClusterer
from triage.protocols import Decided, Label, Placement, Post, Refinement
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
SIZE = 600


def posts_of(texts: Sequence[str]) -> list[Post]:
    vectors = StaticEmbedder().embed(texts)
    return [
        Post(3 * number, text, vector, Lane.COMPLAINT, NOON)
        for number, (text, vector) in enumerate(zip(texts, vectors, strict=True), start=1)
    ]


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
    return posts_of(texts)


STREAMS = [stream(seed, SIZE) for seed in range(2)]


class Run:
    """A clusterer with what a store would hold for it: placements, aliases, labels, the next id."""

    def __init__(self, decided: Decided | None = None) -> None:
        self.decided = decided or Decided()
        self.ids = count(1)
        self.kept: dict[int, Placement] = {}
        self.aliases: dict[int, int] = {}
        self.labels: dict[int, Label] = {}
        self.refinements: list[Refinement] = []
        self.renew()

    def renew(self, posts: Sequence[Post] = ()) -> None:
        """A new clusterer that learns what is kept, as after a restart."""
        self.clusterer = GraphClusterer()
        self.clusterer.respect(self.decided)
        self.clusterer.restore((post, self.kept[post.id]) for post in posts)

    def place(self, posts: Sequence[Post]) -> list[Placement]:
        placements = self.clusterer.place(posts, lambda: next(self.ids))
        self.kept |= {placement.post: placement for placement in placements}
        for refinement in self.clusterer.refinements():
            self.apply(refinement)
        changed = self.clusterer.labels()
        assert [label.issue for label in changed] == sorted({label.issue for label in changed})
        self.labels |= {label.issue: label for label in changed}
        return placements

    def apply(self, refinement: Refinement) -> None:
        self.refinements.append(refinement)
        for absorbed in refinement.absorbed:
            assert absorbed.issue not in self.aliases
            self.aliases[absorbed.issue] = absorbed.into
            for post, placement in self.kept.items():
                if placement.issue == absorbed.issue:
                    self.kept[post] = placement._replace(issue=absorbed.into)
        for move in refinement.moves:
            assert self.kept[move.post].issue == move.source
            repeats = {p.post for p in self.kept.values() if p.duplicate_of == move.post}
            repeats = {post for post in repeats if post <= refinement.after}
            for post in repeats | {move.post}:
                self.kept[post] = self.kept[post]._replace(issue=move.target)

    def named(self) -> dict[int, Label]:
        return {issue: label for issue, label in self.labels.items() if issue not in self.aliases}

    def issues(self) -> dict[int, int]:
        return {post: placement.issue for post, placement in self.kept.items()}


def batches(posts: Sequence[Post], cuts: Iterable[int]) -> list[Sequence[Post]]:
    ends = [0, *sorted(cuts), len(posts)]
    return [posts[start:end] for start, end in pairwise(ends)]


CUTS = st.sets(st.integers(1, SIZE - 1), max_size=6)


@pytest.fixture(scope="module")
def wholes() -> list[Run]:
    runs = [Run() for _ in STREAMS]
    for run, posts in zip(runs, STREAMS, strict=True):
        run.place(posts)
    return runs


@settings(max_examples=4)
@given(which=st.integers(0, 1), cuts=CUTS)
def test_batches_make_no_difference(wholes: list[Run], which: int, cuts: set[int]) -> None:
    parts = Run()
    for batch in batches(STREAMS[which], cuts):
        parts.place(batch)
    assert parts.kept == wholes[which].kept
    assert parts.refinements == wholes[which].refinements
    assert parts.named() == wholes[which].named()


@settings(max_examples=6)
@given(which=st.integers(0, 1), stop=st.integers(0, SIZE), cuts=CUTS)
def test_a_restored_run_goes_on_as_if_undisturbed(
    wholes: list[Run], which: int, stop: int, cuts: set[int]
) -> None:
    posts, stopped = STREAMS[which], Run()
    stopped.place(posts[:stop])
    stopped.renew(posts[:stop])
    assert stopped.clusterer.labels() == []
    assert stopped.clusterer.refinements() == []
    for batch in batches(posts[stop:], {cut - stop for cut in cuts if cut > stop}):
        stopped.place(batch)
    assert stopped.issues() == wholes[which].issues()
    assert stopped.refinements == wholes[which].refinements


def test_ids_stay(wholes: list[Run]) -> None:
    for run in wholes:
        assert run.refinements
        assert all(refinement.churn <= 0.01 for refinement in run.refinements)
        assert not set(run.aliases) & set(run.issues().values())


def test_every_change_says_why(wholes: list[Run]) -> None:
    moves = [move for run in wholes for one in run.refinements for move in one.moves]
    absorbed = [each for run in wholes for one in run.refinements for each in one.absorbed]
    assert moves
    assert absorbed
    assert all("% of what ties it" in move.reason for move in moves)
    assert all(f"of its {each.posts} latest posts" in each.reason for each in absorbed)


def test_kinds_of_trouble_end_up_in_issues_of_their_own(wholes: list[Run]) -> None:
    posts, run = STREAMS[0], wholes[0]
    card = [p for p in posts if "my card" in p.text and "declined" in p.text]
    parcel = [p for p in posts if "the parcel" in p.text and "never arrived" in p.text]
    issues = [{run.kept[p.id].issue for p in some} for some in (card, parcel)]
    assert not issues[0] & issues[1]


@settings(max_examples=4)
@given(st.data())
def test_what_people_decided_stands(wholes: list[Run], data: st.DataObject) -> None:
    posts, before = STREAMS[0], wholes[0]
    half = posts[: SIZE // 2]
    grouped = [p.id for p in half if before.kept[p.id].issue and not before.kept[p.id].duplicate_of]
    pair = st.tuples(st.sampled_from(grouped), st.sampled_from(grouped))
    together = data.draw(st.frozensets(pair, max_size=3))
    first = Run(Decided(together=together))
    first.place(half)
    touched = frozenset(
        data.draw(st.sets(st.sampled_from(sorted({*first.issues().values()} - {0})), max_size=4))
    )
    held = {post: issue for post, issue in first.issues().items() if issue in touched}
    late = set(held) & {p.id for p in half[-80:]}
    first.decided = Decided(touched, together)
    first.clusterer.respect(first.decided)
    first.place(posts[SIZE // 2 :])
    now = first.issues()
    assert all(now[post] == issue for post, issue in held.items() if post not in late)
    assert not touched & set(first.aliases)
    for one, other in together:
        if not {first.kept[one].issue, first.kept[other].issue} & touched:
            assert now[one] == now[other]


def test_posts_told_apart_never_meet_again(wholes: list[Run]) -> None:
    run = wholes[0]
    sizes: dict[int, list[int]] = {}
    for placement in run.kept.values():
        seen = placement.post <= run.refinements[-1].after
        if seen and placement.issue and not placement.duplicate_of:
            sizes.setdefault(placement.issue, []).append(placement.post)
    biggest = max(sizes.values(), key=len)
    apart = frozenset({(biggest[0], biggest[-1]), (biggest[1], biggest[-1])})
    other = Run(Decided(apart=apart))
    other.place(STREAMS[0])
    assert all(other.kept[one].issue != other.kept[two].issue for one, two in apart)


def test_a_repeat_follows_its_original() -> None:
    original, repeat, of_repeat = Run().place(
        posts_of(
            [
                "Your hotline kept me waiting for two hours and then hung up",
                "RT @ann: Your hotline kept me waiting for two hours and then hung up https://t.example/1",
                "your hotline kept me waiting for two hours and then hung up!!",
            ]
        )
    )
    assert (repeat.issue, repeat.duplicate_of, repeat.nearest) == (original.issue, 3, 3)
    assert of_repeat.duplicate_of == 3


def test_the_same_problem_joins_and_another_opens() -> None:
    declined, parcel, again = Run().place(
        posts_of(
            [
                "My card payment was declined at the supermarket",
                "The parcel has not arrived for two weeks",
                "card payment declined in the supermarket today",
            ]
        )
    )
    assert (declined.issue, parcel.issue) == (1, 2)
    assert (again.issue, again.nearest) == (1, 3)


@pytest.mark.parametrize("text", ["@acme thanks so much!", "please help me", "", "12345", "?"])
def test_what_says_too_little_stays_ungrouped(text: str) -> None:
    (placement,) = Run().place(posts_of([text]))
    assert placement == Placement(3, UNGROUPED, 0.0)


def test_hostile_texts_do_no_harm() -> None:
    texts = ["\x00" * 99, "\ud800", "a" * 1_000_000, "\u202e" * 50, "&amp;" * 9_999, "_" * 9_999]
    assert len(Run().place(posts_of(texts * 20))) == 20 * len(texts)


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
]


def test_an_issue_whose_posts_have_left_the_window_comes_back_by_its_centre() -> None:
    chance = random.Random(1)
    texts = ["blue kettles whistle loudly at dawn"]
    texts += [" ".join(chance.choices(WORDS, k=6)) for _ in range(3_500)]
    texts += ["at dawn I heard whistling from a blue kettle", "a blue kettle whistled at dawn too"]
    posts = posts_of(texts)
    run = Run()
    run.clusterer = GraphClusterer(window=2_048)
    first, *_ = run.place(posts[:-2])
    back, *more = run.place(posts[-2:])
    assert (back.issue, back.nearest) == (first.issue, 0)
    assert (more[0].issue, more[0].nearest) == (first.issue, back.post)


def test_the_window_must_hold_what_calibration_needs() -> None:
    with pytest.raises(ValueError, match="2048"):
        GraphClusterer(window=100)


@settings(max_examples=6)
@given(which=st.integers(0, 1), stop=st.integers(1, SIZE), later=st.integers(0, 60))
def test_what_is_kept_goes_on_as_if_undisturbed(
    wholes: list[Run], which: int, stop: int, later: int
) -> None:
    posts, run = STREAMS[which], Run()
    run.place(posts[:stop])
    state, seen = run.clusterer.keep(), len(run.refinements)
    run.place(posts[stop : stop + later])
    run.clusterer = GraphClusterer()
    run.clusterer.take_up(state)
    assert run.clusterer.keep() == state
    assert run.clusterer.remembered().through == posts[stop - 1].id
    if len(run.refinements) > seen:  # a look changes more than posts that came
        later = 0
        run.kept = {post: one for post, one in run.kept.items() if post <= posts[stop - 1].id}
        return
    run.clusterer.learn((post, run.kept[post.id]) for post in posts[stop : stop + later])
    run.place(posts[stop + later :])
    assert run.issues() == wholes[which].issues()
    assert run.refinements == wholes[which].refinements
    assert run.named() == wholes[which].named()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"x" * 999])
def test_what_nobody_kept_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        GraphClusterer().take_up(data)


def test_what_another_version_kept_is_refused() -> None:
    other = GraphClusterer()
    other.version = "graph-0"
    with pytest.raises(ValueError, match="another version"):
        GraphClusterer().take_up(other.keep())


def test_what_people_did_is_followed() -> None:
    posts, run = STREAMS[0], Run()
    run.place(posts[:300])
    sizes = sorted(set(run.issues().values()) - {0})
    source, target = sizes[0], sizes[-1]
    went = {post: target for post, issue in run.issues().items() if issue == source}
    run.clusterer.put_right(went, {source: target})
    assert run.clusterer.put_right(went, {source: target}) is None  # twice is once
    run.decided = Decided(touched=frozenset({target}))
    run.clusterer.respect(run.decided)
    placements = run.place([post._replace(id=post.id + 9_000) for post in posts[:40]])
    assert source not in {placement.issue for placement in placements}


def test_why_a_post_is_where_it_is(wholes: list[Run]) -> None:
    posts, run = STREAMS[0], Run()
    run.place(posts[:300])
    live = [p for p in run.kept.values() if p.issue and not p.duplicate_of and p.nearest]
    why = run.clusterer.why(live[-1].post, live[0].issue)
    assert why is not None
    assert why.issue == live[-1].issue
    assert why.ties
    assert all(tie.similarity >= why.needed for tie in why.ties)
    assert sum(why.share(issue) for issue in {tie.issue for tie in why.ties}) == pytest.approx(1)
    assert {tie.issue for tie in why.instead} <= {live[0].issue}
    assert run.clusterer.why(999_999) is None
