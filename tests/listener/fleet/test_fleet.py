"""A fleet does what one process does: the same rows in every table, whoever does what."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from listener.errors import StoreBusy, UsageError
from listener.fleet.worker import Worker
from listener.store import run_lock
from listener.store.address import workers_lock

Fleets = Callable[..., Any]


def differing(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    return {name for name, rows in one.items() if rows != other[name]}


@pytest.fixture
def expected(fleet: Fleets) -> dict[str, Any]:
    """The rows that one process writes."""
    calm = fleet()
    calm.alone()
    rows: dict[str, Any] = calm.rows()
    assert len(rows["cases"]) > 50
    assert len(rows["issues"]) > 4
    assert rows["pending"] == []
    return rows


def test_one_worker_ends_like_one_process(fleet: Fleets, expected: dict[str, Any]) -> None:
    busy = fleet()
    assert busy.worker().run(until_done=True) >= 3
    assert differing(expected, busy.rows()) == set()


def test_two_workers_at_once_end_like_one_process(
    fleet: Fleets, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.fleet.shift.SHARE", 40)  # so that there is something to share
    busy = fleet()
    with ThreadPoolExecutor(2) as both:
        done = [both.submit(busy.worker().run, until_done=True) for _ in range(2)]
        counted = [one.result(120) for one in done]
    assert min(counted) > 0
    assert differing(expected, busy.rows()) == set()


def test_brands_that_share_nothing_are_written_side_by_side(fleet: Fleets) -> None:
    brands = "[{name: Northgate, query: northgate}, {name: Southgate, query: northgate}]"
    more = "  - {name: sample, type: sample, brands: [Southgate]}\n"
    calm, busy = (fleet(brands=brands, of="Northgate", more=more) for _ in range(2))
    calm.alone()
    with ThreadPoolExecutor(2) as both:
        for one in [both.submit(busy.worker().run, until_done=True) for _ in range(2)]:
            one.result(120)

    def memberships(one: Any) -> list[tuple[object, ...]]:
        """Which mentions are in one issue, whatever its number."""
        found = one.ask(
            "SELECT g.brand, string_agg(m.external_id, ',' ORDER BY m.external_id)"
            " FROM listener.memberships g JOIN listener.mentions m ON m.id = g.mention_id"
            " GROUP BY g.brand, g.issue_id"
        )
        return sorted(found)

    assert len(memberships(calm)) > 4
    assert memberships(calm) == memberships(busy)


def test_a_fleet_and_a_single_run_exclude_each_other(fleet: Fleets) -> None:
    url = fleet().url
    with (
        workers_lock(url),
        workers_lock(url),
        pytest.raises(StoreBusy, match="a fleet's worker on"),
        run_lock(url),
    ):
        pass
    with run_lock(url), pytest.raises(StoreBusy, match="a run on"), workers_lock(url):
        pass


def test_a_fleet_needs_a_database(fleet: Fleets) -> None:
    one = fleet()
    one.config.write_text("store: sqlite:///listener.db\nbrands: [{name: Northgate}]\n", "utf-8")
    with pytest.raises(UsageError, match="a fleet needs a store in PostgreSQL"):
        one.worker().run()


def test_jobs_are_called_by_their_names(fleet: Fleets) -> None:
    with pytest.raises(UsageError, match="no job is called 'juggle'; there are: collect, judge"):
        Worker(fleet().config, only=("juggle",))


def test_a_worker_takes_the_jobs_it_is_for(fleet: Fleets) -> None:
    busy = fleet()
    tables = ("mentions", "pending", "cases")
    found = []
    for kinds in (("judge", "group"), ("collect",), ("group",), ("judge", "send"), ("group",)):
        busy.worker(only=kinds).run(until_done=True)
        [counts] = busy.ask(
            "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
        )
        found.append(counts)
    assert found[:4] == [(0, 0, 0), (300, 300, 0), (300, 300, 0), (300, 300, 0)]
    assert found[4][:2] == (300, 0)
    assert found[4][2] > 50
