"""The daemon collects on its own, commits, and stops when asked."""

from __future__ import annotations

import queue
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from listener.app import App, open_app
from listener.daemon import Daemon
from listener.errors import ConfigError
from listener.stages.cycle import Cycle
from listener.store.rows import Collected, QueueQuery
from sources.mention import Mention

CONFIG = """
brands: [{name: Northgate Bank}]
sources: [{name: sample, type: sample}]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def test_it_fills_the_queue_at_once_and_stops_when_asked(config: Path) -> None:
    cycles: list[Cycle] = []
    first = threading.Event()

    def after(app: App, cycle: Cycle) -> None:
        cycles.append(cycle)
        first.set()

    daemon = Daemon(config, after_cycle=after)
    daemon.start()
    assert first.wait(60)
    daemon.stop()
    daemon.stop()
    assert daemon.error is None
    assert cycles[0].triaged == 600
    with open_app(config) as app:
        assert len(app.store.queue(QueueQuery(limit=10))) == 10
        assert app.store.totals().pending == 0


def test_what_is_delivered_meanwhile_is_triaged_in_seconds(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.daemon.DELIVERED", timedelta(milliseconds=20))
    triaged: queue.Queue[int] = queue.Queue()
    daemon = Daemon(config, after_cycle=lambda app, cycle: triaged.put(cycle.triaged))
    daemon.start()
    assert triaged.get(timeout=60) == 600
    with open_app(config) as app:
        run = app.store.open_run("crm", app.now())
        mention = Mention("webhook", "1", "My card was declined twice", app.now())
        app.store.collect(Collected(run, "crm", [mention], app.now(), brand="Northgate Bank"))
        assert triaged.get(timeout=30) == 1
    daemon.stop()
    assert daemon.error is None


def test_what_keeps_it_from_starting_is_handed_over(tmp_path: Path) -> None:
    ended = threading.Event()
    daemon = Daemon(tmp_path / "missing.yaml", on_end=ended.set)
    daemon.start()
    assert ended.wait(60)
    daemon.stop()
    assert isinstance(daemon.error, ConfigError)
