"""A mail server on 127.0.0.1 that speaks as much IMAP4rev1 as reading a folder takes."""

from __future__ import annotations

import re
import socketserver
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


@dataclass(slots=True)
class Stored:
    """One message in the folder."""

    uid: int
    at: datetime
    raw: bytes


class FakeImap:
    """Serves one folder in a `with`: LOGIN, EXAMINE, UID SEARCH, UID FETCH, LOGOUT.

    Fill it with `deliver`; `renumber` gives every message another UID and the folder another
    UIDVALIDITY. `fetches_left` breaks the connection off when it has come to 0. `commands` lists
    what was asked, without what was sent to log in.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """Begin with an empty INBOX and one account."""
        self.account = ("desk@acme.example", 'sesame "street"')
        self.letters: list[Stored] = []
        self.validity = 1_700_000_000
        self.fetches_left = -1
        self.greeting = b"* OK ready\r\n"
        self.commands: list[str] = []
        self._newest = 0
        self._server = _Server(("127.0.0.1", 0), self._handler())
        if tls is not None:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def deliver(self, raw: bytes, at: datetime) -> int:
        """Put a message into the folder and return its UID."""
        newest = max((one.uid for one in self.letters), default=100)
        uid = self._newest = max(newest, self._newest) + 3  # none is given twice
        self.letters.append(Stored(uid, at, raw))
        return uid

    def renumber(self) -> None:
        """Do what a server does after a restore: every UID is void."""
        self.validity += 1
        self._newest = 0
        for number, one in enumerate(self.letters, start=1):
            one.uid = number

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(fake.greeting)
                while line := self.rfile.readline().decode("utf-8", "replace").strip():
                    tag, _, command = line.partition(" ")
                    answer = fake._answered(command)
                    if answer is None:
                        return
                    self.wfile.write(answer.replace(b"TAG ", tag.encode() + b" "))
                    if command.upper() == "LOGOUT":
                        return

        return Handler

    def _answered(self, command: str) -> bytes | None:
        """Answer one command; None hangs up."""
        words = [one[0].replace("\\", "") or one[1] for one in _QUOTED.findall(command)]
        name = " ".join(words[:2] if words[0].upper() == "UID" else words[:1]).upper()
        self.commands.append(name if name == "LOGIN" else command)
        if name == "LOGIN":
            known = tuple(words[1:3]) == self.account
            return b"TAG OK in\r\n" if known else b"TAG NO [AUTHENTICATIONFAILED] no\r\n"
        if name == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"
        if name == "EXAMINE":
            if words[1] != "INBOX":
                return b"TAG NO [NONEXISTENT] no such folder\r\n"
            told = f"* {len(self.letters)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] ok\r\n"
            return told.encode() + b"TAG OK [READ-ONLY] open\r\n"
        if name == "UID SEARCH":
            found = " ".join(str(one.uid) for one in self._searched(words[2:]))
            return f"* SEARCH {found}\r\n".encode() + b"TAG OK done\r\n"
        if name == "UID FETCH":
            self.fetches_left -= 1
            return None if self.fetches_left == -1 else self._fetched(words[2])
        return b"* BYE\r\nTAG OK done\r\n" if name == "LOGOUT" else b"TAG BAD what?\r\n"

    def _searched(self, words: list[str]) -> list[Stored]:
        if words[0] == "SINCE":
            day = datetime.strptime(words[1], "%d-%b-%Y").replace(tzinfo=UTC)
            return [one for one in self.letters if one.at >= day]
        if words[0] == "UID":
            low = int(words[1].partition(":")[0])
            last = self.letters[-1:]  # `n:*` always holds the last message
            return [one for one in self.letters if one.uid >= low] or last
        return self.letters

    def _fetched(self, numbers: str) -> bytes:
        wanted = set(map(int, numbers.split(",")))
        lines = b""
        for place, one in enumerate(self.letters, start=1):
            if one.uid in wanted:
                at = one.at.astimezone(UTC).strftime("%d-%b-%Y %H:%M:%S +0000")
                start = f'* {place} FETCH (UID {one.uid} INTERNALDATE "{at}" '
                lines += f"{start}BODY[]<0> {{{len(one.raw)}}}\r\n".encode() + one.raw + b")\r\n"
        return lines + b"TAG OK done\r\n"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client hangs up."""
