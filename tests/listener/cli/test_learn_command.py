"""`listener learn`, typed: what it says, what it refuses, and what programs read."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

import listener.app
from listener.cli import cli
from listener.errors import DeskError, NotFound, UsageError
from listener.store.calibrations import NewCalibration
from triage.audit import sampled
from triage.verdict import Lane

House = Any
Type = Callable[..., Result]
FEES = [f"the transfer fee of {who} in {where}" for who in ("ann", "ben") for where in "abcdef"]


@pytest.fixture
def type_(house: House, monkeypatch: pytest.MonkeyPatch) -> Type:
    opened = functools.partial(listener.app.open_app, now=house.clock)
    monkeypatch.setattr(listener.app, "open_app", opened)

    def run(*words: object) -> Result:
        return CliRunner().invoke(
            cli,
            ["--config", str(house.config_path), "learn", *map(str, words)],
            env={"COLUMNS": "160", "LOGNAME": "ann"},
        )

    return run


@pytest.fixture
def fees(house: House, heard: Any) -> list[int]:
    """Posts about fees, none of them in the audit sample, none corrected yet."""
    names = [f"p{n}" for n in range(99) if not sampled("reddit", f"p{n}")]
    posts = [
        heard(text, lane=Lane.OTHER, case=False, external_id=name)
        for text, name in zip(FEES, names, strict=False)
    ]
    ids: list[int] = house.hear(*posts)
    return ids


def corrected(house: House, ids: list[int], field: str = "lane", value: str = "praise") -> None:
    for id in ids:
        house.desk.corrections.correct(id, "ann", [(field, value)])


def test_nothing_was_corrected_yet(house: House, type_: Type) -> None:
    shown = type_("status")
    assert "corrected posts: none; 0 answers to the audit sample" in shown.stdout
    assert "in use: nothing that was learnt" in shown.stdout
    assert "listener queue correct --help" in shown.stderr
    for command in ("preview", "apply"):
        error = type_(command).exception
        assert isinstance(error, DeskError)
        hint = f"listener --config {house.config_path} queue correct --help"
        assert error.hint == hint  # to be typed as it is
    assert isinstance(type_("undo").exception, DeskError)


def test_from_status_to_undo(house: House, type_: Type, fees: list[int]) -> None:
    corrected(house, fees[:8])
    assert "8 lane; 0 answers" in type_("status").stdout
    shown = type_("preview", "--show", "2")
    assert "Learnt from 8 corrections of Acme" in shown.stdout
    assert "Would change 4 of 4 stored posts." in shown.stdout
    assert "→ praise" in shown.stdout
    assert shown.stdout.count("mention:") == 2
    assert "listener learn apply" in shown.stderr
    read = json.loads(type_("preview", "--json").stdout)
    assert (read["brand"], read["corrections"], read["refused"]) == ("Acme", 8, "")
    assert (read["looked_at"], len(read["changes"])) == (4, 4)
    assert read["figures"][0]["field"] == "lane"

    done = type_("apply")
    assert f"In use for Acme: {read['version']}." in done.stdout
    assert "listener run --again" in done.stderr
    status = json.loads(type_("status", "--json").stdout)
    [one] = status
    assert (one["in_use"]["version"], one["new"], one["kept"]) == (read["version"], 0, 1)
    assert "This is in use already." in type_("preview").stderr
    again = type_("apply").exception
    assert isinstance(again, DeskError)
    corrected(house, fees[8:9])
    assert "from 8 corrections; 1 since" in type_("status").stdout
    row = json.loads(type_("undo", "--as", "ben", "--json").stdout)
    assert (row["action"], row["actor"]) == ("undo", "ben")
    assert house.store.calibrated() == {}


def test_what_cannot_be_read_is_said_and_learnt_again(
    house: House, type_: Type, fees: list[int]
) -> None:
    corrected(house, fees[:8])
    house.store.calibrate(NewCalibration("Acme", "old", "{}", "ann", house.clock.at))
    assert "not a stored setting" in type_("status").stdout
    assert type_("apply").exit_code == 0
    assert "not a stored setting" not in type_("status").stdout
    assert "nothing that was learnt" not in type_("undo").stdout


def test_contradictions_are_shown(house: House, type_: Type, heard: Any) -> None:
    text = "they charged my card twice and nobody at the bank answers the phone"
    ids = house.hear(
        heard(text, external_id="x1"), heard(f"{text}!!", author="ben", external_id="x2")
    )
    corrected(house, ids[:1], value="question")
    corrected(house, ids[1:], value="idea")
    shown = type_("status").stdout
    assert "1 times nearly the same was said of differently" in shown
    assert "lane: question: they charged" in shown


def test_own_labels(house: House, type_: Type, fees: list[int]) -> None:
    assert isinstance(type_("label", "fees", f"mention:{fees[0]}").exception, UsageError)
    assert isinstance(type_("label", "fees", "12", "--yes", "--new").exception, UsageError)
    assert isinstance(type_("rank", "fees").exception, NotFound)
    bad = type_("label", "Late Fees", f"mention:{fees[0]}", "--yes", "--new").exception
    assert "lower-case letters" in str(bad)
    done = type_("label", "fees", f"mention:{fees[0]}", f"mention:{fees[1]}", "--yes", "--new")
    assert done.stdout == "Kept: fees yes, 2 posts.\n"
    assert "listener learn next fees" in done.stderr
    near = type_("label", "fee", f"mention:{fees[0]}", "--yes").exception
    assert "did you mean 'fees'?" in str(near)
    offered = json.loads(type_("next", "fees", "--count", "4", "--json").stdout)
    assert not {fees[0], fees[1]} & {one["candidate"]["id"] for one in offered}
    assert "listener learn label fees" in type_("next", "fees").stderr
    assert "--complaint" in type_("next").stderr
    ranked = json.loads(type_("rank", "fees", "--limit", "3", "--json").stdout)
    assert ranked[0]["answer"] == "yes"
    assert ranked[0]["p"] >= ranked[-1]["p"]
    assert "fee" in type_("rank", "fees").stdout
    assert "label fees: 2 yes, 0 no" in type_("status").stdout


def test_answers_of_the_audit_sample_are_never_learnt_from(
    house: House, type_: Type, heard: Any, fees: list[int]
) -> None:
    name = next(f"a{n}" for n in range(1_000) if sampled("reddit", f"a{n}"))
    [mention] = house.hear(heard("the fee of the sample", external_id=name))
    type_("label", "fees", f"mention:{mention}", "--yes", "--new")
    [row] = house.store.corrections()
    assert row.audit
    type_("label", "fees", f"mention:{fees[0]}", "--no")
    assert json.loads(type_("preview", "--json").stdout)["corrections"] == 1
    assert type_("preview").stdout.count("audit sample") == 1


def test_posts_of_the_past_are_left_out(house: House, type_: Type, fees: list[int]) -> None:
    corrected(house, fees[:8])
    assert "of 0 stored posts" in type_("preview", "--since", "1h").stdout
    assert isinstance(type_("preview", "--since", "yore").exception, UsageError)
    assert isinstance(type_("preview", "--brand", "Nobody").exception, UsageError)
