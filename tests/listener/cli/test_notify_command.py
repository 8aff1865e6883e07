"""`listener notify`, `listener issues spikes` and what `listener check` says of notify."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from listener.cli import cli
from listener.errors import PartialFailure, UsageError
from listener.store import open_store
from listener.store.alarms import NewAlarm, Settled, Watched
from sources.testing.web import Answer, FakeWeb

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb({"/hook": Answer(b"ok")}) as web:
        yield web


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, web: FakeWeb) -> Path:
    (tmp_path / "config.yaml").write_text(
        "brands: [{name: Acme}]\nnotify:\n"
        f"  - {{name: desk, when: spike, url: '{web.url('/hook')}', allow_private: true, secret: {KEY}}}\n"
        f"  - {{name: lost, when: disk, url: '{web.url('/lost')}', allow_private: true}}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, [*words])


def test_a_test_message_is_sent_to_every_entry(folder: Path, web: FakeWeb) -> None:
    result = run("notify", "test")
    assert isinstance(result.exception, PartialFailure)
    assert "desk: sent (answered 200)" in result.stdout
    assert "lost: not sent (answered 404)" in result.stdout
    assert json.loads(web.asked[0].body)["type"] == "alarm.test"
    assert web.asked[0].headers["webhook-signature"].startswith("v1,")


def test_one_entry_can_be_tried(folder: Path, web: FakeWeb) -> None:
    result = run("notify", "test", "desk", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == [{"name": "desk", "fate": "sent", "answer": "answered 200"}]
    result = run("notify", "test", "dekc")
    assert isinstance(result.exception, UsageError)
    assert "did you mean 'desk'" in str(result.exception)


def test_deliveries_are_listed_and_sent_again(folder: Path) -> None:
    with open_store(f"sqlite:///{folder}/listener.db") as store:
        alarms = [
            NewAlarm(f"disk:{n}", "disk", "", (f"{n} MB are left",), targets=[("desk", AT)])
            for n in (1, 2)
        ]
        store.watched(Watched(AT, alarms=alarms))
        one, other = store.take_deliveries(AT, AT - timedelta(hours=1))
        store.settle_deliveries(
            [
                Settled(one.id, "sending", "in doubt", AT, "no answer"),
                Settled(other.id, "sending", "sent", AT, "200"),
            ]
        )
    listed = run("notify", "list")
    assert "in doubt" in listed.stdout
    assert "disk: 1 MB are left" in listed.stdout
    [row] = json.loads(run("notify", "list", "--state", "in doubt", "--json").stdout)
    assert (row["target"], row["alarm"]["key"]) == ("desk", "disk:1")
    assert run("notify", "retry", str(one.id), "--as", "bo").exit_code == 0
    assert json.loads(run("notify", "list", "--state", "waiting", "--json").stdout)[0][
        "answer"
    ] == ("to be sent again, says bo")
    assert "is sent" in str(run("notify", "retry", str(other.id), "--as", "bo").exception)
    assert "no delivery 99" in str(run("notify", "retry", "99", "--as", "bo").exception)


def test_spikes_are_listed(folder: Path) -> None:
    assert "Nothing unusual" in run("issues", "spikes").stdout
    assert json.loads(run("issues", "spikes", "--json").stdout) == []


def test_check_looks_at_every_entry(folder: Path) -> None:
    result = run("check", "--json")
    assert result.exit_code == 0
    assert [
        (one["source"], one["type"], one["ok"]) for one in json.loads(result.stdout)["notify"]
    ] == [
        ("desk", "webhook", True),
        ("lost", "webhook", True),
    ]
    assert "unsigned" in json.loads(result.stdout)["notify"][1]["message"]
    (folder / "config.yaml").write_text(
        "brands: [{name: Acme}]\nnotify: [{when: spike, url: 'nonsense://canary'}]\n"
    )
    result = run("check")
    assert isinstance(result.exception, PartialFailure)
    assert "notify.0.url" in result.output
    assert "canary" not in result.output
