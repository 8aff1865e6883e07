"""The one polite, guarded HTTP fetcher every address given by a person goes through.

http and https only; names resolved once and only public addresses dialled, at every redirect
again; caps on bytes on the wire, on bytes once decompressed and on seconds in all; no proxy from
the environment.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore2
import httpx2

from sources.closing import Closing
from sources.errors import (
    Blocked,
    CredentialsRejected,
    Gone,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.http.address import Resolve, system_resolve
from sources.http.inflate import read_body
from sources.http.link import has_secret_place, host_of, shown
from sources.http.patience import patience_until
from sources.http.transport import Allowance, GuardedTransport

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection, Mapping

USER_AGENT = "complaint-listener (+https://github.com/complaint-listener/complaint-listener)"
MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def utc_now() -> datetime:
    """Return the present moment, aware and in UTC: the clock sources take when none is given."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one fetch, all redirects together."""

    wire_bytes: int = 5 << 20
    plain_bytes: int = 20 << 20
    seconds: float = 30.0
    step_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: `status` is 2xx, 304 or one that was accepted; any other is an error.

    `url` is where it was found in the end. `permanent_url` is the address to ask from now on: it
    differs from the one asked only when all moves up to it were permanent (301, 308), none led from
    https to http, and neither address could carry a secret. Header names are in lower case.
    """

    status: int
    url: str
    permanent_url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def not_modified(self) -> bool:
        """Whether the server said that nothing has changed since the validators sent along."""
        return self.status == 304


class Fetcher(Closing):
    """Fetches for one source in one thread; close it or use it in a `with`.

    `now` dates the patience a server asks for, `monotonic` measures the deadline, `resolve` looks
    names up. It never retries. Errors name the address without user name, password or query.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        limits: Limits | None = None,
        user_agent: str = USER_AGENT,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        resolve: Resolve = system_resolve,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Open nothing yet."""
        self._limits = limits or Limits()
        self._now = now
        self._allowance = Allowance(self._limits.seconds, self._limits.wire_bytes, monotonic)
        self._client = httpx2.Client(
            transport=GuardedTransport(
                self._allowance, resolve, allow_private=allow_private, ssl_context=ssl_context
            ),
            trust_env=False,
            follow_redirects=False,
            timeout=self._limits.step_seconds,
            headers={"user-agent": user_agent, "accept-encoding": "gzip, deflate"},
        )

    def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        headers: Mapping[str, str] = _NO_HEADERS,
        accept: Collection[int] = (),
    ) -> Response:
        """Fetch `url`, following at most five redirects, each checked like the first address.

        `etag` and `last_modified` of an earlier answer make the request conditional. `headers` are
        sent to the origin of `url` only. Statuses in `accept` are answers like 200, for platforms
        that say in the body of an error what is wrong. Raises Blocked, Transient, RateLimited,
        Unreadable (404 too: a wrong address is for a person to mend), CredentialsRejected (401,
        403), Gone (410).
        """
        self._allowance.start()
        asked = current = permanent = url
        all_permanent = not has_secret_place(_parted(url).geturl())
        conditional = _validators(etag, last_modified)
        for _ in range(MOST_REDIRECTS + 1):
            own = headers if _origin(current) == _origin(asked) else _NO_HEADERS
            answer, body = self._ask(_Request("GET", current, {**conditional, **own}), accept)
            if answer.status_code not in _REDIRECTS:
                return self._response(answer, body, current, permanent)
            target = self._target(answer, current)
            all_permanent &= answer.status_code in _PERMANENT and _memorable(current, target)
            permanent = target if all_permanent else permanent
            current = target
        raise Unreadable(f"{shown(asked)} redirects more than {MOST_REDIRECTS} times")

    def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        accept: Collection[int] = (),
    ) -> Response:
        """Send `body` (JSON unless `headers` say otherwise) and return the answer.

        A redirect is Unreadable: what was meant for one address is not sent to another. Otherwise
        like `get`.
        """
        self._allowance.start()
        sent = {"content-type": "application/json", **headers}
        answer, found = self._ask(_Request("POST", url, sent, body), accept)
        if answer.status_code in _REDIRECTS:
            raise Unreadable(
                f"{shown(url)} redirects ({answer.status_code}); is the address right?"
            )
        return self._response(answer, found, url, url)

    def close(self) -> None:
        """Close the connection that is kept open between requests."""
        self._client.close()

    def _ask(self, request: _Request, accept: Collection[int]) -> tuple[httpx2.Response, bytes]:
        """One hop: the answer and its whole plain body; whatever goes wrong names the address."""
        url = request.url
        if not host_of(url):
            raise Blocked(f"{shown(url)}: only http:// and https:// addresses are fetched")
        try:
            with self._client.stream(
                request.method, url, headers=dict(request.headers), content=request.body
            ) as answer:
                if answer.status_code in _REDIRECTS:
                    return answer, b""
                if answer.status_code not in accept:
                    self._refuse(answer)
                encoding = answer.headers.get("content-encoding", "")
                return answer, read_body(answer.iter_raw(), encoding, self._limits.plain_bytes)
        except SourceError as error:
            error.args = (f"{shown(url)}: {error}",)
            raise
        except (httpx2.InvalidURL, UnicodeError):
            raise Blocked(f"{shown(url)} is not a usable address") from None
        except (httpx2.TimeoutException, httpcore2.TimeoutException) as error:
            seconds = self._limits.step_seconds
            raise Transient(f"{shown(url)}: no answer within {seconds:g} seconds") from error
        except (httpx2.HTTPError, httpx2.StreamError, httpcore2.NetworkError) as error:
            raise Transient(f"{shown(url)}: {_plain(error)}") from error
        except (httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
            raise Transient(f"{shown(url)} broke off its answer: {_plain(error)}") from error

    def _refuse(self, answer: httpx2.Response) -> None:
        """Raise the error a status stands for; pass for 2xx and 304."""
        status = answer.status_code
        if status == 304 or (200 <= status < 300 and status != 206):
            return
        if status == 429 or (status == 503 and answer.headers.get("retry-after")):
            until = patience_until(_headers(answer), self._now())
            raise RateLimited(f"asks for patience ({status})", until)
        if status in (401, 403):
            raise CredentialsRejected(f"refuses access ({status})")
        if status == 410:
            raise Gone("has been given up for good (410)")
        if status >= 500 or status in (408, 425):
            raise Transient(f"has trouble of its own ({status})")
        raise Unreadable(f"answered with status {status}; is the address right?")

    def _target(self, answer: httpx2.Response, url: str) -> str:
        location = answer.headers.get("location", "").strip()
        if not location:
            raise Unreadable(f"{shown(url)} redirects ({answer.status_code}) to nowhere")
        try:
            return urljoin(url, location)
        except ValueError:
            raise Blocked(f"{shown(url)} redirects to something that is no address") from None

    def _response(self, answer: httpx2.Response, body: bytes, url: str, permanent: str) -> Response:
        return Response(answer.status_code, url, permanent, _headers(answer), body)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


def _headers(answer: httpx2.Response) -> Mapping[str, str]:
    return MappingProxyType({name.lower(): text for name, text in answer.headers.items()})


def _validators(etag: str, last_modified: str) -> dict[str, str]:
    headers = {}
    if etag:
        headers["if-none-match"] = etag
    if last_modified:
        headers["if-modified-since"] = last_modified
    return headers


def _parted(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Blocked(f"{shown(url)} is not a usable address") from None
    return parts


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = _parted(url)
    return parts.scheme, parts.hostname, parts.port


def _memorable(current: str, target: str) -> bool:
    """Whether a permanent move may be remembered: no secret in it, and never from https to http."""
    here, there = _parted(current), _parted(target)
    downgrade = here.scheme == "https" and there.scheme != "https"
    return not downgrade and not has_secret_place(target)


def _plain(error: Exception) -> str:
    """Say what the network library said, or at least what kind of trouble it was."""
    return str(error) or type(error).__name__
