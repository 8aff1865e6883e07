"""The guard, the choice of posts to label, and contradictions: what may be trusted, and what not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.contradictions import contradictions
from triage.guard import AUDIT, KEPT_APART, Figure, Guard, fold_of, refusal
from triage.judge import Judge
from triage.learning import Example, learn
from triage.learnt import Meanings
from triage.learnt_judge import JudgedOnce
from triage.protocols import BrandContext
from triage.sampling import RANDOM, TOP, UNSURE, Candidate, mixed

MEANINGS = Meanings()
FEES = [f"the transfer fee of {who} in {where}" for who in ("ann", "ben") for where in "abcdefgh"]
GATES = [f"the garden gate of {who} in {where}" for who in ("ann", "ben") for where in "abcdefgh"]


@pytest.fixture(scope="module")
def judge() -> JudgedOnce:
    return JudgedOnce(Judge(BrandContext("Northgate")))


def said(texts: list[str], field: str, value: str) -> list[Example]:
    return [Example(text, text, field, value) for text in texts]


class TestGuard:
    def test_corrections_are_measured_by_what_the_others_teach(self, judge: JudgedOnce) -> None:
        examples = said(FEES, "lane", "praise")
        guard, new = Guard(judge, MEANINGS), learn(examples, judge, MEANINGS)
        [figure] = guard.figures(examples, [], None, new)
        assert (figure.field, figure.sample, figure.asked) == ("lane", KEPT_APART, 16)
        assert figure.before == 0
        assert figure.after > 12
        assert refusal([figure]) == ""

    def test_the_audit_sample_speaks_against_what_harms_it(self, judge: JudgedOnce) -> None:
        examples = said(FEES[:12], "relevant", "no")
        audit = said(FEES[12:], "relevant", "yes")
        new = learn(examples, judge, MEANINGS)
        figures = Guard(judge, MEANINGS).figures(examples, audit, None, new)
        assert Figure("relevant", AUDIT, 4, 4, 0) in figures
        assert refusal(figures) == "relevant: 4 of 4 were right in the audit sample, 0 would be"
        after = Guard(judge, MEANINGS).figures(examples, audit, new, new)
        assert Figure("relevant", AUDIT, 4, 0, 0) in after

    def test_a_label_of_ones_own_is_never_worse(self) -> None:
        assert not Figure("label:fees", KEPT_APART, 10, 9, 5).worse
        assert Figure("lane", KEPT_APART, 10, 9, 5).worse

    def test_many_corrections_are_measured_by_one_fold(
        self, judge: JudgedOnce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("triage.guard.MANY", 10)
        examples = said(FEES + GATES, "lane", "question")
        new = learn(examples, judge, MEANINGS)
        [figure] = Guard(judge, MEANINGS).figures(examples, [], None, new)
        assert figure.asked == sum(fold_of(text) == 0 for text in FEES + GATES)

    def test_copies_are_kept_apart_together(self) -> None:
        assert fold_of("My FEE!! https://a.example @bob") == fold_of("my fee!! @ann")
        assert len({fold_of(text) for text in FEES + GATES}) > 1


class TestMixed:
    def candidates(self) -> list[Candidate]:
        return [Candidate(n, f"post {n}", n / 10 - 2.0, n % 10 == 3) for n in range(1, 41)]

    def test_half_likely_half_unsure_one_at_random(self) -> None:
        picks = mixed(self.candidates(), 11)
        whys = [pick.why for pick in picks]
        assert [whys.count(why) for why in (TOP, UNSURE, RANDOM)] == [5, 5, 1]
        assert [pick.candidate.id for pick in picks[:5]] == [40, 39, 38, 37, 36]
        assert {pick.candidate.id for pick in picks[5:10]} == {20, 19, 21, 18, 22}
        assert picks[-1].candidate.audit

    def test_the_same_words_are_offered_once(self) -> None:
        same = [
            Candidate(n, f"Same WORDS @a{n} https://x.example/{n}", 1.0, False) for n in range(9)
        ]
        assert len(mixed(same, 5)) == 1

    @given(
        st.lists(
            st.tuples(st.integers(1, 99), st.floats(-9, 9), st.booleans()),
            unique_by=lambda one: one[0],
        ),
        st.integers(0, 12),
    )
    def test_no_more_than_asked_and_none_twice(
        self, given_: list[tuple[int, float, bool]], count: int
    ) -> None:
        made = [Candidate(id, f"post {id}", score, audit) for id, score, audit in given_]
        picks = mixed(made, count)
        assert len(picks) <= count
        assert len({pick.candidate.id for pick in picks}) == len(picks)
        assert sum(pick.candidate.audit for pick in picks) <= 1
        assert mixed(made[::-1], count) == picks


class TestContradictions:
    def test_nearly_the_same_words_with_two_answers(self) -> None:
        long = "They charged my card twice and nobody at the bank answers the telephone"
        one = Example("1", long, "lane", "complaint")
        other = Example("2", f"RT @bob: {long}!", "lane", "question")
        apart = Example("3", "The garden gate of the bank is green and old", "lane", "other")
        same = Example("4", f"{long} :(", "severity", "high")
        [found] = contradictions([apart, other, same, one])
        assert found == (one, other)
        assert contradictions([one, apart, same]) == []
