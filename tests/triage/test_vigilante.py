"""The vigilante band: two lists of reasons, and what is known of the person."""

import pytest

from triage.judge import Judge
from triage.verdict import Band, Lane, Verdict
from triage.vigilante import Person, by_person

JUDGE = Judge()


def judged(text: str) -> Verdict:
    (verdict,) = JUDGE.judge([text])
    return verdict


def test_both_lists_are_told_apart() -> None:
    verdict = judged("No reply to three emails. I will tell everyone I know, and the ombudsman.")
    assert verdict.vigilante is Band.LIKELY
    assert "left the official channel: “No reply”" in verdict.vigilante_reasons
    assert "goes public: “ombudsman”" in verdict.vigilante_reasons


@pytest.mark.parametrize(
    ("person", "text", "band"),
    [
        (Person(), "My parcel never arrived", Band.NO),
        (Person(posts=2), "My parcel never arrived", Band.NO),
        (Person(posts=3), "My parcel never arrived", Band.POSSIBLE),
        (Person(posts=3), "No reply about my missing parcel", Band.LIKELY),
        (Person(followers=9_999), "No reply about my missing parcel", Band.POSSIBLE),
        (Person(followers=10_000), "No reply about my missing parcel", Band.LIKELY),
        (Person(followers=1_000_000), "My parcel never arrived", Band.NO),
        (Person(9, 1_000_000), "Thank you for the parcel, great service!", Band.NO),
    ],
)
def test_repeated_posts_and_reach_count(person: Person, text: str, band: Band) -> None:
    verdict = by_person(judged(text), person)
    assert verdict.vigilante is band
    assert bool(verdict.vigilante_reasons) == (band is not Band.NO)
    assert by_person(verdict, person) == verdict


def test_what_is_known_of_the_person_is_said_and_all_else_stays() -> None:
    before = judged("No reply about my missing parcel")
    after = by_person(before, Person(4, 20_000))
    assert "goes public: has posted 4 times about it" in after.vigilante_reasons
    assert "goes public: is read by 20,000 followers" in after.vigilante_reasons
    assert (after.lane, after.severity, after.signals) == (
        before.lane,
        before.severity,
        before.signals,
    )
    others = [reason for reason in before.reasons if reason.about != "vigilante"]
    assert [reason for reason in after.reasons if reason.about != "vigilante"] == others


def test_what_is_muted_stays_muted() -> None:
    verdict = judged("RT @ann: on hold for hours, avoid them")
    assert verdict.lane is Lane.MUTED
    assert by_person(verdict, Person(9, 1_000_000)) is verdict


def test_danger_is_never_left_in_other() -> None:
    verdict = judged("there is a smell of gas in the hallway since your engineer left")
    assert verdict.lane is Lane.COMPLAINT
    assert any("speaks of danger" in reason.text for reason in verdict.reasons)
