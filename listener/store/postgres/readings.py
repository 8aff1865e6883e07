"""What workers have read: verdicts and vectors of waiting mentions, until the ordered writer takes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from listener.store.postgres.database import Database, explained
from listener.store.postgres.fleet import SCHEMA
from listener.store.rows import Pending
from listener.store.sqlite.triaging import pending_of

if TYPE_CHECKING:
    import sqlite3

    from psycopg import Connection

# Others skip what is being read, and are given it back at once when its reader dies.
_CLAIM = (
    "SELECT p.mention_id FROM pending p WHERE NOT EXISTS"
    f" (SELECT 1 FROM {SCHEMA}.readings r WHERE r.mention_id = p.mention_id)"
    " ORDER BY p.mention_id LIMIT %s FOR UPDATE OF p SKIP LOCKED"
)
_READ_AMONG = f"SELECT DISTINCT mention_id FROM {SCHEMA}.readings WHERE mention_id = ANY(%s)"
_MINE = (
    "(m.brand = ANY(%(brands)s) OR m.brand <> ALL(%(all_brands)s)"
    " AND (m.source = ANY(%(sources)s) OR %(rest)s AND m.source <> ALL(%(all_sources)s)))"
)
_IN_LINE = (
    "SELECT p.mention_id, EXISTS"
    f" (SELECT 1 FROM {SCHEMA}.readings r WHERE r.mention_id = p.mention_id)"
    " FROM pending p JOIN mentions m ON m.id = p.mention_id"
    f" WHERE {_MINE} ORDER BY p.mention_id LIMIT %(limit)s"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A mention as it was read for a brand; "" when no brand was named in it.

    `stamp` tells the text and the judge it was read by: with another one it counts for nothing.
    """

    mention: int
    brand: str
    stamp: bytes = b""
    verdict: bytes = b""
    vector: bytes = b""


@dataclass(frozen=True, slots=True)
class Share:
    """Which waiting mentions are one writer's: of these sources, or taken in for these brands.

    `rest` says that what is nobody's is this one's.
    """

    brands: Sequence[str]
    sources: Sequence[str]
    all_brands: Sequence[str]
    all_sources: Sequence[str]
    rest: bool


class Claim:
    """Mentions that only this worker reads now."""

    def __init__(self, raw: Connection[Any], waiting: Sequence[Pending]) -> None:
        self._raw = raw
        self.waiting = waiting

    def keep(self, readings: Sequence[Reading]) -> None:
        """Write what was read; it counts once the claim is left."""
        with self._raw.cursor().copy(
            f"COPY {SCHEMA}.readings (mention_id, brand, stamp, verdict, vector) FROM STDIN"
        ) as copy:
            for one in readings:
                copy.write_row((one.mention, one.brand, one.stamp, one.verdict, one.vector))


class Readings:
    """The line between those who read and those who write. One thread, like its database.

    A reading goes with its mention's place in the line: when that is written, erased or taken back,
    there is none left.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    @contextmanager
    def claim(self, limit: int) -> Iterator[Claim]:
        """Take up to so many that nobody has read or reads now; leaving it keeps what was read.

        Claims never wait for each other. Whoever dies in one has changed nothing.
        """
        with self._db.beside() as conn:
            found = [id for (id,) in conn.raw.execute(_CLAIM, (limit,))]
            # Who came before us may have committed between our look and our claim: look again.
            known = {id for (id,) in conn.raw.execute(_READ_AMONG, (found,))}
            ours = [id for id in found if id not in known]
            waiting = pending_of(cast("sqlite3.Connection", conn), ours) if ours else []
            yield Claim(conn.raw, waiting)

    def in_line(
        self, share: Share, limit: int
    ) -> tuple[Sequence[Pending], Mapping[tuple[str, bytes], Reading]]:
        """The first of a writer's mentions, as far as they were read without a gap, and the readings.

        Readings are found by brand and stamp.
        """
        with self._db.reading() as conn:
            ready = []
            for id, read in conn.raw.execute(_IN_LINE, _asked(share, limit)):
                if not read:
                    break
                ready.append(id)
            if not ready:
                return (), {}
            found = conn.raw.execute(
                f"SELECT mention_id, brand, stamp, verdict, vector FROM {SCHEMA}.readings"
                " WHERE mention_id = ANY(%s) AND brand <> ''",
                (ready,),
            ).fetchall()
            waiting = pending_of(conn, ready)
        read_for: dict[tuple[str, bytes], Reading] = {}
        for row in found:
            one = Reading(*row)
            read_for[one.brand, one.stamp] = one
        return waiting, read_for

    def ready(self, share: Share) -> bool:
        """Whether the first of a writer's mentions has been read."""
        with explained(self._db.name):
            found = self._db.conn.raw.execute(_IN_LINE, _asked(share, 1)).fetchone()
        return found is not None and bool(found[1])

    def unread(self, limit: int) -> int:
        """How many wait to be read, those in work included; counted no further than `limit`."""
        with explained(self._db.name):
            found = self._db.conn.raw.execute(
                "SELECT count(*) FROM (SELECT 1 FROM pending p WHERE NOT EXISTS"
                f" (SELECT 1 FROM {SCHEMA}.readings r WHERE r.mention_id = p.mention_id) LIMIT %s) u",
                (limit,),
            ).fetchone()
        return int(found[0]) if found else 0

    def counts(self) -> Mapping[str, int]:
        """How many mentions are `unread`, and how many `read` and waiting for their writer."""
        with explained(self._db.name):
            found: dict[str, int] = defaultdict(int)
            for read, count in self._db.conn.raw.execute(
                "SELECT EXISTS (SELECT 1 FROM"
                f" {SCHEMA}.readings r WHERE r.mention_id = p.mention_id), count(*)"
                " FROM pending p GROUP BY 1"
            ):
                found["read" if read else "unread"] += count
        return found


def _asked(share: Share, limit: int) -> dict[str, object]:
    return {
        "brands": list(share.brands),
        "sources": list(share.sources),
        "all_brands": list(share.all_brands),
        "all_sources": list(share.all_sources),
        "rest": share.rest,
        "limit": limit,
    }
