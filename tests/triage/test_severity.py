"""How bad a complaint is, and how bad it is at least by a brand's policy."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.explanation import explained_from, fields
from triage.judge import Judge
from triage.points import differing, version_of
from triage.protocols import BrandContext
from triage.severity import LIFTS, WATCHED, lifted, lifts_of, severity_band
from triage.verdict import Lane

ORDER = ["none", "low", "medium", "high", "critical"]
DANGER = "The charger caught fire and burnt my hand, I am still waiting for an answer"
COURT = "My parcel never arrived. I will see you in court"


@given(st.floats(0, 4), st.integers(0, 4))
def test_a_lift_is_a_least_band_and_never_lowers_one(expected: float, points: int) -> None:
    plain, lifted_to = severity_band(expected), severity_band(expected, points)
    assert ORDER.index(lifted_to) == max(ORDER.index(plain), points)


@given(st.dictionaries(st.sampled_from(sorted(LIFTS)), st.integers(0, 4)))
def test_only_points_that_differ_name_a_version(points: dict[str, int]) -> None:
    changed = differing(points, LIFTS)
    assert lifts_of(changed) == {name: n for name, n in {**LIFTS, **points}.items() if n}
    assert (version_of("severe", changed) == "") is all(
        LIFTS[name] == n for name, n in points.items()
    )
    assert lifted(list(points), lifts_of(changed)) == max(points.values(), default=0)


def test_an_unknown_signal_is_an_error() -> None:
    with pytest.raises(KeyError):
        lifts_of((("safty", 1),))


def test_points_of_a_brand_lift_and_do_not_lift() -> None:
    house = Judge()
    own = Judge(BrandContext(severe=(("legal", 4), ("safety", 0))))
    (before, court), (after, critical) = house.judge([DANGER, COURT]), own.judge([DANGER, COURT])
    assert "severe-" in critical.version
    assert "severe-" not in court.version
    assert before.severity_band == "high"
    assert any(one.text.startswith("high by policy: ") for one in before.reasons)
    assert not any("by policy" in one.text for one in after.reasons)
    assert (court.severity, critical.severity_band) == (critical.severity, "critical")
    assert any(one.text.startswith("critical by policy: ") for one in critical.reasons)


def test_what_speaks_of_danger_is_never_muted_whatever_its_points() -> None:
    nothing = tuple((name, 0) for name in WATCHED)
    text = f"{DANGER} subscribe to my channel https://example.org/a"
    (verdict,) = Judge(BrandContext(severe=nothing)).judge([text])
    assert verdict.lane is not Lane.MUTED


def test_an_explanation_names_what_lifts_and_what_would_change_it() -> None:
    explained = Judge(BrandContext(severe=(("legal", 4),))).explain(COURT, "en")
    (lift,) = explained.lifts
    assert (lift.name, lift.points, lift.band) == ("legal", 4, "critical")
    (change,) = [
        one for one in explained.changes if one.about == "severity" and lift.words in one.without
    ]
    assert change.was == "critical"
    assert ORDER.index(change.to) < ORDER.index("critical")
    assert explained_from(json.loads(json.dumps(fields(explained)))) == explained


def test_what_was_explained_before_there_were_lifts_has_none() -> None:
    kept = fields(Judge().explain(COURT, "en"))
    del kept["severe"]
    assert explained_from(kept).lifts == ()
