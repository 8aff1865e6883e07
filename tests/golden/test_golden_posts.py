"""The golden posts: what the judge says of invented posts beside what a support lead would."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from triage.judge import Judge
from triage.protocols import BrandContext
from triage.verdict import Band, Lane, Verdict
from triage.vigilante import STRANGER, Person, by_person

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Golden:
    """A post and what is expected of it."""

    text: str
    lane: Lane
    vigilante: Band
    words: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    person: Person = STRANGER


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


def golden(name: str) -> list[Golden]:
    """The posts of a file, every field checked."""
    rows = tomllib.loads((HERE / name).read_text(encoding="utf-8"))["post"]
    known = {"text", "lane", "vigilante", "words", "without", "posts", "followers"}
    assert all(known >= set(row) for row in rows)
    return [
        Golden(
            text=row["text"],
            lane=Lane(row["lane"]),
            vigilante=Band(row["vigilante"]),
            words=row.get("words", {}),
            without=tuple(row.get("without", ())),
            person=Person(row.get("posts", 1), row.get("followers")),
        )
        for row in rows
    ]


def differences(post: Golden, verdict: Verdict) -> Iterator[tuple[str, str]]:
    """What differs, each as (about, sentence)."""
    if verdict.lane is not post.lane:
        yield "lane", f"lane: wanted {post.lane.value}, got {verdict.lane.value}"
    if verdict.vigilante is not post.vigilante:
        got = verdict.vigilante.value
        yield "vigilante", f"vigilante: wanted {post.vigilante.value}, got {got}"
    found = {signal.name: signal for signal in verdict.signals}
    for name, words in post.words.items():
        start, signal = post.text.index(words), found.get(name)
        if signal is None or signal.end <= start or signal.start >= start + len(words):
            got = f"“{signal.text}”" if signal else "nothing"
            yield "words", f"{name}: wanted “{words}”, got {got}"
    for name in post.without:
        if name in found:
            yield "words", f"{name}: wanted nothing, got “{found[name].text}”"


@pytest.mark.parametrize("name", LEAST)
def test_the_judge_agrees_with_a_support_lead(name: str) -> None:
    posts, least = golden(name), LEAST[name]
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
    assert Counter(post.vigilante for post in golden(name)) == BANDS[name]


def test_no_post_stands_twice_and_all_words_are_in_theirs() -> None:
    posts = [post for name in LEAST for post in golden(name)]
    assert len({post.text for post in posts}) == len(posts)
    assert all(words in post.text for post in posts for words in post.words.values())
