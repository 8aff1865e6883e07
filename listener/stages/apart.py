"""Sources asked in a process of their own, so that one whose library hangs can be ended for real.

A thread that waits inside a library cannot be ended, a process can. One process serves all sources,
page by page and only when a page is wanted, so that nothing is read ahead of what is stored. The
store, the lock and all decisions stay on this side: a process that is killed takes nothing along.
"""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any, cast

import structlog

from listener.stages.asking import Built, Failure, Order, What, serve
from listener.stages.bounds import never
from sources.errors import SourceError, Transient
from sources.mention import Mention
from sources.protocols import Batch, Check, Source, Verification
from sources.settings import SourceSettings

log = structlog.get_logger(__name__)

NO_ANSWER = timedelta(minutes=5)  # for one page; clients of ours have given up long before
STARTING = timedelta(minutes=1)  # for a new process and the libraries of a source
GRACE = timedelta(seconds=10)  # for a page under way when the program is to end
LOOK_UP = timedelta(seconds=1)  # between two looks at whether it is

Wait = Callable[[Connection, float], bool]


class _Ending(Exception):
    """The program is to end, and the page did not come in time."""


class Apart:
    """Lends sources that run in another process. One thread, one source at a time.

    The process starts with the first source. A source that gives no answer for `patience` is ended
    with it, by force, and fails with a Transient that says so; the next source has a new process.
    The other process ends when this one does, however that ends. `now` must be picklable.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        patience: timedelta = NO_ANSWER,
        wait: Wait = Connection.poll,
    ) -> None:
        """Start nothing yet; `wait` says whether an answer has come within so many seconds."""
        self._now = now
        self._patience = patience
        self._wait = wait
        self._process: multiprocessing.process.BaseProcess | None = None
        self._line: Connection | None = None

    def source(self, settings: SourceSettings, ending: Callable[[], bool] = never) -> Source:
        """A source that is asked over there; `CanVerify` if it is. `ending` says that we are to end.

        One that cannot be built or handed over says so in what it is asked.
        """
        try:
            built = cast("Built", self.ask("build", settings, STARTING, ending))
        except SourceError as error:
            return _Silent(settings, error)
        except _Ending as error:
            return _Silent(settings, Transient(str(error)))
        kind = _Verifier if built.can_verify else _Asked
        return kind(self, settings.name, built, self._patience, ending)

    def close(self) -> None:
        """End the process. Harmless to repeat; a later source starts another one."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._process = None
        if self._line is not None:
            self._line.close()
            self._line = None

    def ask(
        self, what: What, given: object, patience: timedelta, ending: Callable[[], bool]
    ) -> object:
        """One order and its answer. Raises what the source raised, or a Transient for its silence."""
        try:
            line = self._open()
            line.send(Order(what, given))
            self._await(line, patience, ending)
            answer = pickle.loads(line.recv_bytes())  # noqa: S301  from a process of ours
        except (EOFError, OSError) as error:
            self.close()
            raise Transient("the process that asked it died (out of memory?)") from error
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise SourceError(f"cannot be handed to the process that asks: {error}") from error
        if isinstance(answer, Failure):
            if answer.trace:
                log.error("source raised what it should not", order=what, exception=answer.trace)
            raise answer.error
        return answer

    def _open(self) -> Connection:
        if self._line is None:
            spawn = multiprocessing.get_context("spawn")
            ours, theirs = spawn.Pipe()
            with theirs:
                process = spawn.Process(
                    target=serve, args=(theirs, self._now), name="sources", daemon=True
                )
                process.start()
            self._line, self._process = ours, process
        return self._line

    def _await(self, line: Connection, patience: timedelta, ending: Callable[[], bool]) -> None:
        """Return when the answer is there; end the process when it does not come."""
        waited, asked_to_end = timedelta(), False
        while waited < patience:
            slice = min(LOOK_UP, patience - waited)
            if self._wait(line, slice.total_seconds()):
                return
            waited += slice
            if not asked_to_end and ending():
                asked_to_end, patience = True, min(patience, waited + GRACE)
        self.close()
        if asked_to_end:
            raise _Ending("the program was asked to end")
        raise Transient(f"gave no answer for {_in_words(patience)}, so its process was ended")


class _Asked:
    """A source in the other process."""

    def __init__(
        self,
        apart: Apart,
        name: str,
        built: Built,
        patience: timedelta,
        ending: Callable[[], bool],
    ) -> None:
        self.name = name
        self.kind = built.kind
        self.ids_a_request = built.ids_a_request
        self._apart = apart
        self._patience = patience
        self._ending = ending

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """What the source yields, each page fetched when it is wanted."""
        try:
            batch = self._ask("begin", cursor)
            while batch is not None:
                yield cast("Batch", batch)
                batch = self._ask("page")
        except GeneratorExit:
            self._leave()
            raise
        except _Ending:
            yield Batch()  # nothing new: with it the runner can stop, as between any two pages

    def check(self) -> Check:
        """What the source says of itself."""
        try:
            return cast("Check", self._ask("check"))
        except (SourceError, _Ending) as error:
            return Check(False, str(error), "type")

    def _ask(self, what: What, given: object = None) -> Any:
        return self._apart.ask(what, given, self._patience, self._ending)

    def _leave(self) -> None:
        """Let it close its connections; what goes wrong in that is of no interest any more."""
        try:
            self._ask("leave")
        except (SourceError, _Ending):
            pass


class _Verifier(_Asked):
    """One that can look posts up again."""

    def verify(self, ids: Sequence[str]) -> Mapping[str, Verification | Mention]:
        """What the source says of them."""
        try:
            return cast("Mapping[str, Verification | Mention]", self._ask("verify", tuple(ids)))
        except _Ending as error:
            raise Transient(str(error)) from error


class _Silent:
    """Stands where a source should be that did not come up."""

    def __init__(self, settings: SourceSettings, error: SourceError) -> None:
        self.name = settings.name
        self.kind = settings.type
        self._error = error

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Fail as the source's run, not as the program."""
        raise self._error

    def check(self) -> Check:
        """Say what happened."""
        return Check(False, str(self._error), "type")


def _in_words(span: timedelta) -> str:
    minutes, seconds = divmod(span.total_seconds(), 60)
    if seconds or not minutes:
        return f"{span.total_seconds():g} seconds"
    return f"{minutes:g} minute{'s' if minutes > 1 else ''}"
