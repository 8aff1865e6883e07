"""The daemon collects on its own, commits, and stops when asked."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from listener.app import App, open_app, system_clock
from listener.daemon import Daemon
from listener.errors import ConfigError
from listener.service_manager import ServiceManager
from listener.stages.cycle import Cycle, Listening
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


def test_it_rests_when_nothing_comes_and_wakes_up(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.daemon.DELIVERED", timedelta(milliseconds=20))
    monkeypatch.setattr("listener.daemon.REST", timedelta(milliseconds=50))
    rests: queue.Queue[bool] = queue.Queue()
    rest = Listening.rest

    def resting(listening: Listening) -> None:
        rest(listening)
        rests.put(True)

    monkeypatch.setattr(Listening, "rest", resting)
    triaged: queue.Queue[int] = queue.Queue()
    daemon = Daemon(config, after_cycle=lambda app, cycle: triaged.put(cycle.triaged))
    daemon.start()
    assert triaged.get(timeout=60) == 600
    assert rests.get(timeout=60)
    with open_app(config) as app:
        run = app.store.open_run("crm", app.now())
        mention = Mention("webhook", "1", "My card was declined twice", app.now())
        app.store.collect(Collected(run, "crm", [mention], app.now(), brand="Northgate Bank"))
        assert triaged.get(timeout=60) == 1
    assert rests.get(timeout=60)
    daemon.stop()
    assert rests.empty(), "once until the next post"
    assert daemon.error is None


@pytest.mark.parametrize("jump", [timedelta(days=-365), timedelta(days=365)])
def test_a_clock_that_is_set_does_not_leave_sources_alone(
    config: Path, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    monkeypatch.setattr("listener.daemon.CLOCK_LOOK", 0.02)
    ahead = timedelta()
    asked: queue.Queue[tuple[str, ...]] = queue.Queue()

    def after(app: App, cycle: Cycle) -> None:
        asked.put(tuple(one.source for one in cycle.collections))

    daemon = Daemon(config, now=lambda: system_clock() + ahead, after_cycle=after)
    with capture_logs() as said:
        daemon.start()
        assert asked.get(timeout=60) == ("sample",)
        ahead = jump
        assert asked.get(timeout=60) == ("sample",), "at once, not in a year"
        assert daemon.stop()
    assert "the clock was set; all sources are asked now" in [entry["event"] for entry in said]
    assert daemon.error is None


def test_what_keeps_it_from_starting_is_handed_over(tmp_path: Path) -> None:
    ended = threading.Event()
    daemon = Daemon(tmp_path / "missing.yaml", on_end=ended.set)
    daemon.start()
    assert ended.wait(60)
    daemon.stop()
    assert isinstance(daemon.error, ConfigError)


def test_a_new_configuration_is_taken_up_and_what_changed_is_logged(config: Path) -> None:
    cycles: queue.Queue[int] = queue.Queue()
    daemon = Daemon(config, after_cycle=lambda app, cycle: cycles.put(len(app.config.brands)))
    daemon.start()
    assert cycles.get(timeout=60) == 1
    config.write_text(CONFIG.replace("}]", "}, {name: Southgate}]", 1), encoding="utf-8")
    with capture_logs() as said:
        assert daemon.reload()
    assert cycles.get(timeout=60) == 2
    assert daemon.stop()
    assert daemon.error is None
    assert ["brands.Southgate: added"] in [entry.get("changes") for entry in said]


def test_a_broken_configuration_changes_nothing(config: Path) -> None:
    cycles: queue.Queue[int] = queue.Queue()
    daemon = Daemon(config, after_cycle=lambda app, cycle: cycles.put(len(app.config.brands)))
    daemon.start()
    cycles.get(timeout=60)
    config.write_text(CONFIG.replace("sources", "sauces"), encoding="utf-8")
    with capture_logs() as said:
        assert not daemon.reload()
        config.write_text(CONFIG, encoding="utf-8")
        assert not daemon.reload()
    mistaken, same = [entry for entry in said if "configuration" in str(entry["event"])]
    assert "did you mean 'sources'" in str(mistaken["detail"])
    assert "nothing changed" in str(same["event"])
    assert daemon.stop()
    assert cycles.empty()


def test_a_page_that_never_ends_does_not_hold_up_the_stop(config: Path) -> None:
    begun, held = threading.Event(), threading.Event()

    def hang(app: App, cycle: Cycle) -> None:
        begun.set()
        held.wait(60)

    daemon = Daemon(config, after_cycle=hang)
    daemon.start()
    assert begun.wait(60)
    assert not daemon.stop(grace=0.01)
    held.set()
    assert daemon.stop()


def test_the_service_manager_hears_of_every_step(config: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify"))
        supervisor.settimeout(60)
        first = threading.Event()
        manager = ServiceManager(supervisor.getsockname())
        daemon = Daemon(config, manager=manager, after_cycle=lambda app, cycle: first.set())
        daemon.start()
        assert first.wait(60)
        daemon.reload()
        daemon.stop()
        supervisor.setblocking(False)
        heard = []
        with contextlib.suppress(BlockingIOError):
            while True:
                heard.append(supervisor.recv(4096).decode().splitlines()[0])
    assert [line for line in heard if line != "WATCHDOG=1"] == [
        "READY=1",
        "RELOADING=1",
        "READY=1",
        "STOPPING=1",
    ]
    assert "WATCHDOG=1" in heard
