"""A Jetstream v2 and a Bluesky server on 127.0.0.1, with a network one can fill, edit and break."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from sources.testing.web import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

TYPE = "network.bsky.jetstream.subscribeEvents"
COLLECTION = "app.bsky.feed.post"
STRANGER = "did:plc:stranger"
_TIME_CURSORS = 10**15


@dataclass(slots=True)
class Event:
    """One event in the log of the stream: its payload without the seq, and when it was seen."""

    seq: int
    seen: datetime
    payload: dict[str, object]

    def frame(self) -> str:
        """Write it as the stream does; half an emoji can only be written as an escape."""
        stamp = self.seen.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        payload = {"seq": self.seq, "time": stamp, "witnessedAt": stamp, **self.payload}
        text = json.dumps({"$type": "message", "payload": payload}, ensure_ascii=False)
        halved = any("\ud800" <= character <= "\udfff" for character in text)
        return json.dumps(json.loads(text)) if halved else text


@dataclass(slots=True)
class FakeJetstream:
    """Serves `xrpc.v1.json` frames in a `with`; `now` is its clock and stamps what is posted.

    The network is never silent: behind all that was asked for comes a stranger's post (not if
    `silent`). `refuse` is the answer to every handshake; `cut_after` frames a connection breaks,
    with the error frame `error` if there is one. `asked` holds the query of every connection.
    """

    now: Callable[[], datetime]
    first_seq: int = 1
    boot: str = "boot-1"
    silent: bool = False
    refuse: Answer | None = None
    cut_after: int | None = None
    error: str = ""
    events: list[Event] = field(default_factory=list)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    _floor: int = 0
    _made: int = 0
    _server: Server | None = None
    _thread: threading.Thread | None = None

    # --- the network ---------------------------------------------------------------------------

    def post(
        self,
        text: str,
        *,
        did: str = "did:plc:ada",
        key: str = "",
        at: datetime | None = None,
        operation: str = "create",
        **record: object,
    ) -> str:
        """Let somebody post; returns the `at://` address. `record` adds fields to the record."""
        self._made += 1
        key = key or f"3k{self._made:011d}"
        seen = at or self.now()
        body = {
            "$type": COLLECTION,
            "createdAt": seen.isoformat().replace("+00:00", "Z"),
            "langs": ["en"],
            "text": text,
            **record,
        }
        self.say(did, key, operation, seen, record=body, cid="bafyrei")
        return f"at://{did}/{COLLECTION}/{key}"

    def delete(self, uri: str, at: datetime | None = None) -> None:
        """Let the author delete a post."""
        did, _, key = uri.removeprefix("at://").split("/")
        self.say(did, key, "delete", at or self.now())

    def say(self, did: str, key: str, operation: str, seen: datetime, **more: object) -> None:
        """Put any commit into the log."""
        payload = {
            "$type": f"{TYPE}#commit",
            "did": did,
            "rev": "3k",
            "operation": operation,
            "collection": COLLECTION,
            "rkey": key,
            **more,
        }
        self.put(payload, seen)

    def put(self, payload: dict[str, object], seen: datetime) -> None:
        """Put any payload into the log."""
        seq = self.events[-1].seq + 1 if self.events else self.first_seq
        self.events.append(Event(seq, seen, payload))

    def forget(self, before: datetime) -> None:
        """Let the server drop all events seen before a moment, as after its 36 hours."""
        kept = [event for event in self.events if event.seen >= before]
        self._floor = kept[0].seq if kept else self.events[-1].seq + 1
        self.events = kept

    def set_up_anew(self, boot: str, first_seq: int) -> None:
        """Let another server answer: the same events under other seqs."""
        self.boot = boot
        for number, event in enumerate(self.events, first_seq):
            event.seq = number

    # --- the server ----------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """The address for `base_url`."""
        assert self._server is not None
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._server = serve(
            self._serve,
            "127.0.0.1",
            0,
            process_request=self._refuse,
            process_response=self._name_boot,
            subprotocols=[Subprotocol("xrpc.v1.json")],
            compression=None,
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.shutdown()
        self._thread.join()

    def _refuse(self, connection: ServerConnection, request: Request) -> Response | None:
        query = parse_qs(urlsplit(request.path).query)
        self.asked.append(query)
        if self.refuse is not None:
            return _response(self.refuse)
        if urlsplit(request.path).path != f"/xrpc/{TYPE}":
            return _response(Answer(b"404 page not found\n", 404))
        cursor = int(query["cursor"][0]) if "cursor" in query else 0
        if 0 < cursor < min(self._floor, _TIME_CURSORS):
            said = {"error": "CursorTooOld", "message": f"the floor is seq {self._floor}"}
            return _response(Answer(json.dumps(said).encode(), 400))
        return None

    def _name_boot(
        self, connection: ServerConnection, request: Request, response: Response
    ) -> Response | None:
        response.headers["Jetstream-Boot-Id"] = self.boot
        return None

    def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        cursor = int(query["cursor"][0]) if "cursor" in query else None
        try:
            for sent, frame in enumerate(self._frames(cursor)):
                if sent == self.cut_after:
                    self._break(connection)
                    return
                connection.send(frame)
            connection.recv()  # until the client has had enough
        except ConnectionClosed:
            pass

    def _break(self, connection: ServerConnection) -> None:
        if self.error:
            frame = {"$type": "error", "error": self.error, "message": "reader below floor rate"}
            connection.send(json.dumps(frame))
            connection.close(1008)
        else:
            connection.close(1001, "restart")

    def _frames(self, cursor: int | None) -> Iterable[str]:
        if not self.silent:
            self.post("good morning", did=STRANGER, at=self.now() + timedelta(seconds=1))
        replayed = list(self.events)
        if cursor is None:
            replayed = replayed[-1:]
        elif cursor < _TIME_CURSORS:
            replayed = [event for event in replayed if event.seq >= cursor]
            if not replayed:
                yield _info("FutureCursor")
                replayed = self.events[-1:]
        else:
            start = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=cursor)
            if self._floor and self.events and start < self.events[0].seen:
                yield _info("OutdatedCursor")
            replayed = [event for event in replayed if event.seen >= start]
        yield from [event.frame() for event in replayed]


def _info(name: str) -> str:
    payload = {"$type": f"{TYPE}#info", "name": name, "message": "starting elsewhere"}
    return json.dumps({"$type": "message", "payload": payload})


def _response(answer: Answer) -> Response:
    headers = Headers(answer.headers)
    headers["Content-Length"] = str(len(answer.body))
    return Response(answer.status, HTTPStatus(answer.status).phrase, headers, answer.body)
