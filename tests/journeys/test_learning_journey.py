"""From forty corrections to another verdict on the next post, and back to the last bit."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import listener.app
from listener.app import App, open_app
from listener.cli import cli
from listener.stages.cycle import Listening
from listener.store.rows import Span
from triage.judge import VERSION
from triage.verdict import Verdict

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CONFIG = """
store: sqlite:///{folder}/listener.db
brands: [{{name: Northgate, query: northgate}}]
sources: [{{name: posts, type: files, paths: ["{folder}/posts.jsonl"]}}]
"""
WHO = ("my brother", "a friend", "our neighbour", "the teacher", "ann", "ben", "cleo", "dave")
WHAT = ("opened an account at", "walked past the branch of", "works for", "wrote about", "spoke of")
ROADS = [f"{who} {what} northgate near the roundabout" for who in WHO for what in WHAT]
KEPT_BACK = "somebody was seen at the northgate roundabout"
COMPLAINT = "Northgate charged me twice and nobody answers. Terrible."


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.format(folder=tmp_path), encoding="utf-8")
    say(tmp_path, [*ROADS, COMPLAINT])
    with open_app(path, now=lambda: NOW) as app:
        yield app


@pytest.fixture
def type_(tmp_path: Path, app: App, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    opened = functools.partial(open_app, now=lambda: NOW)
    monkeypatch.setattr(listener.app, "open_app", opened)

    def run(*words: object) -> Result:
        typed = ["--config", str(tmp_path / "config.yaml"), *map(str, words)]
        return CliRunner().invoke(cli, typed, env={"COLUMNS": "160", "LOGNAME": "lea"})

    return run


def say(folder: Path, texts: list[str]) -> None:
    lines = [
        {"id": text, "author": text, "text": text, "created_at": "2026-11-19T10:00:00Z"}
        for text in texts
    ]
    (folder / "posts.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")


def listened(app: App, *, again: bool = False) -> None:
    with Listening(app.store, app.config, app.plugins, app.now) as listening:
        listening.cycle(again=again)


def verdicts(app: App) -> dict[str, tuple[str, Verdict]]:
    found = {}
    for row in app.store.mentions(Span()):
        assert row.verdict is not None
        found[row.mention.text] = row.brand, row.verdict
    return found


def test_forty_corrections_change_the_next_verdict_and_are_taken_back(
    app: App, type_: Any, tmp_path: Path
) -> None:
    listened(app)
    untouched = verdicts(app)
    assert {one.version for _, one in untouched.values()} == {VERSION}
    ids = {row.mention.text: row.id for row in app.store.mentions(Span())}
    for text in ROADS:
        assert type_("queue", "correct", f"mention:{ids[text]}", "--not-relevant").exit_code == 0
    type_("queue", "correct", f"mention:{ids[COMPLAINT]}", "--relevant")
    say(tmp_path, [*ROADS, COMPLAINT, KEPT_BACK])
    listened(app)
    assert verdicts(app)[KEPT_BACK][1].lane != "muted"
    before = verdicts(app)

    shown = type_("learn", "preview")
    assert shown.exit_code == 0
    assert "Would change 1 of 1 stored posts." in shown.stdout
    assert "relevant: yes → no" in shown.stdout
    assert "roundabout" in shown.stdout
    assert verdicts(app) == before

    applied = type_("learn", "apply", "--note", "the roundabout")
    assert applied.exit_code == 0, applied.output
    assert type_("learn", "apply").exception is not None
    listened(app, again=True)
    after = verdicts(app)
    _, verdict = after[KEPT_BACK]
    assert (verdict.lane, verdict.muted_by) == ("muted", ("not about a brand",))
    assert verdict.version.startswith(f"{VERSION}+")
    assert after[COMPLAINT][1].lane == "complaint"
    new = "the police closed the northgate roundabout"
    say(tmp_path, [*ROADS, COMPLAINT, KEPT_BACK, new])
    listened(app)
    assert verdicts(app)[new][1].lane == "muted"

    assert type_("learn", "undo").exit_code == 0
    listened(app, again=True)
    back = verdicts(app)
    assert {text: back[text] for text in before} == before
    assert [row.action for row in app.store.history()[:2]] == ["undo", "learn"]
    assert app.store.history()[0].actor == "lea"
    assert "the roundabout" in app.store.history()[1].note


def test_what_is_worse_in_the_audit_sample_is_refused(app: App, type_: Any) -> None:
    listened(app)
    ids = {row.mention.text: row.id for row in app.store.mentions(Span())}
    desk = app.desk.corrections
    for text in ROADS[:30]:
        desk.correct(ids[text], "lea", [("relevant", "no")])
    for text in ROADS[30:]:
        desk._keep(ids[text], "lea", [("relevant", "yes")], "", "", audit=True)
    refused = type_("learn", "apply")
    assert "10 of 10 were right in the audit sample, 0 would be" in str(refused.exception)
    assert app.store.calibrated() == {}
    assert type_("learn", "apply", "--force").exit_code == 0
    assert "forced, although it makes things worse" in app.store.history()[0].note
    assert app.store.calibrated() != {}


def test_a_label_of_ones_own_is_taught_and_ranked(app: App, type_: Any) -> None:
    listened(app)
    ids = {row.mention.text: row.id for row in app.store.mentions(Span())}
    work = [text for text in ROADS if "works for" in text]
    first = type_("learn", "label", "staff", f"mention:{ids[work[0]]}", "--yes")
    assert "has given the label 'staff' yet" in str(first.exception)
    type_("learn", "label", "staff", f"mention:{ids[work[0]]}", "--yes", "--new")
    offered = json.loads(type_("learn", "next", "staff", "--json").stdout)
    assert len(offered) == 11
    assert ids[work[0]] not in {one["candidate"]["id"] for one in offered}
    for one in offered:
        has = "--yes" if "works for" in one["candidate"]["text"] else "--no"
        done = type_("learn", "label", "staff", f"mention:{one['candidate']['id']}", has)
        assert done.exit_code == 0
    ranked = json.loads(type_("learn", "rank", "staff", "--limit", "8", "--json").stdout)
    assert all("works for" in one["text"] for one in ranked)
    assert "yes" in type_("learn", "status").stdout
    wrong = type_("learn", "next", "stuff")
    assert "there are: staff" in str(wrong.exception)
