"""`listener sources`: how the sources are, what they can be set to, what they missed."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from listener.cli import cli
from listener.config.settings_text import describe_settings
from listener.coverage import STRETCHES, Seen, coverage
from listener.errors import ListenerError
from listener.store import open_store
from listener.store.protocol import Store
from listener.store.rows import Collected, SourceState
from sources.mention import Mention
from sources.protocols import Filled, Gap, Health
from sources.rss.settings import RssSettings

NOW = datetime.now(UTC).replace(microsecond=0)
CONFIG = """\
brands: [{name: Acme}]
sources:
  - {name: blogs, type: rss, url: "http://127.0.0.1:1/feed", every: 5m, allow_private: true}
  - {name: archive, type: files, paths: [posts.jsonl], brands: [Acme]}
"""

Invoke = Callable[..., Result]


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run `listener sources …` on a configuration with two sources."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LISTENER_CONFIG", raising=False)
    Path("config.yaml").write_text(CONFIG, encoding="utf-8")

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["sources", *arguments], env={"COLUMNS": "200"})

    return invoke


def run(store: Store, source: str, at: datetime, outcome: str, gap: Gap | None = None) -> None:
    number = store.open_run(source, at)
    mention = Mention("rss", f"{source}-{at:%s}", "on hold", at)
    store.collect(Collected(number, source, [mention] if outcome == "ok" else [], at, gap=gap))
    store.close_run(number, outcome, "", at + timedelta(seconds=1))


@pytest.fixture
def ledger(invoke: Invoke) -> None:
    """A store in which `blogs` has run well, missed a stretch, and failed last."""
    with open_store(f"sqlite:///{Path('listener.db').absolute()}") as store:
        missed = Gap("more than a page was new", NOW - timedelta(days=3), NOW - timedelta(days=2))
        run(store, "blogs", NOW - timedelta(days=30), "ok")
        run(store, "blogs", NOW - timedelta(days=6), "ok")
        run(store, "blogs", NOW - timedelta(days=2), "ok", missed)
        run(store, "blogs", NOW - timedelta(hours=1), "failed")
        store.set_health(
            SourceState(
                "blogs", Health.BLIND, NOW - timedelta(hours=1), "no \x1b[31manswer", failures=1
            )
        )


def test_list_shows_every_configured_source_and_its_health(invoke: Invoke, ledger: None) -> None:
    shown = invoke("list").stdout
    assert "blogs" in shown
    assert "blind" in shown
    assert "never run" in shown
    assert "\x1b" not in shown
    rows = json.loads(invoke("list", "--json").stdout)
    assert [(row["source"], row["health"], row["every"]) for row in rows] == [
        ("blogs", "blind", 300.0),
        ("archive", None, 900.0),
    ]


def test_list_without_sources_says_where_to_begin(invoke: Invoke) -> None:
    Path("config.yaml").write_text("brands: [{name: Acme}]\n", encoding="utf-8")
    done = invoke("list")
    assert done.exit_code == 0
    assert "listener sources describe" in done.stderr


def test_describe_lists_the_types_and_the_settings_of_one(invoke: Invoke) -> None:
    types = json.loads(invoke("describe", "--json").stdout)
    assert {row["type"] for row in types} >= {"rss", "files", "sample"}
    assert {row["from"] for row in types} == {"built in"}
    assert "rss" in invoke("describe").stdout
    settings = json.loads(invoke("describe", "rss", "--json").stdout)["settings"]
    url = next(one for one in settings if one["name"] == "url")
    assert (url["required"], url["value"]) == (True, "text")
    shown = invoke("describe", "rss").stdout
    assert "must be set" in shown
    assert "budget.posts_per_day" in shown


def test_describe_of_an_unknown_type_names_the_one_that_was_meant(invoke: Invoke) -> None:
    done = invoke("describe", "rsss")
    assert isinstance(done.exception, ListenerError)
    assert done.exception.exit_code == 2
    assert "did you mean 'rss'?" in str(done.exception)


def test_every_setting_is_described() -> None:
    described = list(describe_settings(RssSettings))
    assert all(one.description and one.value for one in described)
    assert next(one for one in described if one.name == "every").default == "15m"


def test_check_of_one_source_ends_with_4_when_it_fails(invoke: Invoke) -> None:
    Path("posts.jsonl").write_text('{"text": "x", "id": "1"}\n', encoding="utf-8")
    assert invoke("check", "archive").exit_code == 0
    done = invoke("check", "--json")
    assert isinstance(done.exception, ListenerError)
    assert done.exception.exit_code == 4
    assert [row["ok"] for row in json.loads(done.stdout)] == [False, True]
    unknown = invoke("check", "archiv")
    assert isinstance(unknown.exception, ListenerError)
    assert "did you mean 'archive'?" in str(unknown.exception)


def test_coverage_draws_the_ledger(invoke: Invoke, ledger: None) -> None:
    shown = invoke("coverage", "blogs").stdout
    assert "blind since 1 h ago" in shown
    assert "could not see" in shown
    assert "more than a page was new" in shown
    assert "archive" not in shown
    found = json.loads(invoke("coverage", "--json").stdout)
    assert [one["source"] for one in found] == ["archive", "blogs"]
    assert (found[1]["runs"], found[1]["failed"], found[1]["new"]) == (3, 1, 2)
    assert len(found[1]["gaps"]) == 1
    unknown = invoke("coverage", "blog")
    assert "did you mean 'blogs'?" in str(unknown.exception)


def test_coverage_tells_a_gap_that_was_filled_from_one_that_is_open(
    invoke: Invoke, ledger: None
) -> None:
    with open_store(f"sqlite:///{Path('listener.db').absolute()}") as store:
        number = store.open_run("blogs", NOW)
        filled = Filled(NOW - timedelta(days=3), NOW - timedelta(days=2), found=12)
        store.collect(Collected(number, "blogs", [], NOW, filled=filled))
    shown = invoke("coverage", "blogs").stdout
    assert "12 posts found" in shown
    assert "could not see" not in shown
    (found,) = json.loads(invoke("coverage", "blogs", "--json").stdout)
    assert found["gaps"][0]["closed_at"] is not None
    assert "gap" not in found["stretches"]


def test_coverage_ends_with_4_while_a_source_cannot_see(invoke: Invoke, ledger: None) -> None:
    done = invoke("coverage")
    assert isinstance(done.exception, ListenerError)
    assert done.exception.exit_code == 4
    assert "blogs" in str(done.exception)
    assert invoke("coverage", "archive").exit_code == 0


def test_coverage_shows_the_rhythm_and_an_unusual_silence(invoke: Invoke) -> None:
    begin = NOW - timedelta(days=7)
    with open_store(f"sqlite:///{Path('listener.db').absolute()}") as store:
        store.close_run(store.open_run("blogs", begin - timedelta(days=8)), "ok", "", begin)
        for hour in range(-8 * 24, 6 * 24):
            run(store, "blogs", begin + timedelta(hours=hour), "ok")
        for hour in range(6 * 24, 7 * 24):
            store.close_run(store.open_run("blogs", begin + timedelta(hours=hour)), "ok", "", NOW)
        since = begin + timedelta(hours=6 * 24 - 1)
        reason = "unusually quiet since yesterday"
        state = SourceState("blogs", Health.DEGRADED, NOW, reason, NOW, NOW, quiet_since=since)
        store.set_health(state)
        stopped = store.open_run("archive", NOW - timedelta(hours=5))
        store.close_run(stopped, "stopped", "the budget is used up", NOW - timedelta(hours=5))
    done = invoke("coverage")
    assert done.exit_code == 0
    assert "blogs is degraded: unusually quiet since yesterday" in done.stdout
    assert re.search(r"24\.\d a day", done.stdout)
    assert "too few to tell" in done.stdout
    assert "1, 1 stopped" in done.stdout
    archive, blogs = json.loads(invoke("coverage", "--json").stdout)
    assert (blogs["rhythm"]["silence"], archive["rhythm"]["silence"]) == (
        "unusual",
        "too few to tell",
    )
    assert set(blogs["stretches"][-6:]) == {"unusually quiet"}
    assert set(blogs["stretches"][:-8]) == {"news"}
    assert "stopped by us" in archive["stretches"]
    assert blogs["last"]["asked_since"] is not None


def test_a_source_that_fails_now_is_not_drawn_as_quiet(invoke: Invoke, ledger: None) -> None:
    with open_store(f"sqlite:///{Path('listener.db').absolute()}") as store:
        run(store, "blogs", NOW - timedelta(minutes=9), "ok")
        run(store, "blogs", NOW - timedelta(minutes=1), "failed")
        (found,) = coverage(store, ["blogs"], NOW, 7)
        assert found.stretches[-1] is Seen.FAILED
        run(store, "blogs", NOW, "ok")
        (found,) = coverage(store, ["blogs"], NOW, 7)
        assert found.stretches[-1] is Seen.OK


def test_one_source_alone_tells_what_its_last_run_noted(invoke: Invoke) -> None:
    with open_store(f"sqlite:///{Path('listener.db').absolute()}") as store:
        store.set_health(SourceState("archive", Health.QUIET, NOW, "not modified (304)"))
    assert "archive is quiet: not modified (304)" in invoke("coverage", "archive").stdout
    assert "not modified" not in invoke("coverage").stdout


def test_stretches_say_the_worst_that_matters(invoke: Invoke, ledger: None) -> None:
    with open_store(f"sqlite:///{Path('listener.db').absolute()}") as store:
        (found,) = coverage(store, ["blogs"], NOW, 7)
    assert len(found.stretches) == STRETCHES
    day = STRETCHES // 7
    assert found.stretches[day] is Seen.OK
    assert set(found.stretches[4 * day : 5 * day]) == {Seen.GAP}
    assert found.stretches[-1] is Seen.FAILED
    assert found.stretches[0] is Seen.NO_RUN
