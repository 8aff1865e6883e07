"""A connection to a Jetstream v2, Bluesky's stream of everything, read through the same guard as HTTP.

The wire is that of the lexicon network.bsky.jetstream.subscribeEvents with `xrpc.v1.json` frames.
"""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import orjson

from sources.errors import (
    Blocked,
    CredentialsRejected,
    Gone,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.http.address import Resolve, checked_addresses, system_resolve
from sources.http.fetch import USER_AGENT
from sources.http.link import shown
from sources.http.loosejson import Json
from sources.http.patience import patience_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import ClientConnection

LEXICON = "network.bsky.jetstream.subscribeEvents"
LARGEST_FRAME = 2 << 20  # larger ones are left out by the server, so that none can stop us
DIAL_SECONDS = 10.0
MOST_ADDRESSES_TRIED = 3
_PORTS = {"ws": 80, "wss": 443}


class CursorTooOld(Unreadable):
    """The server no longer has what a cursor asks for."""


class Jetstream:
    """Listens to one server. `address` is its `wss://` or `ws://` address without a path.

    Only addresses of the public internet are dialled unless `allow_private`; no proxy, no redirect,
    no compression. `now` dates the patience a server asks for.
    """

    def __init__(
        self,
        address: str,
        now: Callable[[], datetime],
        *,
        allow_private: bool = False,
        resolve: Resolve = system_resolve,
    ) -> None:
        """Dial nothing yet."""
        self._address = address
        self._now = now
        self._allow_private = allow_private
        self._resolve = resolve

    @contextmanager
    def listen(self, collection: str, cursor: int) -> Iterator[Stream]:
        """Open the stream of commits to `collection` from `cursor` on (a seq, or microseconds).

        Raises CursorTooOld, and Blocked, Transient, RateLimited, Unreadable, Gone or
        CredentialsRejected, naming the address.
        """
        from websockets.exceptions import InvalidHandshake, InvalidStatus
        from websockets.sync.client import connect
        from websockets.typing import Subprotocol

        query = {
            "kinds": "commit",
            "collections": collection,
            "cursor": cursor,
            "maxMessageSizeBytes": LARGEST_FRAME,
        }
        url = f"{self._address}/xrpc/{LEXICON}?{urlencode(query)}"
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(
                    connect(
                        url,
                        sock=self._dial(),
                        proxy=None,
                        compression=None,
                        subprotocols=[Subprotocol("xrpc.v1.json")],
                        user_agent_header=USER_AGENT,
                        open_timeout=DIAL_SECONDS,
                        close_timeout=1,
                        max_size=2 * LARGEST_FRAME,
                        max_queue=256,
                    )
                )
            except InvalidStatus as error:
                raise self._refusal(error) from error
            except ValueError as error:  # what the library says to a redirect of a dialled socket
                where = shown(self._address)
                raise Unreadable(f"{where} redirects; is the address right?") from error
            except (InvalidHandshake, OSError, EOFError) as error:
                said = str(error) or type(error).__name__
                raise Transient(f"{shown(self._address)}: {said[:200]}") from error
            yield Stream(connection, self._address)

    def _dial(self) -> socket.socket:
        parts = urlsplit(self._address)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
        if not host or not port:
            raise Blocked(f"{shown(self._address)} is not the address of a stream (wss://…)")
        try:
            addresses = checked_addresses(
                host, port, self._resolve, allow_private=self._allow_private
            )
        except SourceError as error:
            error.args = (f"{shown(self._address)}: {error}",)
            raise
        failure: OSError = ConnectionError("cannot be reached")
        for address in addresses[:MOST_ADDRESSES_TRIED]:
            try:
                dialled = socket.create_connection((address, port), timeout=DIAL_SECONDS)
            except OSError as error:
                failure = error
            else:
                dialled.settimeout(None)  # from here on the library keeps the time
                return dialled
        raise failure

    def _refusal(self, error: InvalidStatus) -> SourceError:
        """Return the error for an answer that is not a stream."""
        answer, where = error.response, shown(self._address)
        status, body = answer.status_code, _json(bytes(answer.body or b""))
        said = f": {body.text('error')}: {body.text('message')[:200]}" if body.text("error") else ""
        if status == 400 and body.text("error") == "CursorTooOld":
            return CursorTooOld(f"{where}{said}")
        if status == 429 or (status == 503 and "retry-after" in answer.headers):
            headers = {name.lower(): text for name, text in answer.headers.raw_items()}
            until = patience_until(headers, self._now())
            return RateLimited(f"{where} asks for patience ({status})", until)
        if status in (401, 403):
            return CredentialsRejected(f"{where} refuses access ({status}){said}")
        if status == 410:
            return Gone(f"{where} has been given up for good (410)")
        if status >= 500 or status == 408:
            return Transient(f"{where} has trouble of its own ({status})")
        return Unreadable(f"{where} answered with status {status}, not with a stream{said}")


class Stream:
    """An open stream. `boot` names the run of the server in which its seqs hold, "" if unknown."""

    def __init__(self, connection: ClientConnection, address: str) -> None:
        """Take over an open connection; `Jetstream.listen` closes it."""
        self._connection = connection
        self._address = address
        response = connection.response
        self.boot = response.headers.get("Jetstream-Boot-Id", "")[:100] if response else ""

    def next(self, seconds: float) -> Json | None:
        """Return the next message's payload; None when none has come for so many seconds.

        An empty value stands for a frame that is no message. Raises Transient when the server ends
        the stream, saying why if it does.
        """
        from websockets.exceptions import ConnectionClosed

        try:
            data = self._connection.recv(timeout=seconds, decode=False)
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            raise Transient(f"{shown(self._address)} broke off the stream: {error}") from error
        frame = _json(data if isinstance(data, bytes) else data.encode())
        if frame.text("$type") == "error":
            said = f"{frame.text('error')[:100]}: {frame.text('message')[:200]}"
            raise Transient(f"{shown(self._address)} ended the stream: {said}")
        return frame.at("payload") if frame.text("$type") == "message" else Json()


def _json(data: bytes) -> Json:
    """Read JSON; what orjson refuses (half an emoji) Python's own reader may take."""
    try:
        return Json(orjson.loads(data))
    except orjson.JSONDecodeError:
        pass
    try:
        return Json(json.loads(data))
    except (ValueError, RecursionError):
        return Json()


def http_address(address: str) -> str:
    """Return the http(s) address of the server that a ws(s) address names."""
    return _swapped(address, {"ws": "http", "wss": "https"})


def stream_address(address: str) -> str:
    """Return the ws(s) address of the server that an http(s) address names."""
    return _swapped(address, {"http": "ws", "https": "wss"})


def _swapped(address: str, schemes: Mapping[str, str]) -> str:
    scheme, colon, rest = address.partition("://")
    return f"{schemes.get(scheme.lower(), scheme)}{colon}{rest}".rstrip("/")
