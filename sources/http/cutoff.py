"""An end to conversations that go on for too long, whatever library holds them.

The timeout of a socket is for one step: a server that sends a byte now and then never meets it. A
cutoff is for all of it. When the time is over the kernel ends the connection, and whatever waits
for it, in this thread or deep inside a library, sees the end of the stream.
"""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self
from weakref import WeakSet


class Cutoff:
    """So many seconds for what happens in one `with` block; may be entered again and again.

    `watch` names the sockets it may end, now and in later blocks. `passed` says whether the last
    block took too long: then what was read in it is not whole. Blocks are not nested; one thread.
    """

    def __init__(self, seconds: float) -> None:
        """Watch nothing yet."""
        self.seconds = seconds
        self.passed = False
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def watch(self, connection: socket.socket) -> None:
        """End this connection too when the time is over; at once when it is."""
        with self._lock:
            self._sockets.add(connection)
            if self.passed:
                _end(connection)

    def __enter__(self) -> Self:
        """Begin to count."""
        self.passed = False
        self._timer = threading.Timer(self.seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Count no more."""
        assert self._timer is not None
        self._timer.cancel()

    def _cut(self) -> None:
        with self._lock:
            self.passed = True
            for connection in self._sockets:
                _end(connection)


def _end(connection: socket.socket) -> None:
    try:
        # Not the method of an SSL socket: that one takes the connection from under its reader.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        pass  # it had ended already
