"""`listener queue correct`, `review` and `corrections`, typed."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

import listener.app
from listener.cli import cli
from listener.errors import DeskError, UsageError
from triage.audit import sampled
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
            ["--config", str(house.config_path), "queue", *map(str, words)],
            env={"COLUMNS": "120", "LOGNAME": "ann"},
        )

    return run


def test_a_case_is_corrected_listed_and_taken_back(house: House, type_: Type) -> None:
    case = house.open_case()
    done = type_("correct", case, "--lane", "question", "--severity", "low", "--note", "asks")
    assert done.stdout == "Kept: lane: complaint → question; severity: serious → low (asks).\n"
    assert f"queue undo {case} --move 1" in done.stderr
    assert house.store.case(case).case.lane == "question"
    listed = type_("corrections").stdout
    assert "lane: complaint → question" in listed
    rows = json.loads(type_("corrections", "--json").stdout)
    assert [(row["field"], row["is_now"]) for row in rows] == [
        ("lane", "question"),
        ("severity", "low"),
    ]
    assert rows[0]["mention"]["mention"]["text"].startswith("on hold")
    assert type_("undo", case, "--move", 1).exit_code == 0
    assert type_("corrections").stdout == "None.\n"
    assert house.store.case(case).case.lane == "complaint"


def test_a_mention_without_a_case(house: House, heard: Any, type_: Type) -> None:
    [mention] = house.hear(heard("thanks", lane=Lane.PRAISE, case=False))
    done = json.loads(type_("correct", f"mention:{mention}", "--complaint", "--json").stdout)
    assert done["case"] == house.case(mention)
    type_("correct", f"mention:{mention}", "--lane", "idea", "--as", "ben")
    assert json.loads(type_("corrections", "--conflicts", "--json").stdout) == []
    assert type_("correct", f"mention:{mention}", "--lane", "question", "--as", "cy").exit_code == 0
    [conflict] = json.loads(type_("corrections", "--conflicts", "--json").stdout)
    assert [row["actor"] for row in conflict] == ["ben", "cy"]
    assert "cy" in type_("corrections", "--conflicts").stdout


def test_the_sample_is_shown_and_answered_for(house: House, heard: Any, type_: Type) -> None:
    name = next(f"p{n}" for n in range(1_000) if sampled("reddit", f"p{n}"))
    [mention] = house.hear(
        heard("Win \x1b[31ma phone", lane=Lane.MUTED, external_id=name, case=False)
    )
    listed = type_("review")
    assert f"mention:{mention}" in listed.stdout
    assert "promotion" in listed.stdout
    assert "\x1b[31m" not in listed.stdout
    assert f"listener queue review mention:{mention} --right" in listed.stderr
    assert [row["id"] for row in json.loads(type_("review", "--json").stdout)] == [mention]
    assert "lane: muted is right" in type_("review", f"mention:{mention}", "--right").stdout
    assert "Nothing to review" in type_("review").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("correct", "12", "--lane", "idea", "--complaint"), "contradict each other"),
        (("review", "mention:1"), "belong together"),
        (("review", "--right"), "belong together"),
        (("review", "12", "--right"), "not a case"),
    ],
)
def test_what_does_not_go_together(house: House, type_: Type, words: Any, said: str) -> None:
    error = type_(*words).exception
    assert isinstance(error, UsageError)
    assert said in str(error)


def test_errors_name_what_would_have_been_right(house: House, type_: Type) -> None:
    case = house.open_case()
    assert isinstance(type_("correct", case).exception, DeskError)
    assert (
        "neither a case (12) nor a mention" in type_("correct", "post:3", "--lane", "idea").stderr
    )
    assert "is not a language" in str(type_("correct", case, "--language", "English").exception)
