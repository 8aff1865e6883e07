"""What was learnt is read in the one pass, and says exactly what it says in a pass of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from triage.judge import Judge
from triage.learning import Example, PostReader, learn
from triage.learnt import Learnt, Meanings
from triage.learnt_judge import Reviser, version_of
from triage.protocols import BrandContext
from triage.verdict import Verdict

MEANINGS = Meanings()
BRAND = BrandContext("Acme", languages=("en", "de"), vigilante=(("press", 1),))
SAID = [
    ("The gate fee is odd", "lane", "question"),
    ("The gate fee again", "lane", "complaint"),
    ("Gate fees for everybody", "severity", "critical"),
    ("fee fee fee", "relevant", "no"),
    ("Die Gebühr", "lang", "de"),
    ("about the fee", "label:fees", "yes"),
]
WORDS = [
    "fee",
    "gate",
    "the",
    "refund",
    "nobody",
    "answers",
    "Gebühr",
    "thanks",
    "@acme",
    "😡",
    "!!",
]


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    examples = [Example(text, text, field, value) for text, field, value in SAID]
    return learn(examples, Judge(BRAND), MEANINGS)


@pytest.fixture(scope="module")
def judges(learnt: Learnt) -> tuple[Judge, InTwo]:
    return Judge(BRAND, learnt=learnt, meanings=MEANINGS), InTwo(learnt)


class InTwo:
    """A judge, and what was learnt read in a pass of its own."""

    def __init__(self, learnt: Learnt) -> None:
        self._judge, self._reader = Judge(BRAND), PostReader()
        self._reviser = Reviser(learnt, MEANINGS)
        self.version = version_of(self._judge.version, learnt)

    def judge(self, texts: list[str]) -> list[Verdict]:
        seen = list(map(self._reader.read, texts, self._judge.judge(texts)))
        return [replace(one, version=self.version) for one in self._reviser.revise(seen)]


@settings(max_examples=80)
@given(
    st.lists(
        st.one_of(
            st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join),
            st.text(st.characters(exclude_categories=())),
        ),
        max_size=4,
    )
)
@example([text for text, _, _ in SAID])
@example(["steps to reproduce gate fee expected behavior TypeError v1.2 " * 9, ""])
def test_one_pass_says_what_two_say(judges: tuple[Judge, InTwo], texts: list[str]) -> None:
    one, two = judges
    assert one.version == two.version
    assert one.judge(texts) == two.judge(texts)


def test_what_was_learnt_moves_a_verdict(judges: tuple[Judge, InTwo]) -> None:
    plain = Judge(BRAND)
    text = "The gate fee is odd, gate fee"
    assert judges[0].judge([text])[0].reasons != plain.judge([text])[0].reasons
    assert judges[0].explain(text).opinion() == plain.explain(text).opinion()
