"""`listener eval` measures both tiers where the quality tier is installed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from listener.cli import cli
from triage import encoder

pytest.importorskip("onnxruntime", reason="the quality tier needs onnxruntime: the extra [minilm]")

FOLDER = Path(__file__).parents[3] / "models" / "encoder" / encoder.PACKAGE
ROWS = [
    {"text": "worst service ever, I have been waiting three hours", "label": "negative"},
    {"text": "I love this shop, thank you!", "label": "positive"},
    {"text": "The shop opens at nine.", "label": "neutral"},
]


@pytest.fixture
def labelled(tmp_path: Path) -> str:
    path = tmp_path / "labelled.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)))
    return str(path)


def test_both_tiers_are_shown_side_by_side(labelled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = encoder.load(FOLDER, encoder.SHA256)
    monkeypatch.setattr(encoder, "installed", lambda: True)
    monkeypatch.setattr(encoder, "packaged", lambda: model)
    told = json.loads(CliRunner().invoke(cli, ["eval", "sentiment", labelled, "--json"]).stdout)
    small, quality = told, told["quality"]
    assert quality["measured"] == small["measured"] == len(ROWS)
    assert quality["figures"]["macro_recall"] == 1.0
    assert quality["versions"]["judge"] == f"{small['versions']['judge']} {model.version}"
    table = CliRunner().invoke(cli, ["eval", "sentiment", labelled])
    assert table.exception is None
    assert "small heads" in table.stdout
    assert "and encoder" in table.stdout
    assert model.version in table.stdout


def test_without_it_only_the_small_heads_are(
    labelled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "installed", lambda: False)
    told = CliRunner().invoke(cli, ["eval", "sentiment", labelled, "--json"])
    assert json.loads(told.stdout)["quality"] is None
    assert "encoder" not in CliRunner().invoke(cli, ["eval", "sentiment", labelled]).stdout


def test_lines_are_grouped_by_the_tier_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["my card was declined in the shop", "your parcel never arrived here"]
    path = tmp_path / "lines.jsonl"
    path.write_text(
        "\n".join(
            json.dumps({"text": f"{text} {number}, sad", "label": str(number % 2)})
            for number, text in enumerate(texts * 3)
        )
    )
    monkeypatch.setattr(encoder, "installed", lambda: False)
    refused = CliRunner().invoke(cli, ["group", "--tier", "quality", str(path)])
    assert "not installed" in str(refused.exception)
    model = encoder.load(FOLDER, encoder.SHA256)
    monkeypatch.setattr(encoder, "installed", lambda: True)
    monkeypatch.setattr(encoder, "packaged", lambda: model)
    for tier in ("small", "quality"):
        told = CliRunner().invoke(cli, ["group", "--tier", tier, str(path)])
        assert told.exception is None
        assert len({json.loads(line)["issue"] for line in told.stdout.splitlines()}) >= 2
        measured = CliRunner().invoke(cli, ["eval", "groups", "--tier", tier, str(path), "--json"])
        version = json.loads(measured.stdout)["versions"]["groups"]
        assert version.endswith("encoder") == (tier == "quality")
