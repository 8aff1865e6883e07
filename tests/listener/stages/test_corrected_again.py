"""What people have corrected stays so when the judge speaks again."""

from __future__ import annotations

import json
from pathlib import Path

from listener.app import App, open_app
from listener.stages.cycle import Listening
from listener.store.rows import CaseRow, QueueQuery, Span
from triage.verdict import Lane

CONFIG = """
brands: [{name: Northgate, query: northgate}]
sources: [{name: posts, type: files, paths: [posts.jsonl]}]
"""
POSTS = (
    {
        "id": "1",
        "author": "ann",
        "text": "Northgate charged me twice and nobody answers. Terrible.",
    },
    {"id": "2", "author": "ben", "text": "A garden with a gate in the north, what a lovely walk"},
)


def cases(app: App) -> list[CaseRow]:
    return app.store.queue(QueueQuery(view="all"))


def judged_again(app: App, listening: Listening) -> None:
    """As with a newer judge: everything is pending once more."""
    app.store.judge_again("none of the versions", {})
    assert app.store.totals().pending == len(POSTS)
    listening.cycle()
    assert app.store.totals().pending == 0


def test_corrections_outlive_the_judge(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    lines = [{**post, "created_at": "2026-11-20T10:00:00Z"} for post in POSTS]
    (tmp_path / "posts.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    with (
        open_app(tmp_path / "config.yaml") as app,
        Listening(app.store, app.config, app.plugins, app.now) as listening,
    ):
        listening.cycle()
        [case] = cases(app)
        assert case.lane == "complaint"
        unheard = next(one for one in app.store.mentions(Span()) if one.mention.author.id == "ben")
        desk = app.desk.corrections
        desk.correct_case(case.id, "lea", [("lane", "question"), ("severity", "low")])
        desk.correct(unheard.id, "lea", [("relevant", "yes"), ("lane", "idea")])
        for _ in range(2):
            judged_again(app, listening)
            assert {one.lane: one.severity_band for one in cases(app)}["question"] == "low"
            [row] = app.store.readings(unheard.id)
            assert row.verdict is not None
            assert (row.brand, row.verdict.lane) == ("Northgate", Lane.IDEA)
        assert {one.lane for one in cases(app)} == {"question", "idea"}
        assert all(one.issue is not None for one in cases(app))
        app.desk.undo("lea")
        listening.cycle()
        [row] = app.store.readings(unheard.id)
        assert row.brand == ""
        assert {one.state for one in cases(app)} == {"new", "dismissed"}
