"""score, group and eval on files of lines, with the real judge and the real groups."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from listener.cli import cli
from listener.errors import ListenerError, PartialFailure, UsageError
from triage.explanation import explained_from

POSTS = (
    "On hold for 3 hours @acme and nobody answers. I want my refund!",
    "How do I change the address on my card?",
    "I love the new app, thank you so much",
    "",
    "[bold]" + "\U0001f600" * 500 + "\u202e\x00" + "love a " * 4_000,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "posts.jsonl"
    lines = [json.dumps({"id": n, "text": text, "x": 1.50}) for n, text in enumerate(POSTS)]
    path.write_text("\n".join(lines) + "\n")
    return path


def run(*words: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], input=stdin)


def lines_of(result: Result) -> list[Any]:
    assert result.exception is None, result.exception
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_score_explains_every_figure_when_asked(file: Path) -> None:
    for row in lines_of(run("score", file, "--explain")):
        says = explained_from(row["explanation"]).opinion()
        assert says.complaint == row["complaint"]["p"]
        assert round(says.severity, 3) == row["severity"]["expected"]
        assert says.label == row["sentiment"]["label"]


def test_score_gives_every_line_its_verdict_in_order(file: Path) -> None:
    found = lines_of(run("score", file))
    assert [row["id"] for row in found] == [0, 1, 2, 3, 4]
    assert [row["x"] for row in found] == [1.5] * 5
    for row, text in zip(found, POSTS, strict=True):
        assert row["text"] == text
        assert set(row) >= {
            "lang",
            "sentiment",
            "complaint",
            "severity",
            "lane",
            "lanes",
            "vigilante",
            "signals",
            "spam",
            "reasons",
            "versions",
        }
        assert set(row["sentiment"]) == {
            *("label", "compound", "service_compound", "leaning", "words")
        }
        assert set(row["complaint"]) == {"p", "band"}
        assert set(row["severity"]) == {"expected", "band"}
        assert set(row["vigilante"]) == {"band", "reasons"}
        assert set(row["spam"]) == {"muted", "rules"}
        for signal in row["signals"]:
            assert text[signal["start"] : signal["end"]] == signal["text"]
    assert [row["lane"] for row in found[:3]] == ["complaint", "question", "praise"]


def test_score_reads_stdin_and_writes_a_whole_file(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    result = run("score", "-", "--out", out, stdin=file.read_bytes())
    assert result.exception is None
    assert result.stdout == ""
    assert out.read_text() == run("score", file).stdout


def test_bad_lines_keep_their_places_and_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b'{"text": "fine"}\nnope\n\n{"text": "caf\xe9"}\n{"id": 5}\n{"text": "fine"}')
    for command in ("score", "group"):
        result = run(command, path)
        assert isinstance(result.exception, PartialFailure)
        assert result.exception.exit_code == 4
        assert "4 of 6 lines" in str(result.exception)
        found = [json.loads(line) for line in result.stdout.splitlines()]
        assert ["error" in row for row in found] == [False, True, True, True, True, False]
        assert [row["line"] for row in found if "error" in row] == [2, 3, 4, 5]


def test_an_empty_file_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.touch()
    assert lines_of(run("score", path)) == lines_of(run("group", path)) == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    error = run("score", tmp_path / "none.jsonl").exception
    assert isinstance(error, ListenerError)
    assert "cannot read" in str(error)


def test_a_brand_of_the_configuration_is_known_to_the_judge(file: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("brands: [{name: Acme, languages: [en]}, {name: Rail}]\n")
    found = lines_of(run("--config", config, "score", file, "--brand", "acme"))
    assert {row["lang"] for row in found} <= {"en", "unknown"}
    assert isinstance(run("--config", config, "score", file).exception, UsageError)
    error = run("--config", config, "score", file, "--brand", "Nobody").exception
    assert isinstance(error, UsageError)
    assert error.hint == "--brand with one of: Acme, Rail"


def test_a_brand_s_own_weights_and_points_are_followed(tmp_path: Path) -> None:
    config, posts = tmp_path / "config.yaml", tmp_path / "posts.jsonl"
    config.write_text("brands: [{name: Acme, severe: {legal: 4}, vigilante: {legal: 0}}]\n")
    posts.write_text('{"text": "My parcel never arrived. I will see you in court"}\n')
    (house,) = lines_of(run("score", posts))
    (own,) = lines_of(run("--config", config, "score", posts))
    assert (house["vigilante"]["band"], own["vigilante"]["band"]) == ("possible", "no")
    assert house["severity"]["band"] != own["severity"]["band"] == "critical"


def test_group_places_lines_as_a_stream(tmp_path: Path) -> None:
    late = "my new card still has not arrived after three weeks"
    texts = [
        late,
        "the app crashes whenever I open my statement",
        late + "!",
        "thanks",
        "Thanks",
        "[spam] WIN a FREE prize now, click http://win.example and subscribe to my channel!!!",
    ]
    path = tmp_path / "stream.jsonl"
    stamps = ["2026-11-20T12:00:00Z", "not a time", None, 7, "2026-11-20", ""]
    path.write_text(
        "\n".join(
            json.dumps({"text": t, "created_at": s, "author": {"id": "a"}})
            for t, s in zip(texts, stamps, strict=True)
        )
    )
    found = lines_of(run("group", path))
    assert [row["text"] for row in found] == texts
    assert all(isinstance(row["issue"], int) and row["issue"] > 0 for row in found)
    assert found[2]["issue"] == found[0]["issue"] != found[1]["issue"]
    assert found[2]["duplicate_of"] == 1
    assert found[3]["similarity"] is None
    assert len({row["issue"] for row in found[3:]} & {found[0]["issue"], found[1]["issue"]}) == 0


LABELLED: dict[str, list[dict[str, Any]]] = {
    "sentiment": [
        {"text": "I hate this terrible bank", "label": "negative"},
        {"text": "I love this bank, wonderful", "label": "positive"},
        {"text": "the branch is in the high street", "label": "Neutral"},
        {"text": "hm", "label": "mixed"},
        {"text": "no label"},
    ],
    "complaint": [
        {"text": "nobody answers, I want a refund for this broken phone", "complaint": 1},
        {"text": "lovely weather today", "complaint": 0},
        {"text": "x", "complaint": 7},
        {"text": "y", "complaint": None},
    ],
    "severity": [
        {"text": "you stole my money and I will see you in court", "severity": 4},
        {"text": "lovely weather today", "severity": 0},
        {"text": "x", "severity": None},
        {"text": "y", "severity": "worst"},
    ],
    "intent": [
        {"text": "the app crashes since the update", "label": "BUG"},
        {"text": "please add a dark mode", "label": "FEATURE"},
        {"text": "how do I close my account?", "label": "question"},
        {"text": "x", "label": "FROBNICATE"},
        {"text": "y", "label": ["BUG"]},
    ],
    "groups": [
        {"text": "my new card still has not arrived", "cluster": "card"},
        {"text": "my new card still has not arrived yet", "cluster": "card"},
        {"text": "the app crashes whenever I open my statement", "cluster": "app"},
        {"text": "without a cluster, but in the stream"},
        {"text": "y", "cluster": ""},
    ],
    "language": [
        {"text": "the bank has closed my account without telling me", "lang": "en"},
        {"text": "die Bank hat mein Konto ohne Grund geschlossen", "lang": "de"},
        {"text": "x", "lang": "12"},
        {"text": "y", "lang": ""},
    ],
    "spam": [
        {"text": "check out my channel and subscribe http://win.example", "spam": 1},
        {"text": "my card has not arrived", "spam": 0},
        {"text": "x", "spam": "perhaps"},
        {"text": "y"},
    ],
}
FIGURES = {
    "sentiment": {"macro_recall", "macro_f1", "ap_negative", "macro_recall_vader", "unread"},
    "complaint": {"macro_recall", "macro_f1", "ap_complaint", "auc_complaint"},
    "severity": {"macro_recall", "ap_severe", "mean_absolute_error", "severe"},
    "intent": {"macro_recall", "macro_f1", "ap_complaint", "ap_idea", "ap_question"},
    "groups": {"ari", "nmi", "bcubed_f1", "gold_groups", "groups", "not_grouped"},
    "language": {"macro_recall", "macro_f1", "languages"},
    "spam": {"macro_recall", "macro_f1"},
}


@pytest.mark.parametrize("task", LABELLED)
def test_eval_counts_what_it_measures_and_what_it_leaves_out(tmp_path: Path, task: str) -> None:
    path = tmp_path / "labelled.jsonl"
    lines = [json.dumps(row) for row in LABELLED[task]]
    path.write_text("\n".join([*lines, "nope"]))
    result = run("eval", task, path, "--json")
    assert result.exception is None, result.exception
    report = json.loads(result.stdout)
    assert report["lines"] == len(lines) + 1
    assert report["measured"] + sum(report["left_out"].values()) == report["lines"]
    assert report["measured"] == len(lines) - 2
    assert set(report["figures"]) >= FIGURES[task]
    assert any("can't be read" in why for why in report["left_out"])
    table = run("eval", task, path)
    assert table.exception is None, table.exception
    assert f"{report['measured']} of {report['lines']}" in table.stdout
    for why in report["left_out"]:
        assert why[:20] in table.stdout


def test_eval_reads_what_is_easy_right(tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    for task in ("sentiment", "complaint", "spam", "groups", "language"):
        path.write_text("\n".join(json.dumps(row) for row in LABELLED[task]))
        figures = json.loads(run("eval", task, path, "--json").stdout)["figures"]
        best = "bcubed_f1" if task == "groups" else "macro_recall"
        assert figures[best] == pytest.approx(1.0), task


def test_eval_without_a_known_label_says_what_it_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text('{"text": "x", "label": "meh"}\n{"text": "y"}\n')
    error = run("eval", "sentiment", path).exception
    assert isinstance(error, ListenerError)
    assert "label 'meh' is not known" in str(error)
    assert "known values: negative, neutral, positive" in str(error)
