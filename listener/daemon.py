"""The daemon: every source on its own rhythm, one cycle at a time, until it is asked to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.blocking import BlockingScheduler

from listener.app import App, open_app, system_clock
from listener.errors import ListenerError, StoreBusy
from listener.stages.apart import Apart
from listener.stages.collect import Collection
from listener.stages.cycle import Cycle, Listening
from listener.store import run_lock

log = structlog.get_logger(__name__)

UPKEEP = timedelta(minutes=1)  # between two looks at what time alone has changed
DELIVERED = timedelta(seconds=5)  # between two looks for what the web server has taken in
PATIENCE = 30.0  # seconds with another run that holds the lock


class Daemon:
    """Runs cycles on a schedule, in one thread of its own with a store connection of its own.

    The schedule lives in memory and is rebuilt from the configuration and from the last attempts
    that the store remembers; a run missed while the machine slept is made up for once. A cycle that
    fails is logged and tried again at its next time. `start` and `stop` are for one other thread.
    """

    def __init__(
        self,
        config_path: Path | None,
        *,
        now: Callable[[], datetime] = system_clock,
        after_cycle: Callable[[App, Cycle], None] | None = None,
        on_end: Callable[[], None] | None = None,
    ) -> None:
        self.error: BaseException | None = None
        self._on_end = on_end
        self._config_path = config_path
        self._now = now
        self._after_cycle = after_cycle
        self._stopping = threading.Event()
        # The "debug" executor runs a job in the scheduler's own thread: exactly the promise above.
        self._scheduler = BlockingScheduler(
            executors={"default": DebugExecutor()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )
        self._thread = threading.Thread(target=self._run, name="daemon")

    def start(self) -> None:
        """Begin in a thread; returns immediately. `on_end` is called when it ends, `error` says why."""
        self._thread.start()

    def stop(self) -> None:
        """Let the running page finish and be committed, then end. Harmless to repeat."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            with (
                open_app(self._config_path, now=self._now) as app,
                Listening(app.store, app.config, app.plugins, app.now, Apart(app.now)) as listening,
            ):
                self._cycle(app, listening, ())
                self._plan(app, listening)
                if not self._stopping.is_set():
                    self._scheduler.start()
        except BaseException as error:  # noqa: BLE001  handed to the thread that started us
            self.error = error
        finally:
            if self._on_end is not None:
                self._on_end()

    def _plan(self, app: App, listening: Listening) -> None:
        now = self._now()
        last = {state.source: state.last_attempt_at for state in app.store.health()}
        for settings in app.config.sources:
            self._scheduler.add_job(
                self._cycle,
                "interval",
                args=(app, listening, (settings.name,)),
                seconds=settings.every.total_seconds(),
                # Sources with the same rhythm must not all fall due in the same second.
                jitter=max(1, int(settings.every.total_seconds() / 20)),
                # A last attempt in the future was written by a clock that went wrong.
                next_run_time=min(last.get(settings.name) or now, now) + settings.every,
            )
        self._scheduler.add_job(
            self._cycle, "interval", args=(app, listening, None), seconds=UPKEEP.total_seconds()
        )
        self._scheduler.add_job(
            self._catch_up, "interval", args=(app, listening), seconds=DELIVERED.total_seconds()
        )

    def _catch_up(self, app: App, listening: Listening) -> None:
        """Triage what was delivered by a hook or a hub meanwhile; one look-up when nothing was."""
        try:
            waiting = app.store.pending(1)
        except ListenerError as error:
            log.warning("the store cannot be read now; looking again soon", detail=str(error))
            return
        if waiting:
            self._cycle(app, listening, None)

    def _cycle(self, app: App, listening: Listening, names: tuple[str, ...] | None) -> None:
        """One cycle over these sources, all (an empty tuple), or those due for another try (None)."""
        if self._stopping.is_set():
            return
        try:
            with run_lock(app.config.store, wait=PATIENCE):
                cycle = listening.cycle(names, stop=self._stopping.is_set)
        except StoreBusy as error:
            log.warning("another run is at work; trying again at the next time", detail=str(error))
            return
        except ListenerError as error:
            log.error("cycle failed; trying again at the next time", error=str(error))
            return
        for one in cycle.collections:
            _tell(one)
        for looked in cycle.verified:
            log.info(
                "looked posts up again",
                source=looked.source,
                asked=looked.asked,
                deleted=looked.deleted,
                edited=looked.edited,
                unknown=looked.unknown,
            )
        if self._after_cycle is not None:
            self._after_cycle(app, cycle)


def _tell(one: Collection) -> None:
    write = log.info if one.error is None else log.error
    write(
        "collected",
        source=one.source,
        new=one.counted.new,
        edited=one.counted.edited,
        rejected=one.counted.rejected,
        health=str(one.health),
        note=one.note or None,
    )
