"""What a monitor reads: counts and states in the text format of Prometheus.

Labels are words of ours and names from the configuration, never anything that a post says or a person
is called; of more than 200 sources those that are worst are named, all are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from itertools import accumulate
from typing import TYPE_CHECKING, cast

from listener.health import report
from listener.stage_times import BOUNDS, StageTimes
from listener.store.protocol import Store
from listener.store.rows import SourceState, Totals
from sources.protocols import Health

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MOST_SOURCES = 200
MOST_MESSAGES = 10_000
GIVEN_UP = timedelta(days=30)  # cases beyond their promise for longer are counted no more
OUTBOX = ("waiting", "sending", "failed", "in doubt")


def exposition(store: Store, at: datetime, times: StageTimes) -> bytes:
    """Everything at this moment. Costs a few look-ups; raises StoreError."""
    from prometheus_client.exposition import generate_latest

    found = list(_families(store, at, times))

    class Once:
        """What `generate_latest` asks for its families."""

        def collect(self) -> Iterator[Metric]:
            yield from found

    return generate_latest(cast("CollectorRegistry", Once()))


def _families(store: Store, at: datetime, times: StageTimes) -> Iterator[Metric]:
    from prometheus_client.metrics_core import InfoMetricFamily

    seen = report(store, at)
    yield InfoMetricFamily(
        "listener_build", "What is running.", value={"version": version("complaint-listener")}
    )
    yield from _work(store, at, seen.totals)
    yield from _outbox(store)
    yield from _sources(seen.sources)
    yield from _stages(times)


def _work(store: Store, at: datetime, totals: Totals) -> Iterator[Metric]:
    from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

    yield CounterMetricFamily(
        "listener_mentions", "Mentions taken in since the store was made.", totals.mentions
    )
    yield _one("listener_mentions_waiting", "Mentions that wait to be judged.", totals.pending)
    since = store.waiting_since()
    yield _one(
        "listener_lag_seconds",
        "How long the mention that is next to be judged has waited since it was taken in.",
        max(0.0, (at - since).total_seconds()) if since is not None else 0,
    )
    yield _one("listener_issues", "Issues that are not merged into others.", totals.issues)
    cases = GaugeMetricFamily("listener_cases", "Cases by state.", labels=["state"])
    for state, count in totals.cases_by_state.items():
        cases.add_metric([state], count)
    yield cases
    depth = GaugeMetricFamily(
        "listener_queue_cases", "Cases that are open, by lane.", labels=["lane"]
    )
    for lane, count in totals.cases_by_lane.items():
        depth.add_metric([lane], count)
    yield depth
    yield _one(
        "listener_queue_beyond_promise_cases",
        "Open cases that were to be answered by now.",
        len(store.overdue(at - GIVEN_UP, at)),
    )


def _outbox(store: Store) -> Iterator[Metric]:
    from prometheus_client.metrics_core import GaugeMetricFamily

    outbox = GaugeMetricFamily(
        "listener_outbox_messages", "Messages that are not sent, by state.", labels=["state"]
    )
    for state in OUTBOX:
        outbox.add_metric([state.replace(" ", "_")], len(store.deliveries(state, MOST_MESSAGES)))
    yield outbox


def _sources(states: tuple[SourceState, ...]) -> Iterator[Metric]:
    """`states` are sorted, the worst first."""
    from prometheus_client.metrics_core import GaugeMetricFamily

    counted = Counter(state.health for state in states)
    by_state = GaugeMetricFamily("listener_sources", "Sources by state.", labels=["state"])
    for health in Health:
        by_state.add_metric([str(health)], counted[health])
    yield by_state
    each = GaugeMetricFamily(
        "listener_source_state", "1 for the state a source is in.", labels=["source", "state"]
    )
    success = GaugeMetricFamily(
        "listener_source_last_success_timestamp_seconds",
        "When a source went through last.",
        labels=["source"],
    )
    failures = GaugeMetricFamily(
        "listener_source_failures", "How often a source failed in a row.", labels=["source"]
    )
    for one in states[:MOST_SOURCES]:
        for health in Health:
            each.add_metric([one.source, str(health)], int(one.health is health))
        if one.last_success_at is not None:
            success.add_metric([one.source], one.last_success_at.timestamp())
        failures.add_metric([one.source], one.failures)
    yield from (each, success, failures)


def _stages(times: StageTimes) -> Iterator[Metric]:
    from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily

    spent = HistogramMetricFamily(
        "listener_stage_duration_seconds",
        "How long the stages of this process took; none while the work is done by another one.",
        labels=["stage"],
    )
    failed = CounterMetricFamily(
        "listener_stage_failures", "How often a stage failed in this process.", labels=["stage"]
    )
    for stage, time in times.seen().items():
        edges = [*map(str, BOUNDS), "+Inf"]
        buckets = list(zip(edges, map(float, accumulate(time.counts)), strict=True))
        spent.add_metric([stage], buckets=buckets, sum_value=time.seconds)
        failed.add_metric([stage], time.failures)
    yield from (spent, failed)


def _one(name: str, about: str, value: float) -> Metric:
    from prometheus_client.metrics_core import GaugeMetricFamily

    return GaugeMetricFamily(name, about, value)
