"""`listener sources try` and `preview`: what a query finds, and what another would change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from listener.cli import cli
from listener.errors import ListenerError, PartialFailure, UsageError

POSTS = (
    {"id": "1", "author": "ann", "title": "Day 3", "text": "On hold with Acme Bank for hours"},
    {"id": "2", "author": "ben", "text": "Acme Bank jobs: \x1b[31m we are hiring"},
    {"id": "3", "author": "eve", "text": "nice weather " + "and sun " * 60 + "at Acme Bank, too"},
    {"id": "4", "author": "", "text": "nothing"},
)
QUERY = '"acme bank" NOT jobs'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(json.dumps(post) for post in POSTS) + "\n")
    return path


def run(*words: object) -> Result:
    result = CliRunner().invoke(cli, [str(word) for word in words], env={"COLUMNS": "200"})
    if result.exception and not isinstance(result.exception, ListenerError | SystemExit):
        raise result.exception
    return result


def test_try_shows_the_lines_that_match_and_why(file: Path) -> None:
    shown = run("sources", "try", QUERY, file)
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == [
        "     1 ✓ ann  Day 3 — On hold with Acme Bank for hours",
        "         found “Acme Bank” (text 13–22)",
        "     3 ✓ eve  … sun and sun and sun and sun and sun at Acme Bank, too",
        "         found “Acme Bank” (text 496–505)",
        "2 of 4 posts match",
    ]


def test_try_with_all_says_what_keeps_a_line_out(file: Path) -> None:
    shown = run("sources", "try", QUERY, file, "--all").stdout
    assert "\x1b" not in shown
    assert "     2 · ben  Acme Bank jobs" in shown
    assert "excluded by “jobs” (text 10–14)" in shown
    assert '         lacks "acme bank"' in shown


def test_try_marks_the_words_it_found(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = run("sources", "try", QUERY, file).stdout
    assert "\x1b[1;33mAcme Bank\x1b[0m for hours" in shown


def test_try_prints_json_lines(file: Path) -> None:
    result = run("sources", "try", QUERY, file, "--json", "--all")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["line"], row["matches"]) for row in rows] == [
        (1, True), (2, False), (3, True), (4, False),
    ]  # fmt: skip
    assert rows[0]["hits"] == [
        {"term": '"acme bank"', "where": "text", "start": 13, "end": 22, "text": "Acme Bank"}
    ]
    assert rows[3]["why"] == 'lacks "acme bank"'
    assert "2 of 4 posts match" in result.stderr


def test_try_reads_csv_and_asks_about_the_source(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text('id,text\n1,"two\nlines"\n2,one\n')
    assert run("sources", "try", "source:blogs", path).stdout == "0 of 2 posts match\n"
    rows = run("sources", "try", "source:blogs", path, "--source", "blogs", "--json").stdout
    assert [json.loads(row)["line"] for row in rows.splitlines()] == [2, 4]


def test_a_wrong_query_shows_where(file: Path) -> None:
    for command in (("try", '("acme bank" NOT', file), ("preview", "Acme", '("acme bank" NOT')):
        error = run("sources", *command).exception
        assert isinstance(error, UsageError)
        assert str(error).splitlines()[:3] == [
            "query:17: expected a term after NOT",
            '  ("acme bank" NOT',
            "                  ^",
        ]


def test_try_goes_on_behind_a_line_it_cannot_read(file: Path) -> None:
    file.write_text(f"{file.read_text()}not json\n[]\n" + '{"text": "acme bank"}\n')
    result = run("sources", "try", QUERY, file)
    assert "3 of 5 posts match" in result.stdout
    assert isinstance(result.exception, PartialFailure)
    assert "2 lines could not be read (line 5: not JSON" in str(result.exception)


def test_try_says_which_file_it_cannot_read(tmp_path: Path) -> None:
    error = run("sources", "try", "acme", tmp_path / "nowhere.jsonl").exception
    assert isinstance(error, ListenerError)
    assert "nowhere.jsonl: no such file" in str(error)


@pytest.fixture
def preview(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `listener sources preview` on a store that has collected the file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LISTENER_CONFIG", raising=False)
    Path("config.yaml").write_text(
        "brands: [{name: Acme, query: acme}]\n"
        "sources: [{name: posts, type: files, paths: [posts.jsonl]}]\n"
    )
    assert run("run", "--once").exit_code == 0

    def preview(*words: object) -> Result:
        return run("sources", "preview", *words)

    return preview


def test_preview_shows_who_enters_and_who_leaves(preview: Callable[..., Result]) -> None:
    shown = preview("Acme", "(acme OR weather OR nothing) NOT jobs").stdout
    assert "present  acme\n" in shown
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert "enter 1 match the new query only" in lines
    assert "leave 1 match the present query only" in lines
    assert "stay 2 match both" in lines
    assert "new excluded by “jobs” (text 10–14)" in lines
    assert "\x1b" not in shown


def test_preview_as_json(preview: Callable[..., Result]) -> None:
    found = json.loads(preview("Acme", "nothing", "--json", "--examples", "1").stdout)
    assert (found["seen"], found["stays"], found["bound"]) == (4, 0, 0)
    assert found["leaving"]["count"] == 3
    (example,) = found["entering"]["examples"]
    assert (example["text"], example["present"]) == ("nothing", "lacks acme")
    assert example["hits"][0]["text"] == "nothing"
    assert json.loads(preview("Acme", "*", "--since", "2999-01-01", "--json").stdout)["seen"] == 0


def test_preview_of_an_unknown_brand(preview: Callable[..., Result]) -> None:
    error = preview("Acmee", "acme").exception
    assert isinstance(error, UsageError)
    assert "did you mean" in str(error)
