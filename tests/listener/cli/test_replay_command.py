"""`listener queue replay`, typed."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

import listener.app
from listener.cli import cli
from listener.errors import ConfigError, NotFound, UsageError
from triage.verdict import Lane

House = Any
Type = Callable[..., Result]


@pytest.fixture
def type_(house: House, monkeypatch: pytest.MonkeyPatch) -> Type:
    opened = functools.partial(listener.app.open_app, now=house.clock)
    monkeypatch.setattr(listener.app, "open_app", opened)

    def run(*words: object) -> Result:
        return CliRunner().invoke(
            cli,
            ["--config", str(house.config_path), "queue", "replay", *map(str, words)],
            env={"COLUMNS": "120", "LOGNAME": "ann"},
        )

    return run


@pytest.fixture
def busy(house: House, heard: Any) -> House:
    """Ten complaints and among them a question; one case has been answered."""
    house.hear(
        heard("how?", lane=Lane.QUESTION, severity=0.2, hours_ago=7.95),
        *[heard(f"broken {n}", author=f"a{n}", hours_ago=8 - n / 100) for n in range(1, 11)],
    )
    house.desk.cases.resolve(2, "ann", "done")
    return house


def test_two_policies_side_by_side(busy: House, type_: Type, tmp_path: Any) -> None:
    policy = tmp_path / "calm.yaml"
    policy.write_text("queue: {weights: {question: 90}}\nbrands: []\n")
    options = ("--agents", 1, "--per-hour", 2, "--policy", policy)
    done = type_(*options)
    assert done.exception is None
    assert "11 cases, answered by 1 × 2 an hour" in done.stdout
    assert "calm.yaml" in done.stdout
    assert "7 h / 7 h / 7 h (1)" in done.stdout, "what really happened"
    found = json.loads(type_(*options, "--json").stdout)
    everybody, complaints, question = found["groups"]
    assert (everybody["lane"], everybody["cases"], everybody["answered"]) == ("all", 11, 1)
    assert (complaints["lane"], complaints["cases"]) == ("complaint", 10)
    assert question["before"]["longest"] > question["after"]["longest"]
    assert found["before"]["overtaken"] <= found["before"]["bound"]
    assert json.loads(type_(*options, "--json").stdout) == found, "the same every time"


def test_without_a_policy_it_is_compared_with_the_order_of_arrival(
    busy: House, type_: Type
) -> None:
    done = type_("--since", "1d")
    assert "order of arrival: " in done.stdout
    assert busy.store.history()[0].action == "resolve", "nothing was changed"


def test_what_cannot_be_replayed(house: House, type_: Type, tmp_path: Any) -> None:
    assert isinstance(type_().exception, NotFound)
    house.open_case()
    assert isinstance(type_("--since", "yesterday").exception, UsageError)
    policy = tmp_path / "wrong.yaml"
    policy.write_text("queue: {weights: {questoin: 90}}\n")
    error = type_("--policy", policy).exception
    assert isinstance(error, ConfigError)
    assert "wrong.yaml:1:19: queue.weights.questoin" in str(error)
    assert "did you mean 'question'" in str(error)
    policy.write_text("store: x\n")
    assert "queue: is missing" in str(type_("--policy", policy).exception)
    assert "cannot be read" in str(type_("--policy", tmp_path / "none.yaml").exception)
