"""Looking stored posts up again: how far every source has come at every age."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from listener.store.rows import Collected, Counted
from listener.store.sqlite import mentions as rows
from listener.store.sqlite.collecting import Intake
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.database import Database
from listener.store.sqlite.erasing import erase
from listener.store.sqlite.moments import stamp
from listener.store.verification import Due, LookedUp
from sources.protocols import Tombstone

MOST_LOOKED_AT = 20_000  # mentions of all sources, in one go
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Verifying:
    """The verbs of looking up."""

    _db: Database

    def to_verify(
        self,
        source: str,
        kind: str,
        age: timedelta,
        later: timedelta | None,
        at: datetime,
        limit: int,
    ) -> Due:
        """The next posts that have come to an age and have not been looked up at it."""
        now, ripe = stamp(at), _before(at, age)
        past = _before(at, later) if later is not None else ""
        found: list[str] = []
        with self._db.reading() as conn:
            known = conn.execute(
                "SELECT mention_id FROM verifications WHERE source = ? AND age = ?",
                (source, _seconds(age)),
            ).fetchone()
            after = through = int(known[0]) if known else 0
            # Mentions have their ids in the order in which they were seen: the first that is too
            # young ends the search. One from the future was written by a clock that went wrong.
            for id, external_id, ours, seen_at in conn.execute(
                "SELECT id, external_id, source = ? AND kind = ? AND NOT sample"
                " AND deleted_at IS NULL, seen_at FROM mentions WHERE id > ? ORDER BY id LIMIT ?",
                (source, kind, through, MOST_LOOKED_AT),
            ):
                if len(found) >= limit or ripe < seen_at <= now:
                    break
                through = id
                if ours and seen_at > past:
                    found.append(external_id)
        return Due(source, kind, age, after, through, tuple(found))

    def verified(self, done: LookedUp) -> Counted:
        """Erase what was deleted, keep edits, and remember how far the source has come."""
        due = done.due
        arrived = [rows.outside(mention) for mention in done.present]
        tombstones = [Tombstone(due.kind, id) for id in done.deleted]
        with self._db.writing() as conn:
            tally = Tally()
            batch = Collected(run=0, source=due.source, mentions=done.present, at=done.at)
            _, edited = Intake(conn, batch, arrived).write(tally)
            erased = erase(conn, tombstones, done.at, tally)
            day = done.at.astimezone(UTC).date().isoformat()
            conn.execute(
                "INSERT INTO verifications (source, age, mention_id, day, asked, at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " mention_id = max(verifications.mention_id, excluded.mention_id),"
                " asked = excluded.asked + CASE verifications.day"
                " WHEN excluded.day THEN verifications.asked ELSE 0 END,"
                " day = excluded.day, at = excluded.at",
                (due.source, _seconds(due.age), due.through, day, len(due.ids), stamp(done.at)),
            )
            tally.keep(conn)
        return Counted(seen=len(due.ids), edited=edited, erased=erased)

    def looked_up(self, source: str, day: datetime) -> int:
        """How many posts of the source were looked up on the UTC day of that moment."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT coalesce(sum(asked), 0) FROM verifications WHERE source = ? AND day = ?",
                (source, day.astimezone(UTC).date().isoformat()),
            ).fetchone()
        return int(found[0])


def _before(at: datetime, age: timedelta) -> str:
    """What was seen then or earlier has come to the age."""
    return stamp(at - age if at - _EARLIEST > age else _EARLIEST)


def _seconds(age: timedelta) -> int:
    return int(age.total_seconds())
