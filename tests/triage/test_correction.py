"""A person's word wins over the judge's, and leaves what it does not speak of."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.audit import ONE_IN, sampled
from triage.correction import FIELDS, SEVERITIES, check, corrected, value_of
from triage.relevance import NOBODYS, not_relevant
from triage.severity import BANDS, NONE
from triage.verdict import Band, Lane, Sentiment, Verdict

SPAM = Verdict(
    version="v1",
    lang="en",
    sentiment=Sentiment("neutral", 0.0, 0.0),
    complaint_p=0.2,
    complaint=Band.NO,
    severity=0.3,
    severity_band="none",
    lane=Lane.MUTED,
    lanes=(("complaint", 0.2), ("question", 0.5), ("idea", 0.1), ("praise", 0.1), ("other", 0.4)),
    vigilante=Band.NO,
    vigilante_reasons=(),
    signals=(),
    reasons=(),
    muted_by=("promotion",),
)
COMPLAINT = replace(SPAM, lane=Lane.COMPLAINT, complaint=Band.LIKELY, muted_by=())

VALUES = {
    "relevant": st.sampled_from(["yes", "no"]),
    "complaint": st.sampled_from(["yes", "no"]),
    "lane": st.sampled_from([lane.value for lane in Lane]),
    "severity": st.sampled_from(list(SEVERITIES)),
    "lang": st.sampled_from(["en", "de"]),
}
ANY_FIELD = st.sampled_from(FIELDS).flatmap(lambda field: st.tuples(st.just(field), VALUES[field]))


@given(st.sampled_from([SPAM, COMPLAINT, not_relevant("v1")]), ANY_FIELD)
def test_a_verdict_says_what_it_was_corrected_to(verdict: Verdict, field: tuple[str, str]) -> None:
    now = corrected(verdict, [field])
    assert value_of(now, field[0]) == field[1]
    assert (now.lane is Lane.MUTED) == bool(now.muted_by)


@given(st.sampled_from([SPAM, COMPLAINT, not_relevant("v1")]), st.lists(ANY_FIELD, max_size=4))
def test_the_same_corrections_again_change_nothing(
    verdict: Verdict, fields: list[tuple[str, str]]
) -> None:
    last = list(dict(fields).items())
    once = corrected(verdict, last)
    assert corrected(once, last) == once
    kept = ("version", "sentiment", "complaint_p", "lanes", "signals", "reasons")
    assert all(getattr(once, name) == getattr(verdict, name) for name in kept)


def test_no_complaint_goes_where_the_judge_would_have_it_next() -> None:
    assert corrected(COMPLAINT, [("complaint", "no")]).lane is Lane.QUESTION
    assert corrected(SPAM, [("complaint", "no")]) == SPAM, "it is none already"


def test_what_is_about_no_brand_is_muted_so() -> None:
    now = corrected(COMPLAINT, [("relevant", "no")])
    assert (now.lane, now.muted_by) == (Lane.MUTED, (NOBODYS,))
    assert corrected(now, [("relevant", "yes")]).lane is Lane.QUESTION


def test_every_band_has_a_severity_within_it() -> None:
    for band, severity in SEVERITIES.items():
        assert next((name for limit, name in BANDS if severity >= limit), NONE) == band


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lane", "spam"),
        ("severity", "5"),
        ("relevant", "maybe"),
        ("lang", "English"),
        ("mood", "x"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(field: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"there are: \w+|such as en"):
        check(field, value)


def test_the_sample_is_the_same_two_percent_for_everybody() -> None:
    found = [sampled("reddit", f"t3_{number}") for number in range(20_000)]
    assert abs(sum(found) - 20_000 / ONE_IN) < 80
    assert found == [sampled("reddit", f"t3_{number}") for number in range(20_000)]
    assert [sampled("x", f"t3_{number}") for number in range(2_000)] != found[:2_000]
    assert isinstance(sampled("x", "\ud83d"), bool)
