"""`listener fleet`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from postgres_server import PostgresServer

from listener.cli import cli
from listener.cli.fleet import KINDS
from listener.errors import UsageError
from listener.fleet import engine


@pytest.fixture
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_server: PostgresServer
) -> Path:
    (tmp_path / "config.yaml").write_text(
        f"store: {postgres_server.database()}\nbrands: [{{name: Northgate}}]\n"
        "sources: [{name: posts, type: files, paths: [posts.jsonl]}]\n",
        encoding="utf-8",
    )
    rows = ({"id": str(n), "text": f"my card {n} was declined, nobody answers"} for n in range(30))
    (tmp_path / "posts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["fleet", *words])


def test_nobody_has_been_here(folder: Path) -> None:
    result = run("status")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "0 mentions to judge" in result.stderr
    assert "No worker is up: listener fleet worker" in result.stderr
    assert json.loads(run("status", "--json").stdout) == {
        "workers": [], "jobs": [], "leases": [], "to_judge": 0, "to_group": 0,
    }  # fmt: skip


def test_a_worker_works_until_nothing_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    collected = run("worker", "--only", "collect", "--until-done")
    assert isinstance(collected.exception, type(None)), collected.exception
    result = run("worker", "--until-done")
    assert result.exit_code == 0
    assert "jobs done; nothing is left to do" in result.stderr
    found = json.loads(run("status", "--json").stdout)
    assert (found["to_judge"], found["to_group"], found["workers"]) == (0, 0, [])
    queue = CliRunner().invoke(cli, ["queue", "list", "--json"])
    [case] = json.loads(queue.stdout)
    assert case["folded"] == 29


def test_kinds_of_jobs_are_those_of_the_engine() -> None:
    assert KINDS == engine.KINDS


def test_there_is_no_fleet_over_a_file(folder: Path) -> None:
    (folder / "config.yaml").write_text("brands: [{name: Northgate}]\n", encoding="utf-8")
    for words in (("status",), ("worker",)):
        assert isinstance(run(*words).exception, UsageError)
