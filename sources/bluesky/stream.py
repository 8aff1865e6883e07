"""Bluesky by its stream: every post since a place in it, for as long as one run may take."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sources.bluesky.jetstream import CursorTooOld
from sources.bluesky.post import COLLECTION, KIND, mention_of, post_uri, words_of
from sources.moments import EPOCH, moment
from sources.protocols import Batch, Gap, Health, Tombstone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sources.bluesky.jetstream import Jetstream, Stream
    from sources.http.loosejson import Json
    from sources.mention import Mention
    from sources.terms import Terms

EVENTS_A_BATCH = 10_000
ITEMS_A_BATCH = 500
MOST_REJECTED_NAMED = 100
REWIND = timedelta(seconds=10)  # servers witness the same event at slightly different times
LATE = timedelta(minutes=10)  # further behind than this is worth a person's eye
SILENCE = 5.0  # seconds; the whole network is never silent for so long


@dataclass(frozen=True, slots=True)
class Place:
    """How far a stream has been read: the seq of `boot` at server `at`, and when it was witnessed.

    A seq means something to the one server run that gave it; the time is good at any server.
    """

    time: datetime
    at: str = ""
    boot: str = ""
    seq: int = 0

    @property
    def microseconds(self) -> int:
        """The time as a cursor that any server understands."""
        return (self.time - EPOCH) // timedelta(microseconds=1)

    def write(self) -> str:
        """Write it as a cursor."""
        parts = {"at": self.at, "boot": self.boot, "seq": self.seq, "time": self.microseconds}
        return json.dumps(parts)

    def is_where(self, boot: str, first: Json | None) -> bool:
        """Say whether a stream resumed by seq begins where we were: the last event comes again.

        It does not after the server has been set up anew, when our seq is another's.
        """
        if self.boot and boot and self.boot != boot:
            return False
        return first is None or (first.whole("seq"), _seen(first)) == (self.seq, self.time)

    @classmethod
    def read(cls, cursor: str | None) -> Place | None:
        """Read a cursor; None for what is none of ours, which means the beginning."""
        try:
            parts = json.loads(cursor or "")
            when = EPOCH + timedelta(microseconds=int(parts["time"]))
            return cls(when, str(parts["at"]), str(parts["boot"]), max(int(parts["seq"]), 0))
        except (ValueError, KeyError, TypeError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long one run lasts: seconds in all, and of silence after which there is nothing more."""

    seconds: float = 60.0
    silence: float = SILENCE
    events_a_batch: int = EVENTS_A_BATCH
    monotonic: Callable[[], float] = time.monotonic


class BlueskyStream:
    """Reads posts with one of the terms, and all deletions, from a stream until it has caught up.

    Resumes by seq where the server run is the same, else by time with an overlap. What the server
    no longer has is a gap. `is_public` says that the stream carries the whole network, so that its
    silence is trouble.
    """

    def __init__(
        self,
        jetstream: Jetstream,
        server: str,
        terms: Terms,
        bounds: Bounds,
        *,
        is_public: bool,
    ) -> None:
        """`server` is the name under which places in this stream are kept."""
        self._jetstream = jetstream
        self._server = server
        self._terms = terms
        self._bounds = bounds
        self._is_public = is_public

    def read(self, before: Place | None, begin: datetime, now: datetime) -> Iterator[Batch]:
        """Yield what came since `before`, or since `begin` without it, up to `now`."""
        place = before or Place(begin)
        if before is not None and before.seq and before.at == self._server:
            try:
                with self._jetstream.listen(COLLECTION, before.seq) as stream:
                    first = self._first(stream)
                    if before.is_where(stream.boot, first):
                        yield from self._run(stream, first, place, now)
                        return
            except CursorTooOld:
                pass
        start = max(place.time - REWIND, EPOCH) if before else begin
        place = Place(place.time)
        with self._jetstream.listen(COLLECTION, replace(place, time=start).microseconds) as stream:
            first = self._first(stream)
            yield from self._run(stream, first, place, now, missing=before is not None)

    def look(self, now: datetime) -> Json | None:
        """Return the first event of the last minute; None when there is none."""
        start = Place(now - timedelta(minutes=1))
        with self._jetstream.listen(COLLECTION, start.microseconds) as stream:
            return self._first(stream)

    def _first(self, stream: Stream) -> Json | None:
        return stream.next(self._bounds.silence)

    def _run(
        self,
        stream: Stream,
        first: Json | None,
        place: Place,
        now: datetime,
        *,
        missing: bool = False,
    ) -> Iterator[Batch]:
        """Read an open stream to its end, which is `now`, silence, or the end of the time."""
        end = self._bounds.monotonic() + self._bounds.seconds
        page = _Page(replace(place, at=self._server, boot=stream.boot), self._terms)
        cut = missing and _is_notice(first)
        message = first
        ended = "silent"
        left = self._bounds.seconds
        try:
            while message is not None:
                page.take(message)
                if page.first is not None and page.place.time > now:
                    ended = "now"
                    break
                left = end - self._bounds.monotonic()
                if left <= 0:
                    break
                if page.events >= self._bounds.events_a_batch or page.items >= ITEMS_A_BATCH:
                    yield page.batch(gap=_gap(place, page, now) if cut else None)
                    cut = False
                    page = _Page(page.place, self._terms, page.total)
                message = stream.next(min(self._bounds.silence, left))
        except Exception:
            if page.events:  # what came before the trouble is whole, and so is its place
                yield page.batch(gap=_gap(place, page, now) if cut else None)
            raise
        if ended != "now" and left < self._bounds.silence:  # no wait was long enough to tell
            ended = "out of time"
        yield self._last(page, ended, _gap(place, page, now) if cut else None, now)

    def _last(self, page: _Page, ended: str, gap: Gap | None, now: datetime) -> Batch:
        """Return the batch that ends a run, and say how the stream is."""
        note = ""
        behind = now - page.place.time
        if ended == "silent" and self._is_public and not page.total:
            note = f"the stream sent nothing within {self._bounds.silence:g} seconds"
        elif ended == "out of time" and behind > LATE:
            minutes = behind // timedelta(minutes=1)
            note = f"{minutes} minutes behind; the next run goes on from there"
        return page.batch(gap=gap, note=note)


def _seen(message: Json) -> datetime | None:
    """When the server saw an event: what its time cursors go by."""
    return moment(message.text("witnessedAt")) or moment(message.text("time"))


def _is_notice(message: Json | None) -> bool:
    """Say whether the server no longer has what it was asked to begin with."""
    return message is not None and message.text("name") == "OutdatedCursor"


def _gap(place: Place, page: _Page, now: datetime) -> Gap:
    end = page.first or now
    return Gap("the stream no longer had what came since the last run", min(place.time, end), end)


@dataclass(slots=True)
class _Page:
    """What one batch will hold: the last word on every post, and the place behind it."""

    place: Place
    terms: Terms
    total: int = 0
    events: int = 0
    first: datetime | None = None
    mentions: dict[str, Mention] = field(default_factory=dict)
    tombstones: dict[str, Tombstone] = field(default_factory=dict)
    rejected: list[str] = field(default_factory=list)

    @property
    def items(self) -> int:
        return len(self.mentions) + len(self.tombstones)

    def take(self, message: Json) -> None:
        """Take in one message; what is no event of ours only counts."""
        self.events += 1
        self.total += 1
        seq = message.whole("seq")
        seen = _seen(message)
        if not message.text("$type").endswith("#commit"):
            if not message.text("$type"):
                self._reject(f"a frame behind seq {self.place.seq} is no message")
        elif seq is None or seen is None:
            self._reject(f"an event behind seq {self.place.seq} has no seq or no time")
        elif seq > self.place.seq or not self.place.seq:
            self.first = self.first or seen
            self.place = replace(self.place, seq=seq, time=seen)
            if message.text("collection") == COLLECTION:
                self._commit(message, seen)

    def batch(self, gap: Gap | None = None, note: str = "") -> Batch:
        """Return what came, with the place behind it."""
        calm = Health.HEALTHY if self.items else Health.QUIET
        notes = [text for text in (gap.reason if gap else "", note) if text]
        return Batch(
            mentions=list(self.mentions.values()),
            tombstones=list(self.tombstones.values()),
            cursor=self.place.write(),
            gap=gap,
            health=Health.DEGRADED if notes else calm,
            note="; ".join(notes),
            rejected=self.rejected,
        )

    def _commit(self, message: Json, seen: datetime) -> None:
        uri = post_uri(message.text("did"), message.text("rkey"))
        if not uri:
            self._reject(f"event {self.place.seq} has no usable account or key")
            return
        if message.text("operation") == "delete":
            self.mentions.pop(uri, None)
            self.tombstones[uri] = Tombstone(KIND, uri)
            return
        record = message.at("record")
        if not record.is_object():
            self._reject(f"event {self.place.seq} has no record")
        elif self.terms.found_in(words_of(record)):
            mention = mention_of(uri, record, seen.astimezone(UTC))
            if mention is not None:
                self.tombstones.pop(uri, None)
                self.mentions[uri] = mention

    def _reject(self, sentence: str) -> None:
        if len(self.rejected) < MOST_REJECTED_NAMED:
            self.rejected.append(sentence)
