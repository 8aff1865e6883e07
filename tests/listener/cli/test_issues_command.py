from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

import listener.app
from listener.cli import cli

House = Any
Type = Callable[..., Result]


@pytest.fixture
def type_(house: House, monkeypatch: pytest.MonkeyPatch) -> Type:
    opened = functools.partial(listener.app.open_app, now=house.clock)
    monkeypatch.setattr(listener.app, "open_app", opened)

    def run(*words: object, width: int = 100) -> Result:
        return CliRunner().invoke(
            cli,
            ["--config", str(house.config_path), "issues", *map(str, words)],
            env={"COLUMNS": str(width), "LOGNAME": "ann"},
        )

    return run


def shown(result: Result) -> str:
    assert result.exception is None, result.exception
    return "\n".join(line.rstrip() for line in result.stdout.split("\n"))


@pytest.fixture
def four(house: House, heard: Any) -> House:
    house.hear(
        heard("card never came", author="ann", issue=1),
        heard("still no card", author="ben", issue=1, hours_ago=1),
        heard("card lost in the post", author="", issue=1),
        heard("[bold]app[/] \x1b[31mcrashes", author="zoe", issue=2, source="forum", url=""),
    )
    return house


@pytest.mark.parametrize("width", [60, 100, 160])
def test_the_list_reads_well_at_any_width(
    four: House, type_: Type, snapshot: Any, width: int
) -> None:
    assert shown(type_("list", width=width)) == snapshot


def test_an_issue_and_its_loop_are_shown(four: House, type_: Type, snapshot: Any) -> None:
    assert shown(type_("show", 1)) == snapshot
    type_("fix", 1, "Cards go out within two days again.")
    assert shown(type_("loop", 1)) == snapshot


def test_issues_are_shaped_by_typing(four: House, type_: Type) -> None:
    steps: list[tuple[tuple[object, ...], str]] = [
        (("rename", 1, "Card arrives late"), "is now “Card arrives late”"),
        (("merge", 2, 1), "Issue 2 is now a part of issue 1"),
        (("undo", 1), "Taken back: move"),
        (("split", 1, 3), "1 mentions are issue"),
        (("fix", 1, "Cards go out again."), "To be told: 2 untold"),
        (("reopen", 1), "is open again"),
        (("close", 1, "--anyway", "old"), "is closed"),
    ]
    for words, said in steps:
        result = type_(*words)
        assert result.exception is None, (words, result.exception)
        assert said in result.stdout, (words, result.stdout)
    assert "1 people who complained" in str(type_("close", 2).exception)


def test_json_of_every_reading_command(four: House, type_: Type) -> None:
    listed = json.loads(type_("list", "--json").stdout)
    assert [(one["id"], one["people"]) for one in listed] == [(1, 3), (2, 1)]
    one = json.loads(type_("show", 1, "--json").stdout)
    assert one["issue"]["title"] == "Issue about 1"
    assert sorted(one["mentions"]) == [1, 2, 3]
    assert {case["issue"] for case in one["cases"]} == {1}
    type_("fix", 1, "mended")
    loop = json.loads(type_("loop", 1, "--json").stdout)
    assert [person["person"]["status"] for person in loop] == ["untold", "unreachable", "untold"]
    assert loop[0]["notice"].startswith("Hi @ann")
    assert loop[1]["notice"] is None


def test_an_empty_list_says_what_will_fill_it(type_: Type) -> None:
    assert "No issues here yet" in shown(type_("list"))


def test_a_hostile_post_is_only_text(four: House, type_: Type) -> None:
    page = shown(type_("show", 2))
    assert "\x1b" not in page
    assert "[bold]app" in page


def test_groups_are_decided_and_explained_by_typing(four: House, type_: Type) -> None:
    from listener.store.grouping import SuggestionRow

    steps: list[tuple[tuple[object, ...], str]] = [
        (("move", 1, 3, "--into", 2), "1 mentions are in issue 2 now"),
        (("undo", 1, "--all"), "Taken back: 1 moves"),
        (("together", 1, 2), "mentions 1 and 2 always belong together"),
        (("apart", 1, 2, "--issues"), "issues 1 and 2 never belong together"),
        (("suggestions",), "Nothing to suggest"),
        (("why", 1), "Mention 1: issue 1"),
        (("migrate",), "4 vectors made anew"),
        (("migrate",), "All vectors are of today's model"),
    ]
    for words, said in steps:
        assert said in shown(type_(*words)).replace("\n", " "), words
    row = SuggestionRow(
        0, "Acme", "split", 1, 0, (1,), "tied to each other", "open", four.clock(), "", None
    )
    four.store.suggest([row])
    assert "split 1 posts off issue 1" in shown(type_("suggestions"))
    assert "is dismissed" in shown(type_("dismiss", 1))
    assert "dismissed by ann" in shown(type_("suggestions", "--all"))
    told = json.loads(type_("show", 1, "--json").stdout)
    assert {one["rule"] for one in told["links"]} == {"must", "cannot"}
    assert {one["why"]["issue"] for one in told["examples"]} == {1}
    assert all(one["text"] and one["why"]["rule"] for one in told["examples"])
    assert json.loads(type_("why", 1, "--not", 2, "--json").stdout)["issue"] == 1


def test_groups_are_tuned_by_typing(
    four: House, type_: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    from triage.graph_clustering import GraphClusterer
    from triage.tuning import Tried, Tuning

    assert "Too little to go on" in shown(type_("tune"))
    assert json.loads(type_("tune", "--json").stdout)["refused"]
    assert "not tuned" in str(type_("tune", "--apply").exception)
    now, best = Tried(1.0, 0.512, 40), Tried(1.4, 0.7, 52)
    found = Tuning(now, best, (now, best), 900, 12, 30, joined=((3, 4),), parted=(7,))
    monkeypatch.setattr(GraphClusterer, "tuning", lambda self: found)
    page = shown(type_("tune"))
    for said in ("0.51 of 1", "1.4  finds", "fits best", "issues 3, 4", "fall apart: issues 7"):
        assert said in page
    assert four.store.calibrated("grouping") == {}
    assert "In use for Acme" in shown(type_("tune", "--apply"))
    assert four.store.calibrated("grouping") != {}
    assert "Taken back for Acme" in shown(type_("tune", "--undo"))
    assert type_("tune", "--undo", "--apply").exit_code == 2
    monkeypatch.setattr(
        GraphClusterer, "tuning", lambda self: Tuning(now, now, (now, best), 900, 12, 30)
    )
    assert "leave it as it is" in shown(type_("tune"))
