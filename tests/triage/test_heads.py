from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.embedding import ModelDamagedError
from triage.evidence import EvidenceReader
from triage.heads import MODEL, TrainedHeads, load, readings
from triage.protocols import BrandContext
from triage.sentiment import SentimentReader
from triage.signals import SignalFinder

HOSTILE = [
    "",
    "\x00" * 50,
    "\ud800\udfff",
    "😡" * 5_000,
    "\u202eevil\u202c \u200b\u200bzero",
    "a" * 1_000_000,
    "love a " * 4_000,
    "a,b;" * 10_000,
    "@ " * 10_000,
    "ﷺ" * 4_000,
    "'" * 10_000,
]


@pytest.fixture(scope="module")
def heads() -> TrainedHeads:
    return TrainedHeads()


def judged(heads: TrainedHeads, text: str) -> dict[str, float]:
    words, said = text.split(), SentimentReader(BrandContext()).read(text)
    found = EvidenceReader().read(words, said, SignalFinder().find(text, words))
    return heads.read([words], [found | readings(said)])[0]


@pytest.mark.parametrize(
    ("more", "less", "head"),
    [
        ("still no reply after three weeks, where is my order", "lovely morning walk", "complaint"),
        ("the app crashes whenever I open a photo", "please add a dark mode", "intent/fault"),
        ("please add an option to sort by date", "it crashes at every start", "intent/idea"),
        ("how do I change my address?", "it crashes at every start", "intent/question"),
        (
            "I hate how they treated us, awful service",
            "what a great day, love it",
            "sentiment/negative",
        ),
        ("such a wonderful concert last night", "delayed again, furious", "sentiment/positive"),
        ("schrecklicher Service, nie wieder", "vielen Dank, super!", "any_sentiment/negative"),
        ("qué horror, pésimo servicio", "me encanta, muchas gracias", "any_sentiment/negative"),
        ("check out my channel and subscribe please", "this song makes me cry", "spam"),
    ],
)
def test_a_head_tells_what_it_was_taught(
    heads: TrainedHeads, more: str, less: str, head: str
) -> None:
    assert judged(heads, more)[head] > judged(heads, less)[head] + 0.2


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_raises(heads: TrainedHeads, text: str) -> None:
    likely = heads.read([text.split()], [{}])[0]
    assert all(0 <= p <= 1 for p in likely.values())


def test_a_choice_adds_up_to_one(heads: TrainedHeads) -> None:
    likely = heads.read([["well"]], [{}])[0]
    for head in ("sentiment", "any_sentiment", "intent", "report"):
        total = sum(p for name, p in likely.items() if name.startswith(f"{head}/"))
        assert total == pytest.approx(1, abs=0.001)


FOUND = st.dictionaries(
    st.sampled_from(["refund", "broken", "service_reading", "vader_good", "unheard of"]),
    st.floats(-1, 1),
)


@settings(max_examples=50)
@given(st.text(max_size=200), FOUND, st.data())
def test_an_explanation_recomputes_the_margin(
    heads: TrainedHeads, text: str, found: dict[str, float], data: st.DataObject
) -> None:
    head = data.draw(st.sampled_from(heads.names))
    explained = heads.explain(text.split(), found, head)
    margins = heads.margins([["other", "post"], text.split()], [{}, found])
    assert explained.margin == margins[1, heads.names.index(head)]
    added = explained.bias + sum(points for _, points in explained.points())
    assert added == pytest.approx(explained.margin, abs=1e-9)


@settings(max_examples=30)
@given(st.lists(st.text(max_size=80), max_size=5), FOUND)
def test_what_is_said_of_a_post_does_not_depend_on_its_batch(
    heads: TrainedHeads, texts: list[str], found: dict[str, float]
) -> None:
    posts = [text.split() for text in texts]
    backwards = dict(reversed(found.items()))
    together = heads.read(posts, [found] * len(posts))
    assert together == [heads.read([post], [backwards])[0] for post in posts]


def test_an_explanation_names_the_telling_words(heads: TrainedHeads) -> None:
    words = ["still", "waiting", "for", "my", "refund", "and", "nobody", "answers"]
    told = [said for said, points in heads.explain(words, {}, "complaint").points()[:8] if points]
    assert {"still", "waiting", "refund", "nobody", "answers"} & set(told)


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelDamagedError, match="install the package again"):
        load(tmp_path / "missing.npz")
    other = tmp_path / "other.npz"
    other.write_bytes(MODEL.read_bytes() + b"!")
    with pytest.raises(ModelDamagedError, match="checksum"):
        load(other, "0" * 64)
