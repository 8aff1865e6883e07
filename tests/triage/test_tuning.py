"""Tuning: the setting that finds the issues of people by itself, and the refusal to guess."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from triage.calibration import Calibration
from triage.nearest import Nearest
from triage.refinement import Live
from triage.tuning import FEWEST_LINKS, tune

TOPICS, SIZE, DIMENSIONS = 8, 3_000, 24


@cache
def stream(apart: float, noise: float) -> Live:
    """Posts of eight topics of two parts each, which are so far apart; issues are the parts."""
    chance = np.random.default_rng(4)
    topics = chance.normal(size=(TOPICS, 1, DIMENSIONS))
    parts = topics + apart * chance.normal(size=(TOPICS, 2, DIMENSIONS))
    own = np.arange(SIZE) % (2 * TOPICS)
    points = parts.reshape(-1, DIMENSIONS)[own] + noise * chance.normal(size=(SIZE, DIMENSIONS))
    whole = np.clip(np.rint(points * 30), -127, 127).astype(np.int8)
    rows = Calibration(np.zeros(DIMENSIONS)).centred([row.tobytes() for row in whole])
    found = Nearest(DIMENSIONS, 10, SIZE).find(rows, 0.3 * 400 * 400)
    return Live(own.astype(np.int64) + 1, found.slots, found.products, SIZE)


def shaped(live: Live, *, by_topic: bool, topics: int = TOPICS) -> Live:
    """The stream as people have put it: a topic is one issue, or each part is; the rest is untouched."""
    parts = live.issues - 1
    mine = parts < 2 * topics
    issues = np.where(mine & by_topic, parts // 2 + 101, parts + 1)
    pairs = [(slot, slot + 2 * TOPICS) for slot in range(FEWEST_LINKS)]
    touched = frozenset(issues[mine].tolist())
    return replace(live, issues=issues, touched=touched, together=tuple(pairs))


def test_people_who_merge_make_joining_easier() -> None:
    found = tune(shaped(stream(0.3, 0.45), by_topic=True))
    assert not found.refused
    assert found.best.strictness < 1 == found.now.strictness
    assert found.best.agreement > found.now.agreement + 0.2
    assert found.best.issues < found.now.issues


def test_people_who_split_make_it_harder() -> None:
    found = tune(replace(shaped(stream(0.4, 0.45), by_topic=False), strictness=0.5))
    assert found.best.strictness > 0.5 == found.now.strictness
    assert found.best.agreement > found.now.agreement


def test_it_goes_a_step_at_a_time() -> None:
    live = shaped(stream(0.3, 0.45), by_topic=True)
    first = tune(live)
    assert first.best.strictness == 0.7
    second = tune(replace(live, strictness=1.4))
    assert second.best.strictness in (1.0, 1.4)


def test_what_would_change_in_other_issues_is_told() -> None:
    found = tune(shaped(stream(0.3, 0.45), by_topic=True, topics=TOPICS - 1))
    assert (15, 16) in found.joined
    back = tune(replace(shaped(stream(0.5, 0.3), by_topic=False), strictness=1.4))
    assert back.best.strictness == 1.0
    assert back.parted == ()


def test_a_good_setting_is_left_alone() -> None:
    found = tune(shaped(stream(0.5, 0.3), by_topic=False))
    assert found.best == found.now
    assert (found.joined, found.parted) == ((), ())


@pytest.mark.parametrize("few", ["links", "issues", "nothing"])
def test_too_little_is_said(few: str) -> None:
    live = shaped(stream(0.3, 0.45), by_topic=True)
    if few == "links":
        live = replace(live, together=live.together[:3])
    elif few == "issues":
        live = replace(live, touched=frozenset(list(live.touched)[:2]))
    else:
        none = np.empty((0, 10), np.int32)
        live = Live(np.empty(0, np.int64), none, none.astype(np.float32), 0)
    found = tune(live)
    assert "needed" in found.refused
    assert found.best == found.now


def test_the_setting_in_use_is_what_others_are_measured_by() -> None:
    live = replace(shaped(stream(0.3, 0.45), by_topic=True), strictness=0.6)
    found = tune(live)
    assert found.now.strictness == 0.6
    assert 0.6 in {one.strictness for one in found.tried}
    assert found.best.agreement >= found.now.agreement
