"""The fit: around what is known, unique, and no further than the labels ask for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.ridge import NOWHERE, Rows, fit, logistic, rows_from

Floats = np.ndarray


def rows(table: list[list[float]], dense: Floats | None = None, at_least: int = 1) -> Rows:
    whole = np.array(table, np.float64)
    row, places = np.nonzero(whole)
    dense = np.zeros((len(table), 0)) if dense is None else dense
    return rows_from(row, places, whole[row, places], dense, at_least)


TABLES = st.lists(
    st.lists(st.sampled_from([0.0, 0.5, 1.0, -2.0]), min_size=4, max_size=4), min_size=1, max_size=8
)


@given(TABLES, st.integers(0, 5))
@settings(max_examples=60)
def test_rows_multiply_as_a_table_does(table: list[list[float]], seed: int) -> None:
    chance = np.random.default_rng(seed)
    dense = chance.normal(size=(len(table), 3))
    made = rows(table, dense)
    whole = np.zeros((len(table), made.width))
    for row, values in enumerate(table):
        for place, value in enumerate(values):
            if value:
                whole[row, list(made.places).index(place)] = value
    whole[:, len(made.places) :] = dense
    weights, given_ = chance.normal(size=(made.width, 2)), chance.normal(size=(len(table), 2))
    assert np.allclose(made.times(weights), whole @ weights)
    assert np.allclose(made.transposed_times(given_), whole.T @ given_)


def test_rare_places_are_left_out_and_no_row_is_empty() -> None:
    made = rows([[1, 0, 0], [1, 0, 1], [0, 0, 0]], at_least=2)
    assert made.places.tolist() == [0, NOWHERE]
    assert made.times(np.ones((2, 1)))[:, 0].tolist() == [1, 1, 0]


def test_the_slope_is_nothing_where_it_ends() -> None:
    table = rows([[1, 0, 1], [0, 1, 1], [1, 1, 0], [0, 0, 1]])
    targets = np.array([[1.0], [0.0], [1.0], [0.3]])
    offsets = np.array([[0.5], [0.0], [-3.0], [0.0]])
    weights = fit(table, offsets, targets, np.ones(4), 0.5)
    said = logistic(offsets + table.times(weights))
    slope = table.transposed_times(said - targets) + 0.5 * weights
    assert np.abs(slope).max() < 0.01


def test_what_is_known_already_moves_nothing() -> None:
    table = rows([[1, 0], [0, 1]])
    weights = fit(table, np.array([[9.0], [-9.0]]), np.array([[1.0], [0.0]]), np.ones(2), 1.0)
    assert np.abs(weights).max() < 0.001


def test_a_choice_learns_its_classes() -> None:
    table = rows([[1, 0, 0], [0, 1, 0], [0, 0, 1]] * 4)
    targets = np.eye(3)[[0, 1, 2] * 4]
    margins = table.times(fit(table, np.zeros((12, 3)), targets, np.ones(12), 0.1))
    assert margins.argmax(axis=1).tolist() == [0, 1, 2] * 4


@pytest.mark.parametrize("ridge", [0.1, 1.0, 10.0])
def test_a_stronger_ridge_moves_less(ridge: float) -> None:
    table, targets = rows([[1, 0], [0, 1]]), np.array([[1.0], [0.0]])
    weaker = fit(table, np.zeros((2, 1)), targets, np.ones(2), ridge)
    stronger = fit(table, np.zeros((2, 1)), targets, np.ones(2), ridge * 3)
    assert np.abs(stronger).sum() < np.abs(weaker).sum()
