"""Tells the service manager how we are: systemd's notification protocol (sd_notify)."""

from __future__ import annotations

import contextlib
import socket
import time

from listener.config.environment import service_manager

ALIVE_EVERY = 5.0  # seconds, at most one sign of life in them


class ServiceManager:
    """Says "ready", "alive", "reloading" and "stopping" to whoever supervises this process.

    The protocol is one datagram of `NAME=value` lines to a Unix socket (sd_notify(3)). Without a
    supervisor every method does nothing; a message that cannot be delivered is dropped, because
    work goes before reporting on it. Threads may share an instance.
    """

    def __init__(self, address: str | None = None) -> None:
        """`address` is the socket's path, `@` first for an abstract one; the environment's if None."""
        said = service_manager() if address is None else address
        self._address = "\0" + said[1:] if said.startswith("@") else said
        self._last = float("-inf")

    def ready(self, status: str) -> None:
        """Everything is up; `status` is the line that `systemctl status` shows."""
        self._send(f"READY=1\nSTATUS={_line(status)}")

    def alive(self) -> None:
        """Work goes on. May be called as often as one likes: sent once in five seconds."""
        now = time.monotonic()
        if now - self._last >= ALIVE_EVERY:
            self._last = now
            self._send("WATCHDOG=1")

    def status(self, status: str) -> None:
        """What `systemctl status` shows from now on."""
        self._send(f"STATUS={_line(status)}")

    def reloading(self) -> None:
        """The configuration is being read again; `ready` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The page in work is being finished."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel,
        ):
            channel.setblocking(False)
            channel.sendto(message.encode("utf-8", "replace"), self._address)


def _line(text: str) -> str:
    """One line: a line feed would begin another message."""
    return " ".join(text.split())
