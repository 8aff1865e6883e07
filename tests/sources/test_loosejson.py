from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sources.http.loosejson import Json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abc"), inner),
)


def test_reads_what_is_there() -> None:
    found = Json({"a": {"b": "text", "n": 7, "yes": True, "list": [1, {"c": "x"}]}})
    assert found.text("a", "b") == "text"
    assert (found.whole("a", "n"), found.name("a", "n"), found.name("a", "b")) == (7, "7", "text")
    assert found.flag("a", "yes")
    assert [one.text("c") for one in found.each("a", "list")] == ["", "x"]
    assert found.is_object("a")
    assert found.is_list("a", "list")


def test_a_truth_is_no_number() -> None:
    assert Json({"n": True}).whole("n") is None
    assert not Json({"yes": 1}).flag("yes")


@given(VALUES)
def test_whatever_the_shape_nothing_is_raised(value: object) -> None:
    found = Json(value)
    assert isinstance(found.text("a", "b"), str)
    assert isinstance(found.name("a"), str)
    assert found.whole("a", "b", "c") is None or found.is_object("a", "b")
    assert all(isinstance(one, Json) for one in found.each("a"))
    assert found.is_list("a") == isinstance(found.at("a").value, list)
