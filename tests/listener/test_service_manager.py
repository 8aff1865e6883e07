"""What the service manager hears, on a real socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from listener.service_manager import ServiceManager


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(10)
        yield heard


def said(supervisor: socket.socket) -> list[str]:
    return supervisor.recv(4096).decode().splitlines()


def test_it_says_ready_with_a_status_of_one_line(supervisor: socket.socket) -> None:
    ServiceManager(supervisor.getsockname()).ready("3 sources\nWATCHDOG=trigger")
    assert said(supervisor) == ["READY=1", "STATUS=3 sources WATCHDOG=trigger"]


def test_signs_of_life_are_few_however_often_they_are_given(supervisor: socket.socket) -> None:
    manager = ServiceManager(supervisor.getsockname())
    for _ in range(1_000):
        manager.alive()
    manager.stopping()
    assert said(supervisor) == ["WATCHDOG=1"]
    assert said(supervisor) == ["STOPPING=1"]


def test_a_reload_carries_the_time_that_systemd_asks_for(supervisor: socket.socket) -> None:
    ServiceManager(supervisor.getsockname()).reloading()
    first, second = said(supervisor)
    assert first == "RELOADING=1"
    name, _, microseconds = second.partition("=")
    assert name == "MONOTONIC_USEC"
    assert int(microseconds) > 0


def test_abstract_addresses_begin_with_an_at() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("")  # the kernel chooses a free abstract address
        heard.settimeout(10)
        ServiceManager("@" + heard.getsockname()[1:].decode()).status("at work")
        assert said(heard) == ["STATUS=at work"]


def test_the_environment_names_the_socket(
    supervisor: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", supervisor.getsockname())
    ServiceManager().status("at work")
    assert said(supervisor) == ["STATUS=at work"]


def test_nobody_listening_is_no_trouble(tmp_path: Path) -> None:
    for address in ("", str(tmp_path / "nobody"), "/" + "x" * 300):
        manager = ServiceManager(address)
        manager.ready("up")
        manager.alive()
        manager.stopping()
