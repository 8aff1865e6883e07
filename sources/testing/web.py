"""A small web server on 127.0.0.1 that answers as it is told and remembers what it was asked."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its path with query, its headers in lower case, its method and what it sent."""

    path: str
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send back.

    `parts` are sent one by one after `body`, for answers that drip or never end. `length` promises
    another `Content-Length` than the body has, for answers that are cut off.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: _NONE)
    parts: Iterable[bytes] = ()
    length: int | None = None


Route = Answer | Callable[[Asked], Answer]


class FakeWeb:
    """Serves `routes` (path without query → answer, or a function of the request) in a `with`.

    A path without a route is answered by `fallback`, with 404 if it is not set. `asked` lists the
    requests in order. `spoil` may answer a request before the routes do (None: it does not), and
    `rewrite` may change every answer of theirs: so trouble comes to any platform built on this
    server. One thread a request; nothing leaves this machine.
    """

    def __init__(self, routes: Mapping[str, Route] | None = None) -> None:
        """Routes may be changed at any time."""
        self.routes: dict[str, Route] = dict(routes or {})
        self.fallback: Route = Answer(status=404)
        self.spoil: Callable[[Asked], Answer | None] | None = None
        self.rewrite: Callable[[Answer], Answer] | None = None
        self.asked: list[Asked] = []
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """Return the address of a path here, under another name of the host if one is given."""
        return f"http://{host}:{self.port}{path}"

    def use_tls(self, context: ssl.SSLContext) -> None:
        """Speak TLS from the next connection on."""
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )

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

    def _given(self, asked: Asked) -> Answer:
        spoilt = self.spoil(asked) if self.spoil is not None else None
        if spoilt is not None:
            self.asked.append(asked)
            return spoilt
        answer = self._answer(asked)
        return self.rewrite(answer) if self.rewrite is not None else answer

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        route = self.routes.get(asked.path.partition("?")[0], self.fallback)
        return route if isinstance(route, Answer) else route(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                headers = {name.lower(): text for name, text in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                _send(self, web._given(Asked(self.path, headers, self.command, body)))

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: tests read `asked`."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client hangs up: that is what guarded clients do."""


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.send_response(answer.status)
    for name, text in answer.headers.items():
        handler.send_header(name, text)
    endless = not isinstance(answer.parts, tuple)
    if endless or answer.length is not None or handler.close_connection:
        handler.send_header("Connection", "close")
    if not endless and answer.status != 304:
        length = len(answer.body) if answer.length is None else answer.length
        handler.send_header("Content-Length", str(length))
    handler.end_headers()
    handler.wfile.write(answer.body)
    for part in answer.parts:
        handler.wfile.write(part)
        handler.wfile.flush()


def redirect(to: str, status: int = 302) -> Answer:
    """Answer with a redirect."""
    return Answer(status=status, headers={"Location": to})


def zipped(body: bytes, content_type: str = "application/xml") -> Answer:
    """Answer with a body compressed by gzip."""
    headers = {"Content-Encoding": "gzip", "Content-Type": content_type}
    return Answer(gzip.compress(body), headers=headers)


def conditional(body: bytes, etag: str, content_type: str = "application/xml") -> Route:
    """Answer with a body and its ETag, or with 304 to those who know it."""

    def route(asked: Asked) -> Answer:
        headers = {"ETag": etag, "Content-Type": content_type}
        if asked.headers.get("if-none-match") == etag:
            return Answer(status=304, headers=headers)
        return Answer(body, headers=headers)

    return route
