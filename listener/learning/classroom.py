"""Learning beside the pages: orders carried out in processes of their own, one a brand at a time."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import TYPE_CHECKING, Literal, Protocol

from listener.errors import Conflict
from listener.learning.study import Findings, Order, What, work_apart

if TYPE_CHECKING:
    from listener.config import Config

ENDING = 10.0  # seconds that a killed worker may take to be gone
DIED = Findings(
    problem="the process that learnt has died (out of memory?); nothing was changed",
    hint="listener learn preview",
)


@dataclass(frozen=True, slots=True)
class Job:
    """How an order goes: running with `done` of `total` (0: unknown) in `stage`, or done with an outcome."""

    id: int
    order: Order
    state: Literal["running", "done", "failed"] = "running"
    stage: str = "beginning"
    done: int = 0
    total: int = 0
    outcome: Findings | None = None


class Worker(Protocol):
    """Something that carries out an order at the other end of a line, and can be ended."""

    def kill(self) -> None:
        """End it at once; what it had not committed is undone."""
        ...

    def join(self) -> None:
        """Wait until it has ended."""
        ...


class Hire(Protocol):
    """Starts a worker for an order."""

    def __call__(self, line: Connection, config: Config, order: Order) -> Worker:
        """`line` is its end of the line; it is closed on this side as soon as it was handed over."""
        ...


class Classroom:
    """Takes orders and knows how they go. Any thread may ask; a page never waits for the work.

    Of a brand one order is carried out at a time, and the latest of each kind is remembered, by this
    process alone: another web server beside it does not know of them.
    """

    def __init__(self, config: Config, hire: Hire | None = None) -> None:
        """Start nothing yet; workers are processes unless others are hired."""
        self._config = config
        self._hire = hire or _process
        self._jobs: dict[tuple[str, What], Job] = {}
        self._workers: dict[str, Worker] = {}
        self._watchers: list[Thread] = []
        self._given = 0
        self._closed = False
        self._lock = Lock()

    def begin(self, order: Order) -> Job:
        """Have an order carried out. Raises Conflict while another one is for the same brand."""
        with self._lock:
            if order.brand in self._workers or self._closed:
                raise Conflict(
                    f"something is being learnt for {order.brand} already; wait until it is done",
                    "look again in a moment",
                )
            self._given += 1
            job = Job(self._given, order)
            ours, theirs = multiprocessing.get_context("spawn").Pipe()
            worker = self._hire(theirs, self._config, order)
            self._jobs[order.brand, order.what] = job
            self._workers[order.brand] = worker
            watcher = Thread(target=self._watch, args=(ours, worker, job), daemon=True)
            self._watchers = [one for one in self._watchers if one.is_alive()] + [watcher]
        watcher.start()
        return job

    def latest(self, brand: str, what: What) -> Job | None:
        """How the latest order of a kind goes, or went; None when there was none."""
        with self._lock:
            return self._jobs.get((brand, what))

    def running(self, brand: str) -> Job | None:
        """What is being carried out for a brand now."""
        with self._lock:
            jobs = [job for (name, _), job in self._jobs.items() if name == brand]
        return next((job for job in jobs if job.state == "running"), None)

    def forget(self, brand: str) -> None:
        """Forget what has been learnt and previewed: it no longer tells what is."""
        with self._lock:
            for key, job in list(self._jobs.items()):
                if key[0] == brand and key[1] != "offer" and job.state != "running":
                    del self._jobs[key]

    def wait(self, seconds: float | None = None) -> None:
        """Wait until nothing is under way, or for so long, each."""
        with self._lock:
            watchers = list(self._watchers)
        for watcher in watchers:
            watcher.join(seconds)

    def close(self) -> None:
        """End all that is under way."""
        with self._lock:
            self._closed = True
            workers = list(self._workers.values())
        for worker in workers:
            worker.kill()
        self.wait(ENDING)

    def _watch(self, line: Connection, worker: Worker, job: Job) -> None:
        """Follow a worker until its outcome is there, or it is not."""
        outcome = DIED
        with line:
            try:
                while not isinstance(said := line.recv(), Findings):
                    stage, done, total = said
                    job = replace(job, stage=stage, done=done, total=total)
                    self._note(job)
                outcome = said
            except (EOFError, OSError):
                pass
        worker.join()
        with self._lock:
            state: Literal["done", "failed"] = "failed" if outcome.problem else "done"
            self._jobs[job.order.brand, job.order.what] = replace(job, state=state, outcome=outcome)
            del self._workers[job.order.brand]

    def _note(self, job: Job) -> None:
        with self._lock:
            self._jobs[job.order.brand, job.order.what] = job


def _process(line: Connection, config: Config, order: Order) -> Worker:
    process = multiprocessing.get_context("spawn").Process(
        target=work_apart, args=(line, config, order), name="learning", daemon=True
    )
    process.start()
    line.close()
    return process
