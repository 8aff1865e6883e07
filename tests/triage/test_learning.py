"""Learning: what corrections teach, for every decision, without a trace when it is left out."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.correction import value_of
from triage.judge import Judge
from triage.learning import Example, PostReader, learn
from triage.learnt import Learnt, LearntHeads, Meanings, learnt_from
from triage.learnt_judge import Reviser
from triage.protocols import BrandContext
from triage.verdict import Band, Lane

FEES = [f"{how} the transfer fee {when}" for how in ("about", "so", "on") for when in "abcde"]
GATES = [f"the garden gate in {where} looks {how}" for where in "abcde" for how in ("old", "green")]
MEANINGS = Meanings()
BRAND = BrandContext("Northgate", languages=("en", "de"))
PLAIN = Judge(BrandContext("Northgate"))


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(BRAND)


def taught_by(learnt: Learnt) -> Judge:
    return Judge(BRAND, learnt=learnt, meanings=MEANINGS)


def examples(texts: Sequence[str], field: str, value: str) -> list[Example]:
    return [Example(text, text, field, value) for text in texts]


def test_each_decision_follows_what_was_said_of_others_like_it(judge: Judge) -> None:
    said = [
        ("lane", "question", "idea"),
        ("complaint", "yes", "no"),
        ("severity", "critical", "none"),
        ("relevant", "no", "yes"),
        ("label:fees", "yes", "no"),
        ("lang", "de", "en"),
    ]
    for field, of_fees, of_gates in said:
        learnt = learn(
            examples(FEES[1:], field, of_fees) + examples(GATES[1:], field, of_gates),
            judge,
            MEANINGS,
        )
        taught = taught_by(learnt)
        fee, gate = taught.judge([FEES[0], GATES[0]])
        assert (field, value_of(fee, field)) == (field, of_fees)
        assert (field, value_of(gate, field)) == (field, of_gates)
        reasons = " ".join(reason.text for reason in (*fee.reasons, *gate.reasons))
        assert "fee" in reasons or "gate" in reasons, field


def test_what_was_learnt_tells_its_words(judge: Judge) -> None:
    learnt = learn(examples(FEES[1:], "lane", "idea"), judge, MEANINGS)
    [verdict] = taught_by(learnt).judge(FEES[:1])
    assert verdict.lane is Lane.IDEA
    told = verdict.reasons[0].text
    assert told.startswith("learnt from corrections: idea, not ")
    assert "“fee”" in told
    assert "“the”" not in told
    assert verdict.version == f"{judge.version}+{learnt.id}"


def test_no_correction_changes_nothing_but_the_version(judge: Judge) -> None:
    learnt = learn([], judge, MEANINGS)
    texts = ["", *FEES, "Northgate charged me twice and nobody answers. Terrible.", "Danke!"]
    taught = taught_by(learnt)
    for before, after in zip(judge.judge(texts), taught.judge(texts), strict=True):
        assert after == replace(before, version=taught.version)


@given(st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=5)
def test_order_and_repetition_do_not_matter(chance: random.Random, twice: bool) -> None:
    judge = PLAIN
    said = [
        *examples(FEES, "lane", "question"),
        *examples(GATES, "relevant", "no"),
        *examples(FEES[:4], "severity", "high"),
        *examples(GATES[:3], "label:gates", "yes"),
    ]
    shuffled = said * 2 if twice else list(said)
    chance.shuffle(shuffled)
    assert learn(shuffled, judge, MEANINGS).to_bytes() == learn(said, judge, MEANINGS).to_bytes()


def test_what_is_kept_says_the_same_when_it_is_read_again(judge: Judge) -> None:
    learnt = learn(examples(FEES, "lane", "question"), judge, MEANINGS)
    read = learnt_from(learnt.to_bytes())
    assert read.id == learnt.id
    assert taught_by(read).judge(GATES) == taught_by(learnt).judge(GATES)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 not a zip", b"\x00" * 100])
def test_what_is_damaged_is_refused(data: bytes) -> None:
    with pytest.raises(
        ValueError, match=r"not what was learnt|not a stored delta|pickle|EOF|magic"
    ):
        learnt_from(data)


def test_what_was_learnt_of_other_places_is_refused(judge: Judge) -> None:
    learnt = learn(examples(FEES, "lane", "question"), judge, MEANINGS)
    other = Learnt(replace(learnt.delta, base="places-0"), learnt.meaning)
    with pytest.raises(ValueError, match="learnt when posts were read as places-0"):
        learnt_from(other.to_bytes())


def test_danger_is_not_learnt_away(judge: Judge) -> None:
    danger = [f"the battery of the {thing} caught fire and burned my hand" for thing in "abcdefgh"]
    assert {verdict.lane for verdict in judge.judge(danger)} == {Lane.COMPLAINT}
    learnt = learn(
        examples(danger[1:], "lane", "muted") + examples(danger[1:], "relevant", "no"),
        judge,
        MEANINGS,
    )
    [verdict] = taught_by(learnt).judge(danger[:1])
    assert verdict.lane is Lane.COMPLAINT


def test_what_leaves_the_muted_is_heard_and_what_joins_them_is_not(judge: Judge) -> None:
    jobs = [f"We are hiring a {what}! Apply now https://jobs.example #jobs" for what in "abcdefgh"]
    assert {one.lane for one in judge.judge(jobs)} == {Lane.MUTED}
    learnt = learn(
        examples(jobs[1:], "lane", "question") + examples(FEES[1:], "lane", "muted"),
        judge,
        MEANINGS,
    )
    heard, muted = taught_by(learnt).judge([jobs[0], FEES[0]])
    assert (heard.lane, heard.muted_by) == (Lane.QUESTION, ())
    assert (muted.lane, muted.complaint, muted.muted_by) == (
        Lane.MUTED,
        Band.NO,
        ("learnt from corrections",),
    )


def test_a_label_ranks_by_what_it_was_taught(judge: Judge) -> None:
    learnt = learn(
        examples(FEES[3:], "label:fees", "yes") + examples(GATES[3:], "label:fees", "no"),
        judge,
        MEANINGS,
    )
    reader = PostReader()
    texts = [*GATES[:3], *FEES[:3]]
    seen = list(map(reader.read, texts, judge.judge(texts)))
    scores = Reviser(learnt, MEANINGS).scores(seen, "label:fees")
    assert min(scores[3:]) > max(scores[:3])


@given(st.lists(st.text(max_size=60), max_size=5))
@settings(max_examples=8)
def test_any_text_is_learnt_from_and_judged(texts: list[str]) -> None:
    judge = PLAIN
    learnt = learn(examples([*texts, "\x00\ud800" * 30], "lane", "idea"), judge, MEANINGS)
    assert len(taught_by(learnt).judge([*texts, "a" * 100_000])) == len(texts) + 1
    assert set(LearntHeads(learnt, MEANINGS).names) == set(learnt.heads)


@pytest.mark.parametrize(
    ("field", "value"), [("label:Loud Name", "yes"), ("label:fees", "maybe"), ("mood", "bad")]
)
def test_what_cannot_be_said_is_refused(judge: Judge, field: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"no name of a label|no answer|can be corrected"):
        learn([Example("1", "x", field, value)], judge, MEANINGS)
