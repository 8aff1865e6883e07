"""Sources in a process of their own: one that hangs is ended, and nobody else notices."""

from __future__ import annotations

import multiprocessing
import pickle
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from types import MappingProxyType
from typing import cast

import pytest

from listener.app import App, open_app, system_clock
from listener.plugins import Offer, Plugins, Services, SourceType
from listener.stages.apart import Apart
from listener.stages.asking import Asker, Failure, Order
from listener.stages.collect import collect
from listener.stages.cycle import Cycle, Listening
from sources.errors import (
    CredentialsRejected,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.mention import Mention
from sources.protocols import Batch, CanVerify, Check, Health, Verification
from sources.settings import SourceSettings
from sources.testing.hung import HungServer
from sources.testing.web import Answer
from sources.testing.x import FakeX
from sources.x.settings import XSettings

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CONFIG = """
brands: [{{name: Acme}}]
sources:
  - {{name: hung, type: x, query: acme, bearer_token: t0ken, base_url: "{hung}", allow_private: true}}
  - {{name: well, type: x, query: acme, bearer_token: sesame, base_url: "{well}", allow_private: true}}
"""


@pytest.fixture
def x() -> Iterator[FakeX]:
    with FakeX(system_clock) as server:
        for minutes in range(5):
            server.post(system_clock() - timedelta(hours=1, minutes=minutes), f"acme {minutes}")
        yield server


@pytest.fixture
def hung() -> Iterator[HungServer]:
    with HungServer() as server:
        yield server


@pytest.fixture
def app(tmp_path: Path, x: FakeX, hung: HungServer) -> Iterator[App]:
    text = CONFIG.format(hung=hung.url(""), well=x.url(""))
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    with open_app(tmp_path / "config.yaml") as opened:
        yield opened


def settings(x: FakeX, **more: object) -> XSettings:
    plain = {"name": "x", "query": "acme", "bearer_token": "sesame", "allow_private": True}
    return XSettings.model_validate(plain | {"base_url": x.url("")} | more)


def until_it_hangs(server: HungServer) -> Apart:
    """Time stands still until the server has been asked; then it flies."""

    def wait(line: Connection, seconds: float) -> bool:
        while not server.asked.is_set():
            if line.poll(0.02):
                return True
        return False

    return Apart(system_clock, wait=wait)


def by_name(cycle: Cycle) -> dict[str, str]:
    return {one.source: str(one.error or "") for one in cycle.collections}


def test_a_hung_source_is_ended_recorded_and_does_not_stop_the_others(
    app: App, hung: HungServer
) -> None:
    apart = until_it_hangs(hung)
    with Listening(app.store, app.config, app.plugins, app.now, apart) as listening:
        first = listening.cycle(["hung"])
        assert multiprocessing.active_children() == []
        hung.asked.clear()
        second = listening.cycle(["well"])
    assert by_name(first)["hung"].startswith("gave no answer for 5 minutes")
    assert app.store.cursor("hung") is None
    (state,) = app.store.health("hung")
    assert (state.health, state.failures) == (Health.DEGRADED, 1)
    assert "gave no answer for 5 minutes" in state.reason
    assert app.store.runs("hung")[0].outcome == "failed"
    assert by_name(second) == {"well": ""}
    assert second.triaged == 5
    assert multiprocessing.active_children() == []


def test_a_program_that_ends_does_not_wait_for_a_hung_source(app: App, hung: HungServer) -> None:
    apart = until_it_hangs(hung)
    with Listening(app.store, app.config, app.plugins, app.now, apart) as listening:
        cycle = listening.cycle(["hung"], stop=hung.asked.is_set)
    (done,) = cycle.collections
    assert (done.error, done.stopped) == (None, True)
    assert app.store.runs("hung")[0].outcome == "stopped"
    assert app.store.cursor("hung") is None


@pytest.fixture
def apart() -> Iterator[Apart]:
    lent = Apart(system_clock)
    yield lent
    lent.close()
    lent.close()


def test_what_is_brought_from_there_is_what_is_brought_from_here(
    app: App, apart: Apart, x: FakeX
) -> None:
    there, here = (
        apart.source(settings(x)),
        app.plugins.build(settings(x), Services(now=system_clock)),
    )
    brought, expected = (
        [mention for batch in source.collect(None) for mention in batch.mentions]
        for source in (there, here)
    )
    assert brought == expected
    assert len(brought) == 5
    assert (there.name, there.kind, there.check().ok) == ("x", "x", True)
    ids = [mention.external_id for mention in brought]
    x.delete(int(ids[0]))
    assert isinstance(there, CanVerify)
    assert there.verify(ids)[ids[0]] is Verification.DELETED
    x.trouble.append(Answer(status=401))
    with pytest.raises(CredentialsRejected, match="bearer_token"):
        list(there.collect(None))


def test_a_process_that_is_killed_is_a_failure_and_the_next_source_has_a_new_one(
    app: App, apart: Apart, x: FakeX
) -> None:
    there = apart.source(settings(x))
    (process,) = multiprocessing.active_children()
    process.kill()
    with pytest.raises(Transient, match="out of memory"):
        list(there.collect(None))
    done = collect(app.store, apart.source(settings(x)), system_clock)
    assert (done.error, done.counted.new) == (None, 5)


def test_a_source_that_does_not_come_up_says_so(x: FakeX) -> None:
    apart = Apart(system_clock, wait=lambda line, seconds: False)
    source = apart.source(settings(x))
    assert source.check() == Check(
        False, "gave no answer for 1 minute, so its process was ended", "type"
    )
    with pytest.raises(Transient, match="1 minute"):
        list(source.collect(None))


def test_settings_that_cannot_be_sent_are_the_sources_trouble() -> None:
    class Odd(SourceSettings):
        type: str = "odd"

    apart = Apart(system_clock)
    try:
        with pytest.raises(SourceError, match="cannot be handed"):
            list(apart.source(Odd(name="odd")).collect(None))
    finally:
        apart.close()


# the other side, without its process


class Redirected(Unreadable):
    """An error of a library's own making, that takes more than words."""

    def __init__(self, words: str, target: str) -> None:
        super().__init__(words)
        self.target = target


@dataclass
class Scripted:
    """A source that yields and raises what it was told."""

    script: Sequence[Batch | Exception]
    name: str = "scripted"
    kind: str = "scripted"
    left: int = 0

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        try:
            for one in self.script:
                if isinstance(one, Exception):
                    raise one
                yield one
        finally:
            self.left += 1

    def check(self) -> Check:
        return Check(True, "well")


def asker(source: Scripted) -> Asker:
    kind = SourceType("scripted", "", SourceSettings, lambda settings, services: source)
    asker = Asker(Plugins({"scripted": Offer(kind, "test")}, ()), lambda: NOON)
    asker.answer(Order("build", SourceSettings(name="scripted", type="scripted")))
    return asker


def told(asker: Asker, order: Order) -> object:
    return pickle.loads(asker.answer(order))


def test_pages_come_as_they_are_asked_for_and_can_be_left() -> None:
    said = Mention("forum", "1", "text", NOON, metrics=MappingProxyType({"likes": 3.0}))
    source = Scripted([Batch([said], cursor="1"), Batch(cursor="2"), Batch(cursor="3")])
    there = asker(source)
    first = cast("Batch", told(there, Order("begin")))
    assert (list(first.mentions), first.cursor) == ([said], "1")
    assert cast("Batch", told(there, Order("page"))).cursor == "2"
    assert source.left == 0
    assert told(there, Order("leave")) is None
    assert source.left == 1
    assert told(there, Order("page")) is None


@pytest.mark.parametrize(
    ("raised", "comes"),
    [
        (RateLimited("slow down", NOON), RateLimited),
        (Redirected("elsewhere", "https://x.example"), Unreadable),
        (CredentialsRejected("no"), CredentialsRejected),
        (ZeroDivisionError("by zero"), SourceError),
    ],
)
def test_errors_come_as_those_of_the_tree(raised: Exception, comes: type[SourceError]) -> None:
    failure = told(asker(Scripted([raised])), Order("begin"))
    assert isinstance(failure, Failure)
    assert type(failure.error) is comes
    assert str(raised) in str(failure.error)
    assert bool(failure.trace) == (comes is SourceError)
    assert getattr(failure.error, "until", NOON) == NOON


def test_what_cannot_be_sent_is_an_error_and_no_silence() -> None:
    batch = Batch(rejected=[cast("str", threading.Lock())])
    failure = told(asker(Scripted([batch])), Order("begin"))
    assert isinstance(failure, Failure)
    assert "own code" in str(failure.error)
