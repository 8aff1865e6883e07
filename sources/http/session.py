"""A session for client libraries that bring `requests` along, held to the fetcher's rules.

The libraries time out late or never, follow redirects, wait in the calling thread and hard-code
their host. One transport adapter under them cures all of it without touching their insides.
"""

from __future__ import annotations

import io
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from sources.errors import Blocked, RateLimited, Transient, Unreadable
from sources.http.address import Resolve, checked_addresses, system_resolve
from sources.http.cutoff import Cutoff
from sources.http.fetch import Limits
from sources.http.inflate import read_body
from sources.http.link import host_of, shown
from sources.http.patience import patience_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK = 65_536
_PORTS = {"http": 80, "https": 443}


class Redirected(Unreadable):
    """It sent us elsewhere; `target` is where, never followed."""

    def __init__(self, message: str, target: str) -> None:
        """Keep the target apart: on some platforms it says that something does not exist."""
        super().__init__(message)
        self.target = target


class Guard(HTTPAdapter):
    """Carries the requests of a client library.

    `base_url` replaces scheme, host and port of every request and stands before its path. The
    address is checked before it is dialled: only the public internet unless `allow_private`. An
    answer is read whole, under the caps of `limits`, before the library sees it; one that is not
    whole in time, be it stuck in the middle of a header, is cut off. Raises Blocked; Transient for
    networks, 5xx and answers that break off or drip; RateLimited for 429, and 503 with a time;
    Redirected for every redirect. Everything else is left to the library. One thread.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        base_url: str = "",
        allow_private: bool = False,
        limits: Limits | None = None,
        resolve: Resolve = system_resolve,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Dial nothing yet."""
        self._limits = limits or Limits()
        self._cutoff = Cutoff(self._limits.seconds)
        super().__init__(max_retries=0)
        self._now = now
        self._base = urlsplit(base_url.rstrip("/")) if base_url else None
        self._allow_private = allow_private
        self._resolve = resolve
        self._monotonic = monotonic
        self._checked: set[tuple[str, int]] = set()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Open connections that the cutoff knows of."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _watched(self._cutoff)

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send one request; the arguments of the library about time and proxies do not count."""
        url = request.url = self._address(request.url or "")
        self._check(url)
        deadline = self._monotonic() + self._limits.seconds
        step = self._limits.step_seconds
        try:
            with self._cutoff:
                answer = super().send(request, stream=True, timeout=(step, step))
                with_body = self._whole(answer, deadline)
            if self._cutoff.passed:
                raise Transient(self._too_slow())
        except requests.Timeout as error:
            raise Transient(f"{shown(url)}: no answer within {step:g} seconds") from error
        except (requests.RequestException, HTTPError, OSError) as error:
            if self._cutoff.passed:
                raise Transient(f"{shown(url)}: {self._too_slow()}") from error
            raise Transient(f"{shown(url)} cannot be read: {type(error).__name__}") from error
        except (Blocked, Transient, Unreadable) as error:
            error.args = (f"{shown(url)}: {error}",)
            raise
        self._refuse(with_body, url)
        return with_body

    def _address(self, url: str) -> str:
        if self._base is None:
            return url
        parts = urlsplit(url)
        path = self._base.path + parts.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, parts.query, ""))

    def _check(self, url: str) -> None:
        """Refuse what is not public, once for each host of a session."""
        host, parts = host_of(url), urlsplit(url)
        if not host:
            raise Blocked(f"{shown(url)}: only http:// and https:// addresses are fetched")
        place = (parts.hostname or host, parts.port or _PORTS[parts.scheme])
        if place not in self._checked:
            checked_addresses(*place, self._resolve, allow_private=self._allow_private)
            self._checked.add(place)

    def _whole(self, answer: requests.Response, deadline: float) -> requests.Response:
        """Read the body under the caps and hand the library one that is already here."""
        encoding = answer.headers.get("content-encoding", "")
        try:
            body = read_body(self._chunks(answer, deadline), encoding, self._limits.plain_bytes)
        finally:
            answer.raw.close()
        answer.headers.pop("content-encoding", None)
        answer.raw = io.BytesIO(body)
        return answer

    def _chunks(self, answer: requests.Response, deadline: float) -> Iterator[bytes]:
        count = 0
        # read1 hands on what has come, so that a server that drips meets the deadline.
        while chunk := answer.raw.read1(_CHUNK, decode_content=False):
            count += len(chunk)
            if count > self._limits.wire_bytes:
                raise Blocked(
                    f"the answer is larger than {self._limits.wire_bytes:,} bytes on the wire"
                )
            if self._monotonic() > deadline:
                raise Transient(self._too_slow())
            yield chunk

    def _too_slow(self) -> str:
        return f"no complete answer within {self._limits.seconds:g} seconds"

    def _refuse(self, answer: requests.Response, url: str) -> None:
        status = answer.status_code
        headers = {name.lower(): text for name, text in answer.headers.items()}
        if status == 429 or (status == 503 and "retry-after" in headers):
            until = patience_until(headers, self._now())
            raise RateLimited(f"{shown(url)}: asks for patience ({status})", until)
        if status >= 500 or status in (408, 425):
            raise Transient(f"{shown(url)}: has trouble of its own ({status})")
        if 300 <= status < 400 and status != 304:
            target = urljoin(url, headers.get("location", ""))
            raise Redirected(f"{shown(url)} redirects to {shown(target)} ({status})", target)


def _watched(cutoff: Cutoff) -> dict[str, type[HTTPConnectionPool]]:
    """The connections of urllib3, known to the cutoff as soon as they are open."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            cutoff.watch(self.sock)

    class Safe(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            cutoff.watch(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SafePool(HTTPSConnectionPool):
        ConnectionCls = Safe

    return {"http": PlainPool, "https": SafePool}


def guarded(session: requests.Session, guard: Guard) -> requests.Session:
    """Put `guard` under a session and cut it off from proxies and passwords of the environment."""
    session.trust_env = False
    session.headers["Accept-Encoding"] = "gzip, deflate"
    session.mount("https://", guard)
    session.mount("http://", guard)
    return session
