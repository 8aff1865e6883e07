from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.calibration import Calibration, Rows
from triage.nearest import EXACT, Found, Nearest

NEAR = 0.3 * 400 * 400


def rows_around(seed: int, count: int, topics: int, dimensions: int = 16) -> Rows:
    """Rows scattered around as many directions as there are topics."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(topics, dimensions))
    points = centres[chance.integers(topics, size=count)] + chance.normal(
        scale=0.6, size=(count, dimensions)
    )
    whole = np.clip(np.rint(points * 40), -127, 127).astype(np.int8)
    return Calibration(np.zeros(dimensions)).centred([row.tobytes() for row in whole])


def fill(nearest: Nearest, rows: Rows, cuts: list[int]) -> Found:
    """Find and append in stretches that end at the cuts and wherever cells are learnt."""
    parts = []
    for start, end in pairwise([0, *cuts, len(rows)]):
        at = start
        while at < end:
            stretch = rows[at : min(end, at + nearest.until_learning)]
            parts.append(nearest.find(stretch, NEAR))
            nearest.append(stretch)
            at += len(stretch)
    return Found(
        np.concatenate([part.slots for part in parts]),
        np.concatenate([part.products for part in parts]),
    )


def brute(rows: Rows, neighbours: int) -> list[list[int]]:
    found = []
    for at, row in enumerate(rows):
        products = rows[:at] @ row
        order = sorted(range(at), key=lambda slot: (-products[slot], slot))
        found.append([slot for slot in order if products[slot] >= NEAR][:neighbours])
    return found


def listed(found: Found) -> list[list[int]]:
    return [[slot for slot in row if slot >= 0] for row in found.slots.tolist()]


@settings(max_examples=25)
@given(st.integers(0, 5), st.sets(st.integers(1, 119), max_size=5))
def test_few_posts_are_all_compared_in_any_stretches(seed: int, cuts: set[int]) -> None:
    rows = rows_around(seed, 120, 4)
    assert listed(fill(Nearest(16, 5, 200), rows, sorted(cuts))) == brute(rows, 5)


@pytest.fixture(scope="module")
def many() -> Rows:
    return rows_around(9, EXACT + 2_000, 300)


def test_cells_find_nearly_all_and_do_not_depend_on_stretches(many: Rows) -> None:
    long, short = Nearest(16, 5, len(many)), Nearest(16, 5, len(many))
    whole = fill(long, many, list(range(1_000, len(many), 1_000)))
    cuts = [*range(1_000, EXACT, 1_000), *range(EXACT, len(many), 37)]
    assert np.array_equal(whole.slots, fill(short, many, cuts).slots)
    late = range(len(many) - 200, len(many))
    exact = many @ many.T
    right = total = 0
    for at in late:
        best = np.argsort(-exact[at, :at], kind="stable")[:5]
        wanted = {int(slot) for slot in best if exact[at, slot] >= NEAR}
        right += len(wanted & set(whole.slots[at].tolist()))
        total += len(wanted)
    assert right / total > 0.9


def test_the_older_comes_first_among_equals() -> None:
    rows = np.repeat(rows_around(1, 1, 1), 8, axis=0)
    nearest = Nearest(16, 3, 10)
    nearest.append(rows[:6])
    assert listed(nearest.find(rows[6:], NEAR)) == [[0, 1, 2], [0, 1, 2]]


def test_dropped_posts_are_found_no_more_and_slots_count_anew(many: Rows) -> None:
    nearest = Nearest(16, 5, len(many))
    fill(nearest, many, [])
    nearest.drop(len(many) - 100)
    assert len(nearest) == 100
    found = nearest.find(many[-1:], NEAR)
    assert found.slots[0, 0] == 99


def test_nothing_is_near_when_nothing_is_there() -> None:
    found = Nearest(16, 5, 10).find(rows_around(1, 1, 1), NEAR)
    assert listed(found) == [[]]


def test_no_rows_find_nothing(many: Rows) -> None:
    nearest = Nearest(16, 5, len(many))
    assert nearest.find(many[:0], NEAR).slots.shape == (0, 5)
    fill(nearest, many, [])  # enough for cells
    assert nearest.find(many[:0], NEAR).slots.shape == (0, 5)
