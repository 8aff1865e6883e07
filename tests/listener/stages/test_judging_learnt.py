"""What was put to use is taken up at the next batch, by helpers too; what cannot be read is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from listener.learning.setting import Setting, readable, setting_of
from listener.stages.judging import WORTH_HELP, Judging
from listener.stages.judging_learnt import JudgingLearnt
from listener.store import open_store
from listener.store.calibrations import NewCalibration
from listener.store.protocol import Store
from triage.guard import Figure
from triage.judge import VERSION, Judge
from triage.learning import Example, learn
from triage.protocols import BrandContext
from triage.verdict import Lane

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BRANDS = {"Acme": BrandContext("Acme"), "Other": BrandContext("Other")}
FEES = [f"the transfer fee of {who}" for who in ("ann", "ben", "cleo", "dave", "eve")]


@pytest.fixture(scope="module")
def taught() -> bytes:
    examples = [Example(text, text, "lane", "praise") for text in FEES[1:]]
    return learn(examples, Judge(BRANDS["Acme"])).to_bytes()


def used(store: Store, setting: str, replaces: int = 0) -> int:
    done = store.calibrate(NewCalibration("Acme", "a1", setting, "ann", AT, replaces))
    assert done is not None
    return done.id


def test_it_is_taken_up_and_given_up_at_the_next_batch(tmp_path: Path, taught: bytes) -> None:
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        judging = JudgingLearnt(store, BRANDS)
        before = judging.read("Acme", FEES[:1])
        assert judging.versions() == {}
        move = used(store, Setting(taught, VERSION, 4).text())
        judging.refresh()
        [(verdict, vector)] = judging.read("Acme", FEES[:1])
        assert (verdict.lane, vector) == (Lane.PRAISE, before[0][1])
        assert judging.versions() == {"Acme": verdict.version}
        [(other, _)] = judging.read("Other", FEES[:1])
        assert other.version == VERSION
        store.undo(move, "ann", AT)
        judging.refresh()
        assert judging.read("Acme", FEES[:1]) == before
        assert judging.versions() == {}
        judging.close()


def test_helpers_judge_by_it(taught: bytes) -> None:
    brands = {**BRANDS, "Acme": replace(BRANDS["Acme"], learnt=taught)}
    judging = Judging(brands, helpers=1)
    try:
        judging.announce("Acme", [*FEES, *[f"filler {number}" for number in range(WORTH_HELP)]])
        assert judging._helpers is not None
        judging._helpers.ready.result(timeout=60)
        judging.announce("Acme", FEES)
        assert judging.read("Acme", FEES) == Judging(brands, helpers=0).read("Acme", FEES)
    finally:
        judging.close()


@pytest.mark.parametrize("setting", ["", "{}", "[]", '{"learnt": "!", "judge": "x"}', "\x00"])
def test_what_cannot_be_read_is_left_out(tmp_path: Path, setting: str) -> None:
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        used(store, setting)
        judging = JudgingLearnt(store, BRANDS)
        judging.refresh()
        [(verdict, _)] = judging.read("Acme", FEES[:1])
        assert verdict.version == VERSION
        assert judging.versions() == {"Acme": VERSION}
        judging.close()


def test_a_setting_comes_back_as_it_was(taught: bytes) -> None:
    setting = Setting(taught, VERSION, 4, (Figure("lane", "kept apart", 4, 0, 3),))
    assert setting_of(setting.text()) == setting
    data, learnt, why_not = readable(setting.text())
    assert (data, why_not) == (taught, "")
    assert learnt is not None
    assert learnt.to_bytes() == taught
