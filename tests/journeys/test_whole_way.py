"""A served feed is collected, queued, answered, resolved, undone and exported, by typing commands."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from listener.cli import cli
from sources.testing.web import Answer, FakeWeb

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Money forum</title><link>https://forum.example/</link>
<description>Talk</description>
<item><guid isPermaLink="false">post-{first}</guid><link>https://forum.example/1</link>
 <title>Northgate Bank keeps my refund</title><author>ann@forum.example (Ann)</author>
 <description>&lt;p&gt;I have been on hold with Northgate for two hours, nobody answers my emails
 and I will report them to the ombudsman.&lt;/p&gt;</description>
 <pubDate>Fri, 20 Nov 2026 09:00:00 GMT</pubDate></item>
<item><guid isPermaLink="false">post-2</guid><link>https://forum.example/2</link>
 <title>A question about Northgate</title><author>bob@forum.example (Bob)</author>
 <description>How do I order a second card from Northgate?</description>
 <pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item>
<item><guid isPermaLink="false">post-3</guid><link>https://forum.example/3</link>
 <title>Lovely weather</title><author>cat@forum.example (Cat)</author>
 <description>Nothing about banks at all.</description>
 <pubDate>Fri, 20 Nov 2026 07:00:00 GMT</pubDate></item>
</channel></rss>"""

CONFIG = """
brands:
  - {{name: Northgate, query: northgate, languages: [en]}}
sources:
  - {{name: forum, type: rss, url: "{url}", allow_private: true}}
"""


class Terminal:
    """Somebody typing commands in a folder with a configuration."""

    def __init__(self, config: Path) -> None:
        self._config = config

    def type(self, *words: str, code: int = 0) -> str:
        """The command's results; its exit code must be the expected one."""
        done = CliRunner().invoke(cli, ["--config", str(self._config), *words])
        expected = getattr(done.exception, "exit_code", done.exit_code)
        assert expected == code, (words, done.output, done.exception)
        return done.stdout

    def read(self, *words: str) -> list[dict[str, object]]:
        """The command's JSON."""
        found: list[dict[str, object]] = json.loads(self.type(*words, "--json"))
        return found


@pytest.fixture
def forum() -> Iterator[FakeWeb]:
    with FakeWeb({"/feed": Answer(FEED.format(first=1).encode())}) as web:
        yield web


@pytest.fixture
def terminal(tmp_path: Path, forum: FakeWeb) -> Terminal:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.format(url=forum.url("/feed")), encoding="utf-8")
    return Terminal(config)


def test_from_a_served_feed_to_an_export(terminal: Terminal) -> None:
    terminal.type("run", "--once")
    queue = terminal.read("queue", "list")
    assert [row["title"] for row in queue] == [
        "Northgate Bank keeps my refund",
        "A question about Northgate",
    ]
    top = queue[0]
    reasons = top["reasons"]
    assert isinstance(reasons, list)
    assert top["priority"] == sum(part["points"] for part in reasons)
    assert top["vigilante"] == "likely"
    case = str(top["id"])

    terminal.type("queue", "claim", case, "--as", "ana")
    terminal.type("queue", "claim", case, "--as", "ben", code=1)
    terminal.type("queue", "note", case, "called the branch", "--as", "ana")
    reply = terminal.type("queue", "reply", case, "Sorry! We are on it.", "--as", "ana")
    assert "https://forum.example/1" in reply
    terminal.type("queue", "resolve", case, "refund sent", "--as", "ana")
    assert [row["id"] for row in terminal.read("queue", "list")] == [queue[1]["id"]]
    terminal.type("queue", "undo", case, "--as", "ana")
    assert {row["id"] for row in terminal.read("queue", "list", "--view", "all")} == {
        row["id"] for row in queue
    }

    file = json.loads(terminal.type("queue", "show", case, "--json"))
    moves = [(row["actor"], row["action"]) for row in file["history"]]
    expected = ["claim", "note", "reply", "resolve", "undo"]
    assert [action for actor, action in reversed(moves) if actor == "ana"] == expected

    exported = list(csv.DictReader(io.StringIO(terminal.type("export", "cases"))))
    assert {row["state"] for row in exported} == {"answering", "new"}
    mentions = list(csv.DictReader(io.StringIO(terminal.type("export", "mentions"))))
    assert len(mentions) == 3
    muted = [row for row in mentions if row["lane"] == "muted"]
    assert ["Lovely weather" in row["title"] for row in muted] == [True]


def test_a_second_run_adds_nothing_and_a_failing_source_is_seen(
    terminal: Terminal, forum: FakeWeb
) -> None:
    terminal.type("run", "--once")
    before = terminal.read("queue", "list")
    terminal.type("run", "--once")
    assert terminal.read("queue", "list") == before

    forum.routes["/feed"] = Answer(b"<html><body>Log in</body></html>")
    terminal.type("run", "--once", "forum", code=4)
    listed = terminal.type("queue", "list")
    assert "forum blind since" in listed
    assert terminal.read("queue", "list") == before


def test_an_edited_post_is_judged_anew_and_keeps_its_case(
    terminal: Terminal, forum: FakeWeb
) -> None:
    terminal.type("run", "--once")
    case = terminal.read("queue", "list")[1]
    edited = FEED.format(first=1).replace("How do I order", "I want my money back! How do I order")
    forum.routes["/feed"] = Answer(edited.encode())
    terminal.type("run", "--once", "forum")
    file = json.loads(terminal.type("queue", "show", str(case["id"]), "--json"))
    assert "money back" in file["case"]["text"]
    assert "money back" not in file["edits"][0][2]
    assert "refund" in {signal["name"] for signal in file["mentions"][0]["verdict"]["signals"]}
