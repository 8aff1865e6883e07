"""One worker of a fleet: does jobs, one at a time, until it is asked to stop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import structlog

from listener.app import App, open_app, system_clock
from listener.errors import LeaseLost, StoreBusy, StoreError, UsageError
from listener.fleet.engine import KINDS, Engine, LostDatabase, Pace, make_engine
from listener.fleet.shift import Shift
from listener.store.address import is_postgres, workers_lock
from listener.store.postgres.fleet import database_of

log = structlog.get_logger(__name__)

PATIENCE = 30.0  # seconds with a run that is not a fleet's
BREATH = 0.2  # seconds while others finish what they have begun
AGAIN = 5.0  # seconds until a database that is gone is looked for again


class Worker:
    """Does jobs in one thread of its own with one connection of its own; the engine has others.

    `run` is for one thread, `stop` for any. Killed anywhere it has lost nothing: what it had not
    committed is done by the others as soon as they notice, after `Pace.dead_after` seconds.
    """

    def __init__(
        self,
        config_path: Path | None,
        *,
        only: Sequence[str] = (),
        now: Callable[[], datetime] = system_clock,
        pace: Pace | None = None,
    ) -> None:
        """`only` names the kinds of jobs it takes; all of them without."""
        unknown = sorted(set(only) - set(KINDS))
        if unknown:
            raise UsageError(
                f"no job is called {unknown[0]!r}; there are: {', '.join(KINDS)}",
                f"listener fleet worker --only {KINDS[0]}",
            )
        self._config_path = config_path
        self._only = tuple(only)
        self._now = now
        self._pace = pace or Pace()
        self._stopping = threading.Event()
        self._engine: Engine | None = None
        self._failed: Exception | None = None

    def run(self, *, until_done: bool = False) -> int:
        """Work until `stop`, or until nothing is left of our kinds; returns how many jobs were done.

        Raises ConfigError, StoreError, and StoreBusy while the daemon or a single run is at work.
        What a job raises is logged and its job tried again; with `until_done` it is raised.
        """
        with open_app(self._config_path, now=self._now) as probe:
            url = probe.config.store
            if not is_postgres(url):
                raise UsageError(
                    "a fleet needs a store in PostgreSQL; this one is a file for one machine",
                    "listener daemon, or: listener store copy sqlite:///listener.db postgresql://…",
                )
            make_engine(database_of(probe.store))
        while True:
            try:
                # One thread owns the store and all that is in step with it.
                with workers_lock(url, PATIENCE), ThreadPoolExecutor(1, "shift") as thread:
                    return asyncio.run(self._run(url, thread, until_done))
            except StoreBusy:
                raise
            except StoreError as error:
                # A worker that was given up by mistake, or a database that is gone for a while.
                if until_done and not isinstance(error, LostDatabase):
                    raise
                log.error("the database was lost; going on soon", detail=str(error))
                if self._stopping.wait(AGAIN):
                    return 0

    def stop(self) -> None:
        """Finish the page in work, then end. Harmless to repeat."""
        self._stopping.set()
        if self._engine is not None:
            self._engine.stop()

    async def _run(self, url: str, thread: ThreadPoolExecutor, until_done: bool) -> int:
        loop = asyncio.get_running_loop()
        done = 0
        context = open_app(self._config_path, now=self._now)
        app: App = await loop.run_in_executor(thread, context.__enter__)

        async def do(kind: str, name: str, worker: int) -> None:
            nonlocal done
            shift.worker = worker
            try:
                await loop.run_in_executor(thread, _do, shift, kind, name)
            except Exception as error:
                log.error(
                    "a job failed; it is tried again soon", job=kind, name=name, error=str(error)
                )
                self._failed = error
                raise
            done += kind != "look"

        async def leases_of_the_dead() -> None:
            await loop.run_in_executor(thread, shift.leases.end_of_the_dead)

        self._engine = engine = Engine(url, self._pace, do, leases_of_the_dead)
        shift = await loop.run_in_executor(
            thread, lambda: Shift(app, engine.wish, self._stopping.is_set)
        )
        try:
            if until_done:
                await self._until_done(engine, shift, loop, thread)
            elif not self._stopping.is_set():
                await engine.run(self._only)
        finally:
            self._engine = None
            await loop.run_in_executor(thread, shift.__exit__, None, None, None)
            await loop.run_in_executor(thread, context.__exit__, None, None, None)
        return done

    async def _until_done(
        self,
        engine: Engine,
        shift: Shift,
        loop: asyncio.AbstractEventLoop,
        thread: ThreadPoolExecutor,
    ) -> None:
        """Do what there is, beside others; what they have begun is waited for, or taken from the dead."""
        while not self._stopping.is_set():
            await engine.run(self._only, first=("rescue", "look"), wait=False)
            if self._failed is not None:
                raise self._failed
            if not await loop.run_in_executor(thread, shift.left, self._only):
                break
            await asyncio.sleep(BREATH)
        if not self._stopping.is_set() and not self._only:
            await loop.run_in_executor(thread, shift.upkeep)
            await loop.run_in_executor(thread, shift.send)


def _do(shift: Shift, kind: str, name: str) -> None:
    """Do one job; what somebody else has or does is none of ours, and is wished for again if need be."""
    jobs: Mapping[str, Callable[[str], object]] = {
        "look": shift.look,
        "collect": shift.collect,
        "judge": shift.judge,
        "group": shift.group,
        "upkeep": shift.upkeep,
        "send": shift.send,
    }
    try:
        jobs[kind](name)
    except LeaseLost as error:
        log.warning("taken over by another worker", job=kind, name=name, detail=str(error))
    except StoreBusy as error:
        log.warning("the store is busy; trying again soon", job=kind, detail=str(error))
