"""A server on 127.0.0.1 that takes every connection and never comes to an end."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType
from typing import Self

BETWEEN_BYTES = 0.02  # seconds; long before the timeout of a step, and for ever


class HungServer:
    """Accepts and says nothing, in a `with`; with `drip`, says that and then a byte at a time.

    `asked` is set with the first connection. One thread a connection, until the client hangs up.
    """

    def __init__(self, drip: bytes = b"") -> None:
        """`drip` is how its endless answer begins."""
        self.asked = threading.Event()
        self._over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler(drip))
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def url(self, path: str = "/", scheme: str = "http") -> str:
        """The address of a path here."""
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self, drip: bytes) -> type[socketserver.BaseRequestHandler]:
        server = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                server.asked.set()
                try:
                    self.request.sendall(drip)
                    while drip and not server._over.wait(BETWEEN_BYTES):
                        self.request.sendall(b"a")
                    server._over.wait()
                except OSError:
                    return  # the client has hung up, as it should

        return Handler


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
