"""The job engine: Procrastinate, whose jobs lie in the same database as the store."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import structlog

from listener.errors import StoreError
from listener.store.postgres.database import Database
from listener.store.postgres.fleet import JOBS, make_fleet

if TYPE_CHECKING:
    import procrastinate
    from psycopg import Connection

log = structlog.get_logger(__name__)

KINDS = ("collect", "judge", "group", "upkeep", "send")
_AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
_KEPT = 7 * 24  # hours that a failed job is kept to be looked at


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a fleet looks for what is to be done and for who is gone, in seconds."""

    look: int = 5
    upkeep: int = 60
    rescue: int = 10
    heartbeat: float = 10.0
    dead_after: float = 30.0

    def cron(self, seconds: int) -> str:
        """So often, as the engine is told: minute first, seconds last."""
        if seconds < 60:
            return f"* * * * * */{seconds}"
        return f"*/{seconds // 60} * * * * 0"


def patient(dead_after: timedelta) -> Pace:
    """The pace of workers that give each other up after so long. Raises ValueError below a second."""
    seconds = dead_after.total_seconds()
    if not 1 <= seconds <= 3600:
        raise ValueError("between a second and an hour")
    return Pace(rescue=max(1, min(10, int(seconds / 3))), heartbeat=seconds / 4, dead_after=seconds)


Do = Callable[[str, str, int], Awaitable[None]]  # kind, name, number of the worker


class LostDatabase(StoreError):
    """The engine has lost its connections; nothing was half done."""


class Engine:
    """The jobs of one worker. `open` it, then `run`; `wish` may be called from any thread.

    What the engine does not do by itself is done here: jobs of workers that died are given to others,
    by a job that holds no lock, so that one that died itself keeps nobody from doing it (Procrastinate
    #1408); one whose like waits already is ended and not given again (#1446); and nothing with a lock
    is ever put off to a later time, which would keep all others waiting (#1599): what fails has
    failed, and is wished for anew.
    """

    def __init__(
        self, url: str, pace: Pace, do: Do, after_rescue: Callable[[], Awaitable[None]]
    ) -> None:
        """`do` does a job; `after_rescue` is called when workers were found dead."""
        self._pace = pace
        self._do = do
        self._after_rescue = after_rescue
        engine = _engine()
        self._app: procrastinate.App = engine.App(
            connector=engine.PsycopgConnector(
                conninfo=url,
                min_size=1,
                max_size=4,
                kwargs={
                    "options": f"-c search_path={JOBS}",
                    "application_name": "listener fleet",
                    "connect_timeout": 10,
                    "keepalives_idle": 30,
                },
            )
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._worker: asyncio.Task[None] | None = None
        self._tasks()

    def _tasks(self) -> None:
        app, pace = self._app, self._pace
        for kind in KINDS:
            app.task(name=kind, queue=kind, pass_context=True)(self._job(kind))
        look = app.task(name="look", queue="look", queueing_lock="look", pass_context=True)(
            self._job("look")
        )
        app.periodic(cron=pace.cron(pace.look))(look)
        upkeep = app.task(name="time", queue="upkeep", queueing_lock="upkeep", pass_context=True)(
            self._job("upkeep")
        )
        app.periodic(cron=pace.cron(pace.upkeep))(upkeep)
        # No lock of any kind: see above.
        rescue = app.task(name="rescue", queue="rescue")(self._rescue)
        app.periodic(cron=pace.cron(pace.rescue))(rescue)
        app.periodic(cron="17 * * * *")(app.task(name="tidy", queue="rescue")(self._tidy))

    def _job(self, kind: str) -> Callable[..., Coroutine[Any, Any, None]]:
        async def job(
            context: procrastinate.JobContext, name: str = "", timestamp: int = 0
        ) -> None:
            await self._do(kind, name, context.job.worker_id or 0)

        return job

    async def run(
        self, only: tuple[str, ...] = (), *, first: tuple[str, ...] = (), wait: bool = True
    ) -> None:
        """Work until we are stopped, or, without `wait`, until no job is left.

        `only` names kinds of jobs; looking and rescuing everybody does. `first` are jobs to begin
        with. Raises LostDatabase.
        """
        self._loop = asyncio.get_running_loop()
        try:
            await self._run(only, first, wait)
        except _engine().exceptions.ConnectorException as error:
            raise LostDatabase("the database can't be reached", "pg_isready") from error

    async def _run(self, only: tuple[str, ...], first: tuple[str, ...], wait: bool) -> None:
        async with self._app.open_async():
            for kind in first:
                with contextlib.suppress(_engine().exceptions.AlreadyEnqueued):
                    await self._app.configure_task(
                        kind, queue=kind, queueing_lock=f"first:{kind}"
                    ).defer_async()
            self._worker = asyncio.create_task(
                self._app.run_worker_async(
                    queues=["look", "rescue", *(only or KINDS)],
                    concurrency=1,
                    wait=wait,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                    update_heartbeat_interval=self._pace.heartbeat,
                    stalled_worker_timeout=self._pace.dead_after,
                )
            )
            try:
                await self._worker
            except asyncio.CancelledError:  # by `stop`
                return
            finally:
                self._worker = None
            if wait:
                # It ends without a word when it has lost its connections for a moment.
                raise LostDatabase("the database was gone", "pg_isready")

    def stop(self) -> None:
        """Take no further job; the one in work is waited for. From any thread, harmless to repeat."""
        if self._loop is not None and self._worker is not None:
            self._loop.call_soon_threadsafe(self._worker.cancel)

    def wish(self, kind: str, name: str) -> None:
        """Ask for a job, unless its like waits already; nobody hears it while we do not run.

        From any thread but the loop's.
        """
        if self._loop is None or self._worker is None:
            return
        asyncio.run_coroutine_threadsafe(self._defer(kind, name), self._loop).result()

    async def _defer(self, kind: str, name: str) -> None:
        like = f"{kind}:{name}"
        # Judging needs no turns: claims exclude each other.
        lock = None if kind == "judge" else like
        task = self._app.configure_task(kind, lock=lock, queueing_lock=like, queue=kind)
        with contextlib.suppress(_engine().exceptions.AlreadyEnqueued):
            await task.defer_async(name=name)

    async def _rescue(self, timestamp: int = 0) -> None:
        jobs = self._app.job_manager
        dead = await jobs.prune_stalled_workers(self._pace.dead_after)
        given = 0
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=self._pace.dead_after):
            given += await self._give_again(job)
        if dead or given:
            log.warning("workers were gone; others go on with their work", workers=dead, jobs=given)
        await self._after_rescue()

    async def _give_again(self, job: Any) -> bool:
        jobs, errors = self._app.job_manager, _engine().exceptions
        try:
            await jobs.retry_job(job, retry_at=_AT_ONCE)
        except errors.UniqueViolation:
            failed = _engine().jobs.Status.FAILED
            with contextlib.suppress(errors.ConnectorException):  # somebody else was faster
                await jobs.finish_job(job, status=failed, delete_job=True)
        except errors.ConnectorException as error:
            log.info("a job was given again by somebody else", job=job.id, detail=str(error))
            return False
        return True

    async def _tidy(self, timestamp: int = 0) -> None:
        await self._app.job_manager.delete_old_jobs(nb_hours=_KEPT, include_failed=True)


def make_engine(db: Database) -> None:
    """Make what the fleet keeps in a database. Raises StoreError without the extra `fleet`."""
    engine = _engine()

    def make_jobs(raw: Connection[Any]) -> None:
        raw.execute(engine.schema.SchemaManager.get_schema())

    make_fleet(db, cast("str", engine.__version__), make_jobs)


def _engine() -> Any:
    """The module `procrastinate`."""
    try:
        import procrastinate
        import procrastinate.exceptions
        import procrastinate.jobs
        import procrastinate.schema
    except ImportError as error:
        raise StoreError(
            "a fleet of workers needs the extra `fleet`", 'pip install "complaint-listener[fleet]"'
        ) from error
    return procrastinate
