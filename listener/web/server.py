"""The web server in a thread beside the rest of the process."""

from __future__ import annotations

import ipaddress
import signal
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from types import FrameType, TracebackType
from typing import Self

import uvicorn

from listener.app import system_clock
from listener.config import Config
from listener.errors import ListenerError
from listener.stage_times import StageTimes
from listener.store.accounts import open_accounts
from listener.web.app import create_app
from listener.web.parts import Parts

LAST_ANSWERS = 10  # seconds for what is being answered when the server ends


class Server:
    """Serves while its `with` block runs. The port is taken before anything else begins.

    `wait` returns when `stop` is called or the process is asked to end (SIGINT, SIGTERM).
    Raises ListenerError when the address is taken or is not this machine's.
    """

    def __init__(
        self,
        config: Config,
        now: Callable[[], datetime] = system_clock,
        times: StageTimes | None = None,
    ) -> None:
        """Take the port. `times` are those of a daemon in this process, for `/metrics`."""
        host, port = config.web.host, config.web.port
        if not _only_here(host) and not _has_accounts(config):
            raise ListenerError(
                f"web.host is {host}, which others can reach, and there is no account yet",
                "listener user add NAME, or web: {host: 127.0.0.1}",
            )
        self._socket = take_port(host, port)
        self._asked = threading.Event()
        app = create_app(config, now, times=times)
        self._parts: Parts = app.state.parts
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=LAST_ANSWERS,
            )
        )
        self._thread = threading.Thread(target=self._serve, name="web")
        bound = self._socket.getsockname()
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        self.address = f"http://{shown}:{bound[1]}/"

    def __enter__(self) -> Self:
        """Begin to serve; signals that ask the process to end release `wait`."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        self._thread.start()
        threading.Thread(target=self._parts.templates.warm, name="templates", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Answer what is being asked, then close the port."""
        self._server.should_exit = True
        self._parts.live.close()
        self._thread.join()
        self._socket.close()
        self._parts.close()

    def first_link(self) -> str:
        """A one-time link for the first account, good for an hour; empty when there is one already.

        Every call makes a new one, and the ones before count no more.
        """
        with self._parts.accounts.lend() as accounts:
            key = accounts.invitations.invite_first(self._parts.now())
        return f"{self.address}invitation/{key}" if key else ""

    def wait(self) -> None:
        """Block until somebody asks to stop."""
        self._asked.wait()

    def stop(self) -> None:
        """Release `wait`; may be called from any thread."""
        self._asked.set()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._asked.set()

    def _serve(self) -> None:
        # uvicorn leaves signals alone outside the main thread.
        self._server.run(sockets=[self._socket])
        self._asked.set()


def _only_here(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return True  # taking the port will fail, and say why
    return all(ipaddress.ip_address(address[4][0]).is_loopback for address in found)


def _has_accounts(config: Config) -> bool:
    with open_accounts(config.store) as accounts:
        return any(not user.disabled for user in accounts.users())


def take_port(host: str, port: int) -> socket.socket:
    """Listen at an address. Raises ListenerError when it is taken or is not this machine's."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        taken = socket.create_server((host, port), family=family)
        # Every connection inherits it. Without it a page waits 40 ms between its head and its body for
        # the browser to confirm the head; asyncio sets it only on sockets that name their protocol.
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return taken
    except OSError as error:
        raise ListenerError(
            f"cannot listen on {host}:{port}: {error.strerror or error}",
            "another port, e.g. LISTENER_WEB__PORT=8081, or web: {port: 8081} in config.yaml",
        ) from error
