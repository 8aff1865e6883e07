"""Things that one thread may use at a time, lent to one request after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from listener.errors import DeskError, StoreError


class _Closable(Protocol):
    def close(self) -> None: ...


Thing = TypeVar("Thing", bound=_Closable)


class Pool(Generic[Thing]):
    """Opens what is asked for and keeps a few of them open for the next. Any thread may ask.

    What was in use when an unexpected error came is closed, not lent again.
    """

    def __init__(self, open: Callable[[], Thing], keep: int = 8) -> None:
        """`open` makes one more; at most `keep` stay open when nobody uses them."""
        self._open = open
        self._keep = keep
        self._idle: list[Thing] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def lend(self) -> Iterator[Thing]:
        """One of them, for this block alone."""
        with self._lock:
            thing = self._idle.pop() if self._idle else None
        if thing is None:
            thing = self._open()
        try:
            yield thing
        except StoreError:
            thing.close()
            raise
        except DeskError:
            self._take_back(thing)
            raise
        except BaseException:
            thing.close()
            raise
        else:
            self._take_back(thing)

    def close(self) -> None:
        """Close all that is idle, and from now on everything that comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for thing in idle:
            thing.close()

    def _take_back(self, thing: Thing) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < self._keep:
                self._idle.append(thing)
                return
        thing.close()
