"""Explanations: small, and the same figures come out of them again, to the last digit."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from triage.explanation import Explained, explained_from, fields, points
from triage.intent import intent
from triage.judge import Judge
from triage.protocols import BrandContext
from triage.verdict import Verdict

JUDGE = Judge(BrandContext(name="Acme Bank"))
WORDS = [
    *(
        "still",
        "waiting",
        "for",
        "my",
        "refund",
        "nobody",
        "answers",
        "thanks",
        "great",
        "how",
        "do",
    ),
    *("I", "the", "app", "crashes", "please", "add", "😡", "schrecklicher", "Service", "nie", "où"),
    *("est", "mon", "colis", "!!", "?", "@acme", "https://x.example", "никто", "не", "отвечает"),
]
SAID = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=())),
    st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join),
)


def explained(text: str, verdict: Verdict) -> Explained:
    """As kept and read again."""
    kept = json.dumps(fields(JUDGE.explain(text, verdict.lang)), ensure_ascii=True)
    return explained_from(json.loads(kept))


@settings(max_examples=150)
@given(SAID)
@example("On hold for two hours, nobody answers, I want my refund!!")
@example("Was für ein schrecklicher Service, nie wieder!")
@example("Никто не отвечает уже три недели 😡")
@example("Steps to reproduce\n1. open\nExpected behavior\nActual: TypeError at main.js:1:2 v1.82")
def test_the_same_figures_come_out_of_a_kept_explanation(text: str) -> None:
    (verdict,) = JUDGE.judge([text])
    says = explained(text, verdict).opinion()
    assert says.complaint == verdict.complaint_p
    assert round(says.severity, 3) == verdict.severity
    assert (says.label, says.leaning) == (verdict.sentiment.label, verdict.sentiment.leaning)
    assert intent(says).lanes == verdict.lanes


def test_it_names_the_words_that_told() -> None:
    told = [
        said for said, _ in points(JUDGE.explain("I want my refund, nobody answers"), "complaint")
    ]
    assert {"refund", "no_answer"} <= set(told)


def test_it_is_small_however_long_the_post() -> None:
    kept = json.dumps(fields(JUDGE.explain(" ".join([f"word{n} never works" for n in range(900)]))))
    assert len(kept) < 10_000


def test_it_says_what_would_change_a_band() -> None:
    text = "The new checkout is slow, it took me nine taps"
    changes = {one.about: one for one in JUDGE.explain(text).changes}
    complaint = changes["complaint"]
    assert complaint.was == JUDGE.judge([text])[0].complaint.value
    assert complaint.to != complaint.was
    assert complaint.without
    assert complaint.says.startswith(f"complaint is {complaint.was}; without “")


def test_without_a_part_it_counts_for_nothing() -> None:
    full = JUDGE.explain("I want my refund now")
    less = full.without("refund")
    assert less.opinion().complaint < full.opinion().complaint
    assert full.without("not there") == full


@pytest.mark.parametrize("data", [{}, {"version": 1}, {"heads": 1, "open": [], "changes": []}])
def test_anything_else_is_no_explanation(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a stored explanation"):
        explained_from(data)


def test_it_names_what_decided() -> None:
    assert JUDGE.explain("hello").version == JUDGE.version


def test_the_signs_of_a_vigilante_and_what_would_change_the_band_are_told() -> None:
    text = "Nobody answers the phone. I have told the ombudsman."
    (verdict,) = JUDGE.judge([text])
    why = explained(text, verdict)
    assert why.vigilante.band is verdict.vigilante
    assert why.vigilante.reasons == verdict.vigilante_reasons
    weights = {sign.name: sign.weight for sign in why.vigilante.signs}
    assert weights == {"no_answer": 2, "regulator": 2}
    (change,) = [one for one in why.changes if one.about == "vigilante"]
    assert (change.was, change.to) == ("likely", "possible")
    assert "Nobody answers" in change.says


@settings(max_examples=100)
@given(SAID)
def test_the_band_comes_out_of_a_kept_explanation(text: str) -> None:
    (verdict,) = JUDGE.judge([text])
    reading = explained(text, verdict).vigilante
    assert (reading.band, reading.reasons) == (verdict.vigilante, verdict.vigilante_reasons)
