"""What is muted, and what never is."""

import pytest

from triage.judge import Judge
from triage.spam import muted_by
from triage.verdict import Lane

JUDGE = Judge()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("50% off with code SAVE50, shop now https://example.org", "promo"),
        ("Please subscribe to my channel", "promo"),
        ("RT @acme: our branch in Leeds is open", "repost"),
        ("Job alert: branch manager https://example.org/j", "job"),
        ("Acme announces record profit https://example.org/n", "news"),
    ],
)
def test_muted_with_the_rule_named(text: str, rule: str) -> None:
    (verdict,) = JUDGE.judge([text])
    assert verdict.lane is Lane.MUTED
    assert rule in verdict.muted_by


@pytest.mark.parametrize(
    "text",
    [
        "Your discount code does not work and nobody answers",
        "Too little, too late RT @acme: we are sorry",
        "I entered the giveaway and my account was locked!",
        "Is the promo code still valid?",
        "They are hiring but can't answer a phone, on hold for 2 hours",
        "Please help, your new single sign-on is broken",
    ],
)
def test_what_may_need_an_answer_is_never_muted(text: str) -> None:
    (verdict,) = JUDGE.judge([text])
    assert verdict.lane is not Lane.MUTED
    assert verdict.muted_by == ()


@pytest.mark.parametrize(
    ("features", "complaint", "spam", "muted"),
    [
        ((), 0.2, 0.59, False),
        ((), 0.2, 0.6, True),
        (("question",), 0.2, 0.6, False),
        (("question",), 0.2, 0.7, True),
        ((), 0.55, 0.65, False),
        ((), 0.55, 0.75, True),
        ((), 0.8, 0.75, False),
        (("addressed",), 0.0, 0.99, False),
        (("safety",), 0.0, 0.99, False),
    ],
)
def test_the_head_mutes_only_when_surer_than_of_a_complaint(
    features: tuple[str, ...], complaint: float, spam: float, muted: bool
) -> None:
    rules = muted_by(dict.fromkeys(features, 1.0), complaint, spam)
    assert [rule.name for rule in rules] == (["advert"] if muted else [])
