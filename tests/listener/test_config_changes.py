"""Two configurations, and what an operator reads of their difference."""

from __future__ import annotations

from pathlib import Path

from listener.app import read_configuration
from listener.config.changes import changes

OLD = """
brands: [{name: Northgate, query: northgate, languages: [en]}]
sources:
  - {name: blogs, type: rss, url: "https://example.org/feed", every: 15m}
  - {name: old, type: rss, url: "https://example.org/old"}
queue: {lease: 20m}
"""


def differ(folder: Path, old: str, new: str) -> list[str]:
    read = []
    for name, text in (("old.yaml", old), ("new.yaml", new)):
        (folder / name).write_text(text, encoding="utf-8")
        read.append(read_configuration(folder / name))
    return changes(*read)


def test_the_same_is_no_change(tmp_path: Path) -> None:
    assert differ(tmp_path, OLD, OLD + "\n# a comment\n") == []


def test_every_changed_setting_is_a_line(tmp_path: Path) -> None:
    new = OLD.replace("15m", "5m").replace("lease: 20m", "lease: 1h").replace("[en]", "[en, de]")
    assert differ(tmp_path, OLD, new) == [
        "brands.Northgate.languages: en → en, de",
        "sources.blogs.every: 0:15:00 → 0:05:00",
        "queue.lease: 0:20:00 → 1:00:00",
    ]


def test_members_come_and_go_by_name(tmp_path: Path) -> None:
    new = OLD.replace("name: old", "name: new")
    assert differ(tmp_path, OLD, new) == ["sources.old: removed", "sources.new: added"]
    without = "brands: [{name: Northgate, query: northgate, languages: [en]}]\n"
    assert "sources.blogs: removed" in differ(tmp_path, OLD, without)


def test_secrets_are_named_and_never_shown(tmp_path: Path) -> None:
    old = OLD + 'notify: [{when: spike, url: "https://example.org/canary-one"}]\n'
    new = OLD + 'notify: [{when: spike, url: "https://example.org/canary-two"}]\n'
    assert differ(tmp_path, old, new) == ["notify.1.url: [secret] → [secret]"]
    assert differ(tmp_path, OLD, new) == ["notify.1: added"]
