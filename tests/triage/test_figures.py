"""Figures in words: their parts are the judge's own, and add up to what it said."""

from __future__ import annotations

from math import exp

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from triage.figures import MOOD, SAYS, figures
from triage.judge import Judge
from triage.protocols import BrandContext

JUDGE = Judge(BrandContext(name="Acme Bank"))
ANGRY = "On hold for two hours, nobody answers, I want my refund!!"
GERMAN = "Was für ein schrecklicher Service, nie wieder!"
WORDS = ("refund", "nobody answers", "great", "😡", "schrecklicher Service", "никто", "@acme", "!!")
SAID = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=()), max_size=200),
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
)


@settings(max_examples=60)
@given(SAID)
@example(ANGRY)
@example(GERMAN)
@example("Никто не отвечает уже три недели 😡")
@example("Steps to reproduce\n1. open\nExpected behavior\nActual: TypeError at main.js:1:2 v1.82")
def test_the_parts_add_up_to_what_was_said(text: str) -> None:
    (verdict,) = JUDGE.judge([text])
    found = {one.about: one for one in figures(JUDGE.explain(text, verdict.lang))}
    for one in found.values():
        added = one.start + sum(part.added for part in one.parts)
        assert added == pytest.approx(one.total, abs=1e-9)
    complaint = found["complaint"]
    assert complaint.chance == verdict.complaint_p
    assert 1 / (1 + exp(-complaint.total)) == pytest.approx(complaint.chance, abs=1e-4)
    if "mood" in found:
        assert found["mood"].head.endswith(verdict.sentiment.label)


def test_a_part_is_told_in_words() -> None:
    complaint = figures(JUDGE.explain(ANGRY, "en"))[0]
    says = {part.name: (part.says, part.quoted) for part in complaint.parts if not part.quoted}
    assert says["no_answer"] == ("nobody answers", False)
    assert says["refund"] == ("wants money back", False)
    assert ("service_reading", "the customer-service reading") in {
        (part.name, part.says) for part in complaint.parts
    }
    assert any(part.quoted and part.says in ANGRY.lower() for part in complaint.parts)
    sizes = [abs(part.added) for part in complaint.parts if part.says != SAYS["…"]]
    assert sizes == sorted(sizes, reverse=True)


def test_the_mood_of_a_language_that_has_one_is_a_part() -> None:
    complaint = figures(JUDGE.explain(GERMAN, "de"))[0]
    (mood,) = [part for part in complaint.parts if part.says == MOOD]
    assert mood.added > 0
