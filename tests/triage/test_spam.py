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
        ("https://example.org/shop/itm/4711", "bare_link"),
        ("please come check our newest song https://example.org/s", "self_promo"),
        ("help me getting 1000 subscribers", "self_promo"),
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
        "@acme https://example.org/screen",
        "#acmefail https://example.org/a",
        "😡 https://example.org/a",
        "https://example.org/damage.jpg",
        "I started a channel subscription and was charged twice, nobody answers",
    ],
)
def test_what_may_need_an_answer_is_never_muted(text: str) -> None:
    (verdict,) = JUDGE.judge([text])
    assert verdict.lane is not Lane.MUTED
    assert verdict.muted_by == ()


@pytest.mark.parametrize("link", ["https://t.co/aBcD12eF", "https://example.org/a/photo.JPG?w=1"])
@pytest.mark.parametrize(
    "said",
    [
        *("Broken again", "Still waiting", "Shame on you", "Explain this", "Look at this"),
        *("Arrived like this", "Mould in my bread", "Cold food", "See photo", "Terrible"),
        *("Third time", "Wrong size", "Day 12", "Unacceptable", "Bad update", "My new phone"),
    ],
)
def test_hardly_a_word_beside_a_picture_is_never_muted(said: str, link: str) -> None:
    (verdict,) = JUDGE.judge([f"{said} {link}"])
    assert verdict.muted_by == ()


@pytest.mark.parametrize(
    "said",
    [
        *("Broken again", "Still waiting", "Worst service", "It does not work", "Cracked", "Scam"),
        *("Trash", "Mouldy", "Leaking", "Down", "Scammers", "Unacceptable", "Kaputt", "Nope"),
    ],
)
def test_a_short_complaint_with_any_link_is_never_muted(said: str) -> None:
    verdicts = JUDGE.judge([f"{said} https://example.org/a", f"https://example.org/a {said}"])
    assert [verdict.muted_by for verdict in verdicts] == [(), ()]


def test_where_no_language_can_be_told_advertising_still_is() -> None:
    (verdict,) = JUDGE.judge(["Gratisz http://example.org/a http://example.org/b mobilka"])
    assert verdict.lang == "unknown"
    assert verdict.muted_by == ("advert",)


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
