"""The other side of `listener.stages.apart`: a process that does nothing but ask sources."""

from __future__ import annotations

import copyreg
import io
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import Connection, wait
from types import MappingProxyType
from typing import Any, Literal

import sources.errors
from listener.config.secrets import secret_values
from listener.logs import configure, hide
from listener.plugins import Plugins, Services, load_plugins
from sources.errors import RateLimited, SourceError
from sources.protocols import Batch, CanVerify, Source

What = Literal["build", "begin", "page", "leave", "check", "verify"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done, and with what: settings, a cursor, ids."""

    what: What
    given: Any = None


@dataclass(frozen=True, slots=True)
class Built:
    """A source stands ready."""

    kind: str
    can_verify: bool
    ids_a_request: int


@dataclass(frozen=True, slots=True)
class Failure:
    """What was raised: an error of `sources.errors`, or in `trace` the source's own trouble."""

    error: SourceError
    trace: str = ""


def serve(line: Connection, now: Callable[[], datetime]) -> None:
    """Carry orders out, one at a time, until the other side hangs up or ends."""
    # Who started us decides when to end: a service manager signals both at once.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    configure()
    asker = Asker(load_plugins(), now)
    while True:
        try:
            order = line.recv()
        except (EOFError, OSError):
            return
        line.send_bytes(asker.answer(order))


class Asker:
    """Holds the source that was asked for last, and the place in its pages."""

    def __init__(self, plugins: Plugins, now: Callable[[], datetime]) -> None:
        """No source yet."""
        self._plugins = plugins
        self._now = now
        self._source: Source | None = None
        self._pages: Iterator[Batch] = iter(())

    def answer(self, order: Order) -> bytes:
        """Carry an order out; what it raises is an answer too."""
        try:
            return packed(self._done(order))
        except SourceError as error:
            return packed(Failure(_plain(error)))
        except Exception as error:  # noqa: BLE001  a source's own code, told to whoever asked
            said = f"{type(error).__name__} in the source's own code: {error}"
            return packed(Failure(SourceError(said), traceback.format_exc()))

    def _done(self, order: Order) -> object:
        if order.what == "build":
            return self._build(order.given)
        assert self._source is not None
        match order.what:
            case "begin":
                self._pages = self._source.collect(order.given)
                return self._page()
            case "page":
                return self._page()
            case "leave":
                close = getattr(self._pages, "close", None)
                return close() if close is not None else None
            case "check":
                return self._source.check()
            case "verify":
                assert isinstance(self._source, CanVerify)
                return dict(self._source.verify(order.given))

    def _build(self, settings: Any) -> Built:
        hide(secret_values(settings))
        self._source = source = self._plugins.build(settings, Services(now=self._now))
        return Built(source.kind, isinstance(source, CanVerify), ids_a_request(source))

    def _page(self) -> Batch | None:
        batch = next(self._pages, None)
        if batch is None:
            return None
        return replace(
            batch,
            mentions=tuple(batch.mentions),
            tombstones=tuple(batch.tombstones),
            rejected=tuple(batch.rejected),
        )


def packed(answer: object) -> bytes:
    """An answer as bytes; numbers of a mention may be in a view of a dict, which pickle refuses."""
    room = io.BytesIO()
    pickler = pickle.Pickler(room, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = copyreg.dispatch_table | {MappingProxyType: _as_a_dict}
    pickler.dump(answer)
    return room.getvalue()


def _as_a_dict(view: MappingProxyType[Any, Any]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    return _view_of, (dict(view),)


def _view_of(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)


def _plain(error: SourceError) -> SourceError:
    """The error of the tree that this one is a kind of: the other side knows no other."""
    kinds = (kind for kind in type(error).__mro__ if kind.__module__ == sources.errors.__name__)
    kind = next(kinds)
    if isinstance(error, RateLimited):
        return RateLimited(str(error), error.until)
    told: SourceError = kind(str(error))
    return told


def ids_a_request(source: object) -> int:
    """How many posts a source looks up with one request, as it says; one if it does not."""
    told = getattr(source, "ids_a_request", 1)
    return told if isinstance(told, int) and told > 0 else 1


def _end_with(sentinel: int) -> None:
    """A parent that is killed cannot end us; in the hands of a hung library we would stay for ever."""
    wait([sentinel])
    os._exit(1)
