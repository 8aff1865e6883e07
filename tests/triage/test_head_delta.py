"""Corrections added to the trained heads: exact, deterministic, and gone without a trace."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.head_delta import (
    FEATURES,
    DeltaMismatchError,
    HeadChange,
    HeadDelta,
    PostVector,
    changed,
    delta_from,
    vectors,
)
from triage.heads import FINE, HeadModel, TrainedHeads, packaged
from triage.ngrams import ONE

POST = ["The", "app", "froze", "twice", "and", "nobody", "answers", "the", "phone"]
OTHER = ["What", "a", "lovely", "concert", "last", "night"]
FOUND = {"broken": 1.0, "service_reading": -0.4, "unheard of": 1.0}


def vector(words: list[str], found: dict[str, float] | None = None) -> PostVector:
    (one,) = vectors(packaged(), [words], [found or {}])
    return one


def change(head: str, words: list[str], by: float, bias: float = 0.0) -> HeadChange:
    seen = vector(words)
    return HeadChange(head, bias, seen.indices, (seen.values * by).astype(np.float32))


def delta(*changes: HeadChange) -> HeadDelta:
    return HeadDelta(packaged().version, changes)


def margins(model: HeadModel, words: list[str]) -> dict[str, float]:
    heads = TrainedHeads(model)
    return dict(zip(heads.names, heads.margins([words], [FOUND])[0].tolist(), strict=True))


def weights(model: HeadModel, head: str) -> np.ndarray:
    column = model.names.index(head)
    kinds = (model.table.words, model.table.letters, model.table.pairs)
    grams = np.concatenate([kind[:, column] for kind in kinds]).astype(float)
    return np.concatenate([grams * model.unit[column] * ONE, model.weights[:, column] / FINE])


@settings(max_examples=40)
@given(st.text(max_size=200), st.sampled_from(packaged().names))
def test_the_vector_and_the_weights_make_the_margin(text: str, head: str) -> None:
    model, words = packaged(), text.split()
    seen = vector(words, FOUND)
    said = model.bias[model.names.index(head)] + weights(model, head)[seen.indices] @ seen.values
    # Only the letters of a token are rounded, to a unit each.
    assert said == pytest.approx(margins(model, words)[head], abs=0.02)
    assert (np.diff(seen.indices) > 0).all()
    assert (seen.indices[seen.indices >= FEATURES] - FEATURES < len(model.features)).all()


def test_a_delta_adds_what_it_says() -> None:
    model = changed(packaged(), delta(change("complaint", POST, 0.7, bias=0.25)))
    seen = vector(POST)
    added = 0.25 + 0.7 * float(seen.values @ seen.values)
    before, after = margins(packaged(), POST), margins(model, POST)
    assert after["complaint"] - before["complaint"] == pytest.approx(added, abs=0.002)


def test_other_heads_say_exactly_what_they_said() -> None:
    model = changed(packaged(), delta(change("complaint", POST, 3.0)))
    before, after = margins(packaged(), POST), margins(model, POST)
    assert {name for name in before if before[name] != after[name]} == {"complaint"}


def test_the_base_is_left_as_it_was() -> None:
    before = margins(packaged(), POST)
    changed(packaged(), delta(change("complaint", POST, 3.0, bias=1.0)))
    assert margins(packaged(), POST) == before


def test_a_new_head_is_a_yes_or_no_of_its_own() -> None:
    model = changed(packaged(), delta(change("our label", POST, 4.0, bias=-2.0)))
    heads = TrainedHeads(model)
    mine, others = heads.read([POST, OTHER], [{}, {}])
    seen = vector(POST)
    assert margins(model, POST)["our label"] == pytest.approx(
        -2 + 4 * float(seen.values @ seen.values), abs=0.002
    )
    assert mine["our label"] > 0.8
    assert others["our label"] < 0.3
    assert heads.explain(POST, {}, "our label").margin == heads.margins([POST], [{}])[0, -1]


def test_the_same_changes_have_one_name_in_any_order() -> None:
    one, two = change("complaint", POST, 0.7), change("spam", OTHER, -1.0)
    ways = [changed(packaged(), delta(*some)) for some in ((one, two), (two, one))]
    assert ways[0].version == ways[1].version
    assert margins(ways[0], OTHER) == margins(ways[1], OTHER)
    assert ways[0].version.startswith(f"{packaged().version}+")
    assert delta(one).id != delta(two).id


def test_a_delta_survives_being_stored() -> None:
    said = delta(change("complaint", POST, 0.7, bias=0.1), change("mine", OTHER, 2.0))
    again = delta_from(said.to_bytes())
    assert again.to_bytes() == said.to_bytes()
    assert margins(changed(packaged(), again), POST) == margins(changed(packaged(), said), POST)


@pytest.mark.parametrize("data", [b"", b"no archive", delta().to_bytes()[:40]])
def test_anything_else_is_no_delta(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a stored delta"):
        delta_from(data)


def test_a_delta_of_another_model_is_refused() -> None:
    with pytest.raises(DeltaMismatchError, match="learn them again"):
        changed(packaged(), HeadDelta("heads-older", ()))


@pytest.mark.parametrize("place", [-1, FEATURES + 1_000])
def test_a_place_outside_the_model_is_refused(place: int) -> None:
    wrong = HeadChange("complaint", 0.0, np.array([place]), np.array([1.0], np.float32))
    with pytest.raises(DeltaMismatchError, match="places are 0 to"):
        changed(packaged(), delta(wrong))


def test_enormous_weights_overflow_nothing() -> None:
    seen = vector(POST)
    huge = HeadChange("complaint", 0.0, seen.indices, np.full(len(seen.indices), 1e9, np.float32))
    model = changed(packaged(), delta(huge))
    assert margins(model, POST * 100)["complaint"] > 100
