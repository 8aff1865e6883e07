"""The vigilante band: two lists of reasons, and what is known of the person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.judge import VERSION, Judge
from triage.points import differing, version_of
from triage.protocols import BrandContext
from triage.signals import signal_table
from triage.verdict import Band, Lane, Signal, Verdict
from triage.vigilante import Person, by_person, vigilante
from triage.vigilante_weights import DEFAULTS, FORCES, LEFT, weights_of

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


SIGNALS = st.sets(st.sampled_from(sorted(signal_table().kinds)), max_size=8)
SET = st.dictionaries(st.sampled_from(sorted(DEFAULTS)), st.integers(1, 4), max_size=6)


def test_a_brand_weighs_signs_in_its_own_way() -> None:
    text = "Nobody answers my emails. I have told the newspaper."
    changed = (("press", 0), ("no_answer", 1))
    (usual,) = Judge().judge([text])
    (own,) = (judge := Judge(BrandContext(vigilante=changed))).judge([text])
    assert (usual.vigilante, own.vigilante) == (Band.LIKELY, Band.NO)
    assert own.version == judge.version == f"{VERSION} {version_of('vigilante', changed)}"
    assert usual.version == VERSION
    assert (own.lane, own.complaint_p) == (usual.lane, usual.complaint_p)


def test_the_weights_of_the_person_are_settings_too() -> None:
    verdict = judged("My parcel never arrived")
    assert by_person(verdict, Person(2), weights_of((("posts_from", 2),))).vigilante is (
        Band.POSSIBLE
    )
    assert by_person(verdict, Person(9), weights_of((("posts", 0),))) is verdict
    assert by_person(verdict, Person(9), weights_of((("posts", 1),))).vigilante is Band.NO


@given(SIGNALS, SET, st.booleans(), st.integers(1, 9))
def test_the_band_follows_from_the_weights_of_the_signs(
    names: set[str], changed: dict[str, int], complains: bool, posts: int
) -> None:
    signals = {name: Signal(name, 0, 1, name) for name in names}
    weights = weights_of(differing(changed, DEFAULTS))
    reading = vigilante(signals, (), complains=complains, person=Person(posts), weights=weights)
    left, public = reading.weight("left"), reading.weight("public")
    assert left >= sum(weights.left.get(name, 0) for name in names)
    assert public >= sum(weights.forces.get(name, 0) for name in names)
    if reading.band is not Band.NO:
        assert max(left, public) >= 2
        assert reading.reasons
    if reading.band is Band.LIKELY:
        assert min(left, public) >= 1
    assert reading.without(*reading.signs).band is Band.NO
    assert bool(reading.reasons) is (reading.band is not Band.NO)


def test_equal_weights_have_equal_versions() -> None:
    one = differing({"press": 1, "legal": 0, "on_hold": DEFAULTS["on_hold"]}, DEFAULTS)
    other = differing({"legal": 0, "press": 1}, DEFAULTS)
    alone = differing({"press": 1}, DEFAULTS)
    versions = [version_of("vigilante", points) for points in (one, other, alone)]
    assert versions[0] == versions[1] != versions[2]
    assert version_of("vigilante", differing(dict(DEFAULTS), DEFAULTS)) == ""
    with pytest.raises(KeyError):
        weights_of((("pres", 1),))


def test_every_weight_stands_for_a_signal() -> None:
    assert {*LEFT, *FORCES} <= set(signal_table().kinds)
