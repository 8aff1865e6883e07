"""The golden posts: what the judge says of invented posts beside what a support lead would."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from training.judging.golden import differences, golden
from triage.judge import Judge
from triage.protocols import BrandContext
from triage.verdict import Band
from triage.vigilante import by_person

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Least:
    """How many posts must agree in lane and band, and how many words must be found."""

    posts: int
    lane: int
    vigilante: int
    words: int


LEAST = {
    "posts.toml": Least(posts=131, lane=122, vigilante=127, words=168),
    "kept_apart.toml": Least(posts=65, lane=50, vigilante=59, words=63),
}
BANDS = {
    "posts.toml": {Band.LIKELY: 20, Band.POSSIBLE: 29, Band.NO: 82},
    "kept_apart.toml": {Band.LIKELY: 7, Band.POSSIBLE: 15, Band.NO: 43},
}


@pytest.mark.parametrize("name", LEAST)
def test_the_judge_agrees_with_a_support_lead(name: str) -> None:
    posts, least = golden(HERE / name), LEAST[name]
    verdicts = Judge(BrandContext(name="Acme")).judge([post.text for post in posts])
    wrong: Counter[str] = Counter()
    said = []
    for post, verdict in zip(posts, verdicts, strict=True):
        different = list(differences(post, by_person(verdict, post.person)))
        wrong.update(about for about, _ in different)
        if different:
            said.append("\n    ".join([post.text, *[sentence for _, sentence in different]]))
    expected = sum(len(post.words) + len(post.without) for post in posts)
    agree = {
        "lane": len(posts) - wrong["lane"],
        "vigilante": len(posts) - wrong["vigilante"],
        "words": expected - wrong["words"],
    }
    print(*said, f"{name}: of {len(posts)} posts and {expected} words agree {agree}", sep="\n")
    assert len(posts) == least.posts
    assert agree["lane"] >= least.lane
    assert agree["vigilante"] >= least.vigilante
    assert agree["words"] >= least.words


@pytest.mark.parametrize("name", BANDS)
def test_every_band_has_its_posts(name: str) -> None:
    assert Counter(post.vigilante for post in golden(HERE / name)) == BANDS[name]


def test_no_post_stands_twice_and_all_words_are_in_theirs() -> None:
    posts = [post for name in LEAST for post in golden(HERE / name)]
    assert len({post.text for post in posts}) == len(posts)
    assert all(words in post.text for post in posts for words in post.words.values())


def test_the_kinds_that_are_easily_mistaken_are_there() -> None:
    posts = [post for name in LEAST for post in golden(HERE / name)]
    kinds = Counter(post.kind for post in posts)
    assert len(posts) >= 150
    for kind in (
        "sarcasm",
        "quotes and reports of others' complaints, news about complaints",
        "polite complaints without a negative word",
    ):
        assert kinds[kind] >= 8, kind
