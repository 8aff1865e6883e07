"""Logs: one road for all entries, JSON lines in a pipe, no secret in any."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from listener import logs
from listener.app import open_app

CANARY = "canary-5ecret"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def shout() -> None:
    log = structlog.get_logger("listener.test")
    log.info(f"said {CANARY}", deep={"list": [CANARY, {"x": (CANARY,)}]}, number=3)
    log.warning("keys", password=CANARY[::-1], api_key="k", client_secret="s", tokens=12)
    log.info("address", url="https://me:pass@example.org/x?token=abc&page=2", auth="Bearer xyz")
    log.debug("not shown")
    logging.getLogger("somebody").warning("lib %s", CANARY)
    logging.getLogger("somebody").info("not shown")
    try:
        raise ValueError(f"wrong: {CANARY}")
    except ValueError:
        log.exception("failed")
        logging.getLogger("somebody").exception("lib failed")


def test_json_lines_hold_no_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure([CANARY])
    shout()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert CANARY not in printed.err
    assert CANARY[::-1] not in printed.err
    entries = [json.loads(line) for line in printed.err.splitlines()]
    assert [entry["event"] for entry in entries] == [
        "said [secret]",
        "keys",
        "address",
        "lib [secret]",
        "failed",
        "lib failed",
    ]
    assert entries[0]["deep"] == {"list": ["[secret]", {"x": ["[secret]"]}]}
    assert (entries[0]["number"], entries[1]["tokens"]) == (3, 12)
    assert {entries[1][key] for key in ("password", "api_key", "client_secret")} == {"[secret]"}
    assert entries[2]["url"] == "https://me:[secret]@example.org/x?token=[secret]&page=2"
    assert entries[2]["auth"] == "Bearer [secret]"
    assert entries[3]["level"] == "warning"
    assert "ValueError: wrong: [secret]" in entries[4]["exception"]
    assert entries[0]["timestamp"].endswith("Z")


def test_a_terminal_gets_lines_for_people_that_cannot_steer_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    logs.configure([CANARY])
    shout()
    structlog.get_logger("listener.test").info("evil \x1b]0;title\x07 \u202e")
    printed = terminal.getvalue()
    assert CANARY not in printed
    assert "said [secret]" in printed
    assert "\x1b" not in printed
    assert "\u202e" not in printed


def test_secrets_may_become_known_later(capsys: pytest.CaptureFixture[str]) -> None:
    logs.hide([CANARY])  # harmless before `configure`
    logs.configure()
    logs.hide([CANARY])
    structlog.get_logger("listener.test").info(CANARY)
    assert CANARY not in capsys.readouterr().err


def test_verbose_shows_our_debug_entries_only(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(verbose=True)
    logs.configure(verbose=True)
    structlog.get_logger("listener.test").debug("ours")
    logging.getLogger("somebody").debug("theirs")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["ours"]


@given(st.text(min_size=4, max_size=20), st.text(max_size=40), st.text(max_size=40))
def test_a_known_secret_never_survives(secret: str, before: str, after: str) -> None:
    masked = logs.Mask([secret]).text(before + secret + after)
    assert secret not in masked.replace(logs.MASK, "")


def test_short_values_are_left_alone() -> None:
    assert logs.Mask(["a", ""]).text("a bank") == "a bank"


def test_importing_us_configures_nothing() -> None:
    code = (
        "import logging, structlog, listener.logs, listener.plugins, listener.config\n"
        "assert not logging.getLogger().handlers and not structlog.is_configured()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_opening_the_program_hides_the_secrets_of_its_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.yaml").write_text(
        f"brands: [{{name: Acme}}]\nnotify: [{{when: spike, url: 'tgram://{CANARY}'}}]\n",
        encoding="utf-8",
    )
    logs.configure()
    with open_app(tmp_path / "config.yaml"):
        structlog.get_logger("listener.test").info(f"calling tgram://{CANARY} now")
    assert CANARY not in capsys.readouterr().err
