"""What `queue show` says of a case's surroundings: who has seen it, copies, the conversation."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

import listener.app
from listener.cli import cli
from listener.cli.told_by import print_told
from listener.stages.triage import Triage
from listener.store.rows import Collected
from sources.mention import Author, Mention, Thread
from triage.explanation import explained_from
from triage.judge import Judge

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CONFIG = "brands: [{name: Acme, handles: {reddit: u/acme}}]\n"
ANGRY = "Nobody at Acme answers, my card has been broken for days, terrible service"


def post(id: str, text: str, author: str, hours: int, answers: str = "") -> Mention:
    at, thread = NOW - timedelta(hours=hours), Thread("1", answers) if answers else Thread()
    return Mention("reddit", id, text, at, Author(f"u/{author}", f"u/{author}"), thread=thread)


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The list and the page of a case that two sources saw, with a conversation and copies."""
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    opened = listener.app.open_app
    monkeypatch.setattr(listener.app, "open_app", lambda path: opened(path, now=lambda: NOW))
    complaint = post("1", ANGRY, "ann", 9)
    talk = [
        complaint,
        post("2", "Same here, \x1b[31mgood luck\x1b[0m", "ben", 8, "1"),
        post("3", "So sorry! We are looking into it.", "acme", 7, "1"),
        post("4", "Still nothing.", "ann", 6, "3"),
        post("9", f"RT @ann: {ANGRY}", "cat", 5),
    ]
    with listener.app.open_app(tmp_path / "config.yaml") as app:
        for source, mentions in (("forum", talk), ("search", [complaint])):
            run = app.store.open_run(source, NOW)
            app.store.collect(Collected(run=run, source=source, mentions=mentions, at=NOW))
        triage = Triage(app.store, app.config, app.now)
        triage.drain()
        triage.close()
    pages = {}
    for words in ("list", "show 1", "show 1 --json"):
        typed = ["--config", str(tmp_path / "config.yaml"), "queue", *words.split()]
        result = CliRunner().invoke(cli, typed, env={"COLUMNS": "120"})
        assert result.exception is None, result.exception
        pages[words] = result.stdout
    return pages


def test_the_page_says_who_has_seen_it_and_who_repeats_it(shown: dict[str, str]) -> None:
    assert "seen by forum, search" in shown["show 1"]
    assert "×1 copy" in shown["show 1"]


def test_the_page_says_what_told_the_judge_so(shown: dict[str, str]) -> None:
    told = shown["show 1"].split("What told the judge")[1].split("Activity")[0]
    assert "complaint: nobody answers +" in told
    assert "bad mood:" in told


def test_the_page_says_that_corrections_moved_the_verdict() -> None:
    explained = Judge().explain("nobody answers and my card is broken")
    printed = StringIO()
    print_told(Console(file=printed, width=120), explained, f"{explained.version}+abc")
    assert "What told the judge before corrections moved it" in printed.getvalue()


def test_json_has_the_parts_of_every_figure(shown: dict[str, str]) -> None:
    case = json.loads(shown["show 1 --json"])
    says = explained_from(case["explanation"]).opinion()
    verdict = case["mentions"][0]["verdict"]
    assert (says.complaint, round(says.severity, 3)) == (
        verdict["complaint_p"],
        verdict["severity"],
    )


def test_the_list_says_so_in_short(shown: dict[str, str]) -> None:
    listing = " ".join(shown["list"].split())
    assert "×1 copy · seen by 2 sources" in listing
    assert listing.count("terrible service") == 1, "a repost opens no case"


def test_the_conversation_is_shown_in_order_with_who_is_who(shown: dict[str, str]) -> None:
    page = shown["show 1"].partition("Conversation")[2].partition("Why it is here")[0]
    lines = [" ".join(line.split()) for line in page.strip().split("\n")]
    assert lines == [
        "customer u/ann, 9 h ago",
        ANGRY,
        "another customer u/ben, 8 h ago",
        "Same here, \ufffd[31mgood luck\ufffd[0m",
        "us u/acme, 7 h ago",
        "So sorry! We are looking into it.",
        "customer u/ann, 6 h ago",
        "Still nothing.",
    ]


def test_a_post_that_nobody_answered_has_no_conversation(
    tmp_path: Path, shown: dict[str, str]
) -> None:
    del shown
    with listener.app.open_app(tmp_path / "config.yaml") as app:
        lone = post("20", "Acme lost my money, this is a scandal, nobody helps!", "dan", 3)
        run = app.store.open_run("forum", NOW)
        app.store.collect(Collected(run=run, source="forum", mentions=[lone], at=NOW))
        triage = Triage(app.store, app.config, app.now)
        triage.drain()
        triage.close()
    typed = ["--config", str(tmp_path / "config.yaml"), "queue", "show", "2"]
    assert "Conversation" not in CliRunner().invoke(cli, typed).stdout
