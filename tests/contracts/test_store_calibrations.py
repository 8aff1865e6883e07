"""Every store: what was fitted to a brand is kept, used, taken back, and names what is judged anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from listener.errors import Conflict
from listener.store.calibrations import GROUPING, NewCalibration
from listener.store.protocol import Store

AT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
NEW = NewCalibration("Acme", "a1", "weights \x1b \u202e ü", "bo", AT, note="from 40 corrections")


class TestCalibrate:
    def test_it_is_in_use_from_now_on(self, store: Store, opened: Callable[[], Store]) -> None:
        assert store.calibrated() == {}
        done = store.calibrate(NEW)
        assert done is not None
        assert (done.action, done.entity, done.actor, done.note) == (
            "learn",
            "calibration",
            "bo",
            "from 40 corrections",
        )
        assert (done.before, done.after) == ({"in_use": 0}, {"in_use": done.entity_id})
        assert store.history()[0] == done
        with opened() as other:
            assert other.calibrated() == {"Acme": done.entity_id}
            kept = other.calibration(done.entity_id)
        assert kept is not None
        assert (kept.brand, kept.version, kept.setting) == ("Acme", "a1", NEW.setting)
        assert (kept.actor, kept.at, kept.undone_at, kept.history) == ("bo", AT, None, done.id)
        assert kept.note == "from 40 corrections"
        assert store.calibration(99) is None

    def test_only_after_what_it_was_fitted_beside(self, store: Store) -> None:
        first = store.calibrate(NEW)
        assert first is not None
        assert store.calibrate(replace(NEW, version="a2")) is None
        assert store.calibrated() == {"Acme": first.entity_id}
        assert len(store.history()) == 1
        second = store.calibrate(replace(NEW, version="a2", replaces=first.entity_id))
        assert second is not None
        assert store.calibrated() == {"Acme": second.entity_id}
        assert store.calibrate(replace(NEW, brand="Other")) is not None

    def test_all_are_listed_without_their_weight(self, store: Store) -> None:
        first = store.calibrate(NEW)
        assert first is not None
        store.calibrate(replace(NEW, version="a2", replaces=first.entity_id))
        store.calibrate(replace(NEW, brand="Other", version="b1"))
        assert [(row.version, row.setting) for row in store.calibrations("Acme")] == [
            ("a2", ""),
            ("a1", ""),
        ]
        assert [row.version for row in store.calibrations()] == ["b1", "a2", "a1"]

    def test_groups_are_calibrated_beside_the_judge(self, store: Store) -> None:
        tuned = replace(NEW, name=GROUPING, setting='{"strictness": 1.4}')
        assert store.calibrate(NEW) is not None
        first = store.calibrate(tuned)
        assert first is not None
        assert first.action == "tune"
        second = store.calibrate(
            replace(tuned, setting='{"strictness": 2.0}', replaces=first.entity_id)
        )
        assert second is not None
        assert store.calibrated(GROUPING) == {"Acme": second.entity_id}
        assert len(store.calibrations("Acme")) == 1
        for done, left in ((None, 2.0), (second, 1.4), (first, 1.0)):
            if done is not None:
                assert store.undo(done.id, "cy", AT) is not None
            with store.triage() as scope:
                assert scope.decided("Acme").strictness == left
        assert store.calibrated(GROUPING) == {}
        assert store.calibrated() != {}


class TestUndo:
    def test_what_was_used_before_is_used_again(self, store: Store) -> None:
        first = store.calibrate(NEW)
        assert first is not None
        second = store.calibrate(replace(NEW, version="a2", replaces=first.entity_id))
        assert second is not None
        assert store.undo(first.id, "cy", AT) is None
        undone = store.undo(second.id, "cy", AT)
        assert undone is not None
        assert (undone.actor, undone.undoes, undone.after) == (
            "cy",
            second.id,
            {"in_use": first.entity_id},
        )
        assert store.calibrated() == {"Acme": first.entity_id}
        kept = store.calibration(second.entity_id)
        assert kept is not None
        assert kept.undone_at == AT
        with pytest.raises(Conflict):
            store.undo(second.id, "cy", AT)
        assert store.undo(first.id, "cy", AT) is not None
        assert store.calibrated() == {}
        again = store.calibrate(NEW)
        assert again is not None


def test_what_another_version_judged_is_judged_again(store: Store, world: Any) -> None:
    world.collect(world.mention("1", "x"))
    world.triage()
    world.collect(world.mention("2", "y"))
    world.triage(brands=("",))
    world.collect(world.mention("3", "z"))
    world.triage(brands=("Other",))
    assert store.judge_again("v1", {}) == 0
    assert store.judge_again("v1", {"Acme": "v1", "Nobody": "v2"}) == 0
    assert store.judge_again("v1", {"Acme": "v1+a1"}) == 1
    assert [one.mention.external_id for one in store.pending(10)] == ["1"]
    assert store.judge_again("v1", {"Acme": "v1+a1"}) == 0
    assert store.judge_again("v2", {"Acme": "v1"}) == 2
    assert store.totals().pending == 3
    world.collect(tombstones=["1", "2", "3"])
    assert store.judge_again("v3", {}) == 0
