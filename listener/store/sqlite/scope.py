"""One triage batch's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from listener.store.grouping import Grouping, WhereNow
from listener.store.rows import Article, CaseFactsRow, Judged, OpenCase, Priced, StoryRow, Triaged
from listener.store.sqlite import (
    casework,
    grouping,
    groupings,
    people,
    pricing,
    refining,
    verdicts,
    waking,
)
from listener.store.sqlite.correcting import corrections_of
from listener.store.sqlite.counters import Tally, epoch
from listener.store.sqlite.moments import stamp
from listener.store.sqlite.recounting import recount
from listener.store.sqlite.sightings import others
from listener.store.sqlite.stories import find_stories, with_case
from listener.store.sqlite.verdicts import ids
from triage.protocols import Decided, Remembered

Key = tuple[int, str]  # mention, brand

_UNREAD = "unknown"  # the sentiment of a language that has no reading


class SqliteTriageScope:
    """Everything one triage batch reads and writes, in the transaction that `triage()` holds."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        """Use a connection that is in a writing transaction."""
        self._conn = conn
        self._reserved = 0

    def still_pending(self, mentions: Sequence[int]) -> frozenset[int]:
        """Of these mentions, those that nobody else has judged meanwhile."""
        return frozenset(
            id
            for (id,) in self._conn.execute(
                "SELECT p.mention_id FROM json_each(?) j CROSS JOIN pending p ON p.mention_id = j.value",
                (ids(mentions),),
            )
        )

    def new_issue(self) -> int:
        """Reserve the id of a new issue: the next integer, never given twice."""
        if not self._reserved:
            found = self._conn.execute("SELECT coalesce(max(id), 0) FROM issues").fetchone()
            self._reserved = int(found[0])
        self._reserved += 1
        return self._reserved

    def grouping_epoch(self, brand: str) -> int:
        """A number that grows whenever anybody changes the brand's groups, `write` included."""
        return epoch(self._conn, brand)

    def grouping(self, brand: str, known: int = -1) -> Grouping | None:
        """The clusterer's memory that was written last; without its state when that is known."""
        return groupings.kept(self._conn, brand, known)

    def decided(self, brand: str) -> Decided:
        """What people decided about the brand's issues."""
        return groupings.decided(self._conn, brand)

    def where_now(self, brand: str, known: Remembered) -> WhereNow:
        """What became of the posts and issues that a clusterer remembers."""
        return groupings.where_now(self._conn, brand, known)

    def grouped(self, brand: str, mentions: Sequence[int]) -> frozenset[int]:
        """Of these mentions, those that are in an issue of the brand already."""
        return frozenset(
            id
            for (id,) in self._conn.execute(
                "SELECT g.mention_id FROM json_each(?) j CROSS JOIN memberships g"
                " ON g.mention_id = j.value AND g.brand = ? WHERE g.issue_id IS NOT NULL",
                (ids(mentions), brand),
            )
        )

    def open_cases(self, brand: str, people: Sequence[tuple[str, str]]) -> list[OpenCase]:
        """The open cases of these people, given as (kind, author id)."""
        return pricing.open_cases(self._conn, brand, people)

    def stories(
        self, brand: str, articles: Sequence[Article], within: timedelta
    ) -> dict[int, StoryRow]:
        """For each of these articles the earliest placed mention of the same story, by mention."""
        return find_stories(self._conn, brand, articles, within)

    def with_case(self, brand: str, originals: Collection[int]) -> frozenset[int]:
        """Of these mentions, those that have opened a case, themselves or by a copy of them."""
        return with_case(self._conn, brand, originals)

    def corrected(self, mentions: Sequence[int]) -> dict[tuple[int, str], list[tuple[str, str]]]:
        """What people have corrected about these mentions, by (mention, brand): (field, value)."""
        return corrections_of(self._conn, mentions)

    def write(self, batch: Triaged) -> list[int]:
        """Write verdicts, signals, vectors, memberships, issues, labels and cases; clear pending."""
        conn, at, tally = self._conn, stamp(batch.at), Tally()
        facts = self._facts({one.mention for one in batch.judged})
        judged = [one for one in batch.judged if not facts[one.mention].deleted]
        former = self._replace(judged, at, tally)
        verdicts.insert(conn, judged, at)
        self._count(judged, tally)
        self._keep_vectors(
            [one for one in judged if one.placement or (one.mention, one.brand) not in former],
            batch,
        )
        known = self._memberships({mention for mention, _ in former})
        issues, risen = grouping.place(conn, judged, facts, known, former, at, tally)
        went, moved, level = refining.carry_out(conn, batch.refinements, at, tally)
        issues = refining.moved_issues(issues, went)
        grouping.label(conn, batch.labels)
        people.meet(conn, facts.values())
        changed = casework.enter(conn, judged, facts, issues, former, at, tally)
        changed |= waking.grown(conn, {one for one in issues.values() if one}, at, tally)
        self._clear(facts, tally)
        tally.regrouped({one.brand for one in judged})
        tally.keep(conn)
        groupings.keep(conn, batch.kept, batch.model_of, at)
        return sorted(changed | moved | self._waiting_in(risen | level))

    def case_facts(self, cases: Sequence[int]) -> list[CaseFactsRow]:
        """The facts behind the priority of these cases, in order of id."""
        return pricing.case_facts(self._conn, cases)

    def price(self, priced: Sequence[Priced], at: datetime | None = None) -> None:
        """Replace the parts and totals of these cases; with `at`, wake those that got worse."""
        pricing.price(self._conn, priced)
        if at is not None:
            waking.risen(self._conn, priced, stamp(at))

    # the parts of `write`

    def _facts(self, mentions: Iterable[int]) -> dict[int, people.Fact]:
        wanted = ids(mentions)
        more = others(self._conn, wanted)
        return {
            row[0]: people.Fact._make((*row, (row[1], *more.get(row[0], ()))))
            for row in self._conn.execute(
                "SELECT m.id, m.source, m.kind, m.author_id, m.handle, m.author_name, m.followers,"
                " m.created_at, m.deleted_at IS NOT NULL FROM json_each(?) j"
                " CROSS JOIN mentions m ON m.id = j.value ORDER BY m.id",
                (wanted,),
            )
        }

    def _replace(self, judged: Sequence[Judged], at: str, tally: Tally) -> dict[Key, str]:
        """Remove what an earlier version wrote for these mentions; returns the lanes it gave.

        A batch says all there is to say about a mention: a brand it was judged for earlier and is
        not any more loses it.
        """
        conn = self._conn
        former: dict[Key, str] = {}
        unread: dict[Key, str] = {}
        for mention, brand, lane, lang, sentiment in conn.execute(
            "SELECT v.mention_id, v.brand, v.lane, v.lang, v.sentiment FROM json_each(?) j"
            " CROSS JOIN verdicts v ON v.mention_id = j.value",
            (ids({one.mention for one in judged}),),
        ):
            former[mention, brand] = lane
            if sentiment == _UNREAD:
                unread[mention, brand] = lang
        if not former:
            return {}
        for _, brand in former:
            tally.add("judged", -1, brand)
        for (_, brand), lang in unread.items():
            tally.add(f"unread:{lang}", -1, brand)
        verdicts.delete(conn, former)
        gone = former.keys() - {(one.mention, one.brand) for one in judged}
        if gone:
            self._withdraw(sorted(gone), at, tally)
        return former

    def _withdraw(self, keys: Sequence[Key], at: str, tally: Tally) -> None:
        left = [
            row[0]
            for key in keys
            for row in self._conn.execute(
                "DELETE FROM memberships WHERE mention_id = ? AND brand = ? RETURNING issue_id", key
            ).fetchall()
        ]
        recount(self._conn, {issue for issue in left if issue is not None})
        casework.withdraw(self._conn, keys, at, tally)
        self._conn.executemany(
            "UPDATE cases SET issue_id = NULL WHERE mention_id = ? AND brand = ?", keys
        )
        tally.regrouped({brand for _, brand in keys})

    def _count(self, judged: Iterable[Judged], tally: Tally) -> None:
        for one in judged:
            tally.add("judged", brand=one.brand)
            if one.verdict.sentiment.label == _UNREAD:
                tally.add(f"unread:{one.verdict.lang}", brand=one.brand)

    def _keep_vectors(self, judged: Iterable[Judged], batch: Triaged) -> None:
        """Keep the vectors of the words by which posts were placed, one of each model.

        What was placed before keeps what it has: another model's are made by a migration alone,
        which tells those who remember groups.
        """
        placed: dict[tuple[int, str], bytes] = {}
        unplaced: dict[tuple[int, str], bytes] = {}
        for one in judged:
            if one.vector:
                rows = unplaced if one.placement is None else placed
                rows[one.mention, batch.model_of(one.brand)] = one.vector
        for found, conflict in (
            (placed, "UPDATE SET vector = excluded.vector"),
            (unplaced, "NOTHING"),
        ):
            self._conn.executemany(
                "INSERT INTO vectors (mention_id, model, vector) VALUES (?, ?, ?)"
                f" ON CONFLICT DO {conflict}",
                [(*key, vector) for key, vector in found.items()],
            )

    def _memberships(self, again: set[int]) -> dict[Key, int | None]:
        if not again:
            return {}
        return {
            (mention, brand): issue
            for mention, brand, issue in self._conn.execute(
                "SELECT g.mention_id, g.brand, g.issue_id FROM json_each(?) j"
                " CROSS JOIN memberships g ON g.mention_id = j.value",
                (ids(again),),
            )
        }

    def _clear(self, mentions: Iterable[int], tally: Tally) -> None:
        cleared = self._conn.executemany(
            "DELETE FROM pending WHERE mention_id = ?", [(id,) for id in mentions]
        )
        tally.add("pending", -cleared.rowcount)

    def _waiting_in(self, issues: set[int]) -> set[int]:
        if not issues:
            return set()
        return {
            id
            for (id,) in self._conn.execute(
                "SELECT c.id FROM json_each(?) j CROSS JOIN cases c ON c.issue_id = j.value"
                " AND c.issue_id IS NOT NULL WHERE c.state NOT IN ('resolved', 'dismissed')",
                (ids(issues),),
            )
        }
