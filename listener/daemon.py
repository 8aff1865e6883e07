"""The daemon: every source on its own rhythm, one cycle at a time, until it is asked to stop."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.blocking import BlockingScheduler

from listener.app import App, open_app, read_configuration, system_clock
from listener.config import Config
from listener.config.changes import changes
from listener.errors import ConfigError, ListenerError, StoreBusy
from listener.service_manager import ServiceManager
from listener.stage_times import StageTimes
from listener.stages.apart import Apart
from listener.stages.collect import Collection
from listener.stages.cycle import Cycle, Listening
from listener.store import run_lock

log = structlog.get_logger(__name__)

UPKEEP = timedelta(minutes=1)  # between two looks at what time alone has changed
DELIVERED = timedelta(seconds=5)  # between two looks for what the web server has taken in
REST = timedelta(minutes=3)  # without a post until models are let go; reading them takes 2 s
CLOCK_LOOK = 5.0  # seconds between two looks at whether the clock was set
CLOCK_SET = timedelta(minutes=1)
PATIENCE = 30.0  # seconds with another run that holds the lock
GRACE = 60.0  # seconds for the page in work once the daemon is asked to stop


class Daemon:
    """Runs cycles on a schedule, in one thread of its own with a store connection of its own.

    The schedule lives in memory and is rebuilt from the configuration and from the last attempts
    that the store remembers; a run missed while the machine slept is made up for once. A cycle that
    fails is logged and tried again at its next time. `start`, `reload` and `stop` are for one other
    thread. A service manager is told when we are up, that work goes on, and when we stop.
    """

    def __init__(
        self,
        config_path: Path | None,
        *,
        now: Callable[[], datetime] = system_clock,
        after_cycle: Callable[[App, Cycle], None] | None = None,
        on_end: Callable[[], None] | None = None,
        manager: ServiceManager | None = None,
        times: StageTimes | None = None,
    ) -> None:
        """`times` is told how long every stage took."""
        self.error: BaseException | None = None
        self._on_end = on_end
        self._config_path = config_path
        self._now = now
        self._after_cycle = after_cycle
        self._manager = manager or ServiceManager()
        self._times = times or StageTimes()
        self._stopping = threading.Event()
        self._again = threading.Event()
        self._config: Config | None = None
        self._worked: datetime | None = None
        self._scheduler = _scheduler()
        # Left behind where a library hangs for good: what it had not committed is done again.
        self._thread = threading.Thread(target=self._run, name="daemon", daemon=True)
        self._clock = threading.Thread(target=self._watch_clock, name="clock", daemon=True)

    def start(self) -> None:
        """Begin in a thread; returns immediately. `on_end` is called when it ends, `error` says why."""
        self._thread.start()
        self._clock.start()

    def reload(self) -> bool:
        """Read the configuration again and go on with it once the cycle in work has ended.

        Logs every setting that changed. A configuration that is not valid is logged with its
        mistakes, and the old one stays in force. Says whether a new one was taken up.
        """
        self._manager.reloading()
        taken = self._reread()
        self._manager.ready(self._described())
        return taken

    def stop(self, grace: float = GRACE) -> bool:
        """Let the page in work be committed, then end; False where it took longer than `grace`.

        Harmless to repeat. A page that is left behind is rolled back and done again by the next run.
        """
        self._manager.stopping()
        self._stopping.set()
        self._end_schedule()
        if self._thread.is_alive():
            self._thread.join(grace)
        if self._thread.is_alive():
            log.error("the page in work did not end in time; the next run does it again", s=grace)
            return False
        return True

    def _reread(self) -> bool:
        try:
            new = read_configuration(self._config_path)
        except ConfigError as error:
            log.error("the new configuration is not valid; the old one stays", detail=str(error))
            return False
        changed = changes(self._config, new) if self._config is not None else []
        if not changed:
            log.info("configuration read again; nothing changed")
            return False
        log.info("configuration changed", changes=changed)
        self._again.set()
        self._end_schedule()
        return True

    def _end_schedule(self) -> None:
        """Have the schedule end behind the job in work, without waiting for that."""
        if self._scheduler.running:
            # The scheduler waits for its job whatever it is told, hence a thread that waits with it.
            threading.Thread(target=_shut_down, args=(self._scheduler,), daemon=True).start()

    def _watch_clock(self) -> None:
        """Make the schedule anew when the clock was set.

        It is made of moments of the clock: behind one that goes back a year it would wait a year.
        """
        wall, steady = self._now(), time.monotonic()
        while not self._stopping.wait(CLOCK_LOOK):
            passed = timedelta(seconds=time.monotonic() - steady)
            wall, steady, before = self._now(), time.monotonic(), wall
            if abs(wall - before - passed) > CLOCK_SET:
                log.warning("the clock was set; all sources are asked now", was=before + passed)
                self._again.set()
                self._end_schedule()

    def _described(self) -> str:
        config = self._config
        if config is None:
            return "starting"
        return f"{len(config.sources)} sources, {len(config.brands)} brands"

    def _run(self) -> None:
        try:
            self._listen()
            while self._again.is_set() and not self._stopping.is_set():
                self._listen()
        except BaseException as error:  # noqa: BLE001  handed to the thread that started us
            self.error = error
        finally:
            if self._on_end is not None:
                self._on_end()

    def _listen(self) -> None:
        """Work with one configuration until we are to stop or to take up another."""
        self._again.clear()
        self._scheduler = _scheduler()
        with (
            open_app(self._config_path, now=self._now) as app,
            Listening(
                app.store, app.config, app.plugins, app.now, Apart(app.now), self._times
            ) as listening,
        ):
            self._config = app.config
            self._manager.ready(self._described())
            self._cycle(app, listening, ())
            self._plan(app, listening)
            if not self._leaving():
                self._scheduler.start()

    def _leaving(self) -> bool:
        """Whether the cycle is to end at its next page; asked at every page, so a sign of life too."""
        self._manager.alive()
        return self._stopping.is_set() or self._again.is_set()

    def _plan(self, app: App, listening: Listening) -> None:
        now = self._now()
        try:
            last = {state.source: state.last_attempt_at for state in app.store.health()}
        except ListenerError as error:  # a database went while we were in our first cycle
            log.warning("the store cannot be read now; going on soon", detail=str(error))
            last = {}
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
        if self._leaving():
            self._end_schedule()
            return
        try:
            waiting = app.store.pending(1)
        except ListenerError as error:
            log.warning("the store cannot be read now; looking again soon", detail=str(error))
            return
        if waiting:
            self._cycle(app, listening, None)
        elif self._worked is not None and not timedelta() <= self._now() - self._worked < REST:
            self._worked = None
            listening.rest()

    def _cycle(self, app: App, listening: Listening, names: tuple[str, ...] | None) -> None:
        """One cycle over these sources, all (an empty tuple), or those due for another try (None)."""
        if self._leaving():
            self._end_schedule()
            return
        try:
            with run_lock(app.config.store, wait=PATIENCE):
                cycle = listening.cycle(names, stop=self._leaving)
        except StoreBusy as error:
            log.warning("another run is at work; trying again at the next time", detail=str(error))
            return
        except ListenerError as error:
            log.error("cycle failed; trying again at the next time", error=str(error))
            return
        if cycle.triaged:
            self._worked = self._now()
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


def _scheduler() -> BlockingScheduler:
    # The "debug" executor runs a job in the scheduler's own thread: what the daemon promises.
    return BlockingScheduler(
        executors={"default": DebugExecutor()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )


def _shut_down(scheduler: BlockingScheduler) -> None:
    with contextlib.suppress(SchedulerNotRunningError):  # asked twice
        scheduler.shutdown()


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
