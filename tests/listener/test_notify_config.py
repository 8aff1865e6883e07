"""Entries of `notify`: what is accepted, what is named as a mistake, and when something is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from listener.config import Config, load
from listener.config.notify import names_of
from listener.errors import ConfigError

HEAD = "brands: [{name: Acme}]\nnotify:\n"
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def read(folder: Path, *entries: str) -> Config:
    lines = "".join(f"  - {{{entry}}}\n" for entry in entries)
    (folder / "config.yaml").write_text(HEAD + lines, encoding="utf-8")
    return load(folder / "config.yaml", {})


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("when: spikes, url: 'https://x.example'", "when: must be one or a list of: spike,"),
        ("when: [spike, bakc], url: 'https://x.example'", "did you mean 'back'"),
        ("when: [], url: 'https://x.example'", "must be one or a list of"),
        ("when: spike, url: example.org", "not an address; write https://"),
        ("when: spike, url: 'https://'", "not an address"),
        ("when: spike, url: 'https:///canary'", "has no host"),
        ("when: spike, url: 'https://x.example', secret: whsec_short", "secret"),
        ("when: spike, url: 'slack://a/b/c', secret: " + KEY, "secret is for webhooks"),
        ("when: spike, url: 'slack://a/b/c', allow_private: true", "is for webhooks"),
        ("when: spike, url: 'https://x.example', every: 10s", "every lies between 1m and 1d"),
        ("when: spike, url: 'https://x.example', hours: {tz: UTC}", "no day has hours"),
        ("when: spike, url: 'https://x.example', quiet: 1h", "not a setting"),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path: Path, entry: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(tmp_path, entry)
    assert said in str(error.value)
    assert "config.yaml:3:" in str(error.value)
    assert "canary" not in str(error.value)


def test_two_entries_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two entries are called 'desk'"):
        read(tmp_path, *["name: desk, when: spike, url: 'https://x.example'"] * 2)


def test_entries_without_a_name_are_called_by_their_place(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        "when: spike, url: 'https://x.example/canary'",
        "name: desk, when: [back, spike, back], url: 'slack://a/b/c', brands: [Acme]",
    )
    rules = names_of(config.notify)
    assert list(rules) == ["notify-1", "desk"]
    assert rules["desk"].when == ("back", "spike")
    assert [rule.webhook for rule in rules.values()] == [True, False]
    assert "canary" not in repr(config.notify)
    assert rules["desk"].wants("spike", "Acme")
    assert rules["desk"].wants("spike", "")
    assert not rules["desk"].wants("spike", "Zeta")
    assert not rules["desk"].wants("disk", "")


def test_quiet_hours_and_gathering(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        "when: spike, url: 'https://x.example'",
        "name: hourly, when: spike, url: 'https://x.example', every: 1h",
        "name: day, when: spike, url: 'https://x.example', every: 1h, "
        "hours: {tz: Europe/Berlin, mon-fri: '08:00-18:00'}",
    )
    at = datetime(2026, 11, 20, 16, 59, 30, tzinfo=UTC)  # a Friday, 17:59:30 in Berlin
    plain, hourly, day = config.notify
    assert plain.not_before(at) == at
    assert hourly.not_before(at) == datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert day.not_before(at) == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert hourly.not_before(hourly.not_before(at)) > hourly.not_before(at)
