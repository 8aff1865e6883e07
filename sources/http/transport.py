"""The only way out: connects to addresses that were checked, within an allowance of bytes and time.

httpx2 resolves a name inside its connection, after any check made before it. Here a connection pool
of httpcore2 (what httpx2 itself stands on) is given our own network backend through its public
argument, so the address that was checked is the address that is dialled, at every redirect, and a
server that sends one byte a minute meets the deadline in whatever it does: handshake, headers or
body. Only the look-up of a name cannot be interrupted; the operating system bounds it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpcore2
import httpx2

from sources.errors import Blocked, Transient
from sources.http.address import Resolve, checked_addresses

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator

MOST_ADDRESSES_TRIED = 3


@dataclass(slots=True)
class Allowance:
    """What is left of one fetch: seconds (all hops together) and bytes on the wire."""

    seconds: float
    wire_bytes: int
    monotonic: Callable[[], float] = time.monotonic
    _end: float = 0.0
    _left: int = 0

    def start(self) -> None:
        """Begin a new fetch with everything still allowed."""
        self._end = self.monotonic() + self.seconds
        self._left = self.wire_bytes

    def timeout(self, wanted: float | None) -> float:
        """Return how long one step may wait; raises Transient when the time is used up."""
        left = self._end - self.monotonic()
        if left <= 0:
            raise Transient(f"no complete answer within {self.seconds:g} seconds")
        return left if wanted is None else min(left, wanted)

    def spend(self, count: int) -> None:
        """Count bytes that arrived; raises Blocked when there were too many."""
        self._left -= count
        if self._left < 0:
            raise Blocked(f"the answer is larger than {self.wire_bytes:,} bytes on the wire")


class _Stream(httpcore2.NetworkStream):
    """A connection whose every step is held to the allowance."""

    def __init__(self, inner: httpcore2.NetworkStream, allowance: Allowance) -> None:
        self._inner = inner
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._allowance.timeout(timeout))
        self._allowance.spend(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._allowance.timeout(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        limit = self._allowance.timeout(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, limit), self._allowance)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    """Resolves once, checks, and dials exactly what was checked."""

    def __init__(self, allowance: Allowance, resolve: Resolve, *, allow_private: bool) -> None:
        self._inner = httpcore2.SyncBackend()
        self._allowance = allowance
        self._resolve = resolve
        self._allow_private = allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = checked_addresses(host, port, self._resolve, allow_private=self._allow_private)
        failure: Exception = httpcore2.ConnectError(f"{host} cannot be reached")
        for address in addresses[:MOST_ADDRESSES_TRIED]:
            limit = self._allowance.timeout(timeout)
            try:
                stream = self._inner.connect_tcp(
                    address, port, limit, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._allowance)
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        raise Blocked("a source is never read from a local socket")


class _Body(httpx2.SyncByteStream):
    """The body of an answer, read from the network as it is iterated."""

    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class GuardedTransport(httpx2.BaseTransport):
    """An httpx2 transport that only reaches allowed addresses and keeps to an `Allowance`.

    No proxy, no environment, no retries. Raises the errors of httpcore2, and Blocked or Transient
    when an address or the allowance forbids to go on. One thread at a time.
    """

    def __init__(
        self,
        allowance: Allowance,
        resolve: Resolve,
        *,
        allow_private: bool,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Nothing is resolved or opened before the first request."""
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl_context,
            max_connections=1,
            max_keepalive_connections=1,
            keepalive_expiry=30.0,
            network_backend=_Backend(allowance, resolve, allow_private=allow_private),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; the body is read from the network as it is iterated."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close the connection that is kept open between requests."""
        self._pool.close()
