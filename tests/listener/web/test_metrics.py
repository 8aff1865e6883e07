"""What Prometheus is told, as its own tools read it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from listener.metrics import MOST_SOURCES, exposition
from listener.stage_times import BOUNDS, StageTimes
from listener.store.coverage import SourceState
from listener.store.rows import Collected, Span
from sources.mention import Author, Mention
from sources.protocols import Health

Values = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def told(house: Any, furnish: Callable[[], Any]) -> Callable[..., str]:
    """The text for a house in which something has happened."""
    furnish()

    def tell(times: StageTimes | None = None) -> str:
        at = house.clock()
        house.store.set_health(
            SourceState('a "quoted"\nsource\\', Health.BLIND, at, "nobody answers", failures=3)
        )
        house.store.set_health(
            SourceState("forum", Health.HEALTHY, at, "", last_success_at=at - timedelta(minutes=5))
        )
        return exposition(house.store, at, times or StageTimes()).decode()

    return tell


def values(text: str) -> Values:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_it_counts_what_the_store_counts(house: Any, told: Callable[..., str]) -> None:
    found = values(told())
    totals = house.store.totals()
    assert totals.mentions > 0
    assert found["listener_mentions_total", ()] == totals.mentions
    assert found["listener_mentions_waiting", ()] == totals.pending
    for lane, count in totals.cases_by_lane.items():
        assert found["listener_queue_cases", (("lane", lane),)] == count
    assert found["listener_sources", (("state", "blind"),)] == 1
    odd = ("source", 'a "quoted"\nsource\\')
    assert found["listener_source_state", (odd, ("state", "blind"))] == 1
    assert found["listener_source_state", (odd, ("state", "healthy"))] == 0
    assert found["listener_source_failures", (odd,)] == 3
    age = house.clock().timestamp() - 300
    assert found["listener_source_last_success_timestamp_seconds", (("source", "forum"),)] == age
    assert found["listener_outbox_messages", (("state", "in_doubt"),)] == 0


def test_lag_is_the_wait_of_the_next_one(house: Any, told: Callable[..., str]) -> None:
    assert values(told())["listener_lag_seconds", ()] == 0
    late = Mention("forum", "late", "nobody answers", house.clock(), Author("ann"))
    house.store.collect(
        Collected(house.store.open_run("forum", house.clock()), "forum", [late], house.clock())
    )
    house.clock.at += timedelta(seconds=90)
    assert values(told())["listener_lag_seconds", ()] == 90


def test_stages_are_timed_and_their_failures_counted(told: Callable[..., str]) -> None:
    times = StageTimes()
    with times.of("triage"):
        pass
    with pytest.raises(ValueError, match="out of luck"), times.of("triage"):
        raise ValueError("out of luck")
    times.failed("triage")
    found = values(told(times))
    stage = ("stage", "triage")
    assert found["listener_stage_duration_seconds_count", (stage,)] == 2
    assert found["listener_stage_duration_seconds_bucket", (("le", "+Inf"), stage)] == 2
    assert found["listener_stage_duration_seconds_bucket", (("le", str(BOUNDS[-1])), stage)] == 2
    assert found["listener_stage_failures_total", (stage,)] == 2


def test_names_come_from_the_configuration_alone_and_are_bounded(
    house: Any, told: Callable[..., str]
) -> None:
    for number in range(MOST_SOURCES + 50):
        state = SourceState(f"feed {number:03}", Health.QUIET, house.clock(), "")
        house.store.set_health(state)
    text = told()
    named = set(re.findall(r'source="([^"]*)"', text))
    assert len(named) <= MOST_SOURCES + 1
    assert values(text)["listener_sources", (("state", "quiet"),)] == MOST_SOURCES + 50
    assert set(re.findall(r"(\w+)=\"", text)) <= {
        "source",
        "state",
        "lane",
        "stage",
        "le",
        "version",
    }
    for mention in house.store.mentions(Span()):
        assert mention.mention.text not in text
        assert mention.mention.author.handle not in text


def test_promtool_finds_nothing_to_say(told: Callable[..., str]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: apt-get install prometheus")
    times = StageTimes()
    with times.of("collect"):
        pass
    checked = subprocess.run(
        [promtool, "check", "metrics"], input=told(times), capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_only_who_may_read_is_told(
    browser: Callable[[], TestClient], program: Callable[..., TestClient]
) -> None:
    assert browser().get("/metrics").status_code in (303, 401)
    answer = program().get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "listener_mentions_total" in answer.text
