"""What refinements change, as triage writes it: absorbed issues, moved posts, suggestions."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from listener.store.sqlite.counters import Tally
from listener.store.sqlite.grouping import alias_end
from listener.store.sqlite.journal import Entry, next_id, write_all
from listener.store.sqlite.moments import moment, stamp
from listener.store.sqlite.shifting import Moved, follow, shift
from listener.store.sqlite.verdicts import ids, json
from triage.protocols import Absorbed, Move, Refinement

MACHINE = "listener"
_PLACES = (
    "SELECT j.value, g.mention_id, g.issue_id, g.placed_by FROM json_each(?1) j"
    " CROSS JOIN memberships g ON g.mention_id = j.value AND g.brand = ?2 UNION ALL"
    " SELECT j.value, d.mention_id, d.issue_id, d.placed_by FROM json_each(?1) j"
    " CROSS JOIN memberships d ON d.duplicate_of = j.value AND d.duplicate_of > 0 AND d.brand = ?2"
)
_TITLE = 60  # characters of a post that name a new issue until it has a label


def carry_out(
    conn: sqlite3.Connection,
    refinements: Sequence[tuple[str, Refinement]],
    at: str,
    tally: Tally,
) -> tuple[dict[tuple[int, str], int], set[int], set[int]]:
    """Change the store as refinements say, in order.

    Returns where every mention went that moved, the open cases of these, and the issues whose number
    of people has come to another level.
    """
    went: dict[tuple[int, str], int] = {}
    cases: set[int] = set()
    risen: set[int] = set()
    for brand, refinement in refinements:
        issues = _Issues(conn, brand, refinement, tally)
        moved = _absorb(conn, brand, refinement, at, tally, issues)
        moved = _joined(moved, _move(conn, brand, refinement.moves, at, issues))
        for mention, _, target in moved:
            went[mention, brand] = target
        risen |= shift(conn, brand, moved)
        cases |= follow(conn, brand, moved)
        rows = [
            ("split" if one.parted else "merge", one.issue, one.into, one.parted, one.reason)
            for one in refinement.suggestions
            if alias_end(conn, one.issue) == one.issue and alias_end(conn, one.into) == one.into
        ]
        suggest(conn, [(brand, *row) for row in rows], at)
    return went, cases, risen


class _Issues:
    """The issues that a refinement names: those that are there are looked up once, others are made."""

    def __init__(
        self, conn: sqlite3.Connection, brand: str, refinement: Refinement, tally: Tally
    ) -> None:
        self._conn, self._brand, self._tally = conn, brand, tally
        named = {end for one in refinement.absorbed for end in (one.issue, one.into)}
        named |= {end for one in refinement.moves for end in (one.source, one.target)}
        self._there = {
            id
            for (id,) in conn.execute(
                "SELECT id FROM issues WHERE id IN (SELECT value FROM json_each(?))", (ids(named),)
            )
        }

    def are_there(self, source: int, target: int, post: int | None) -> bool:
        """Make the issue that posts of another go to, if there is none yet; whether both are there."""
        if source not in self._there:
            return False
        if target not in self._there:
            opened = self._conn.execute(
                "INSERT OR IGNORE INTO issues (id, brand, title, lane, first_seen, last_seen,"
                " central_mention_id) SELECT ?, i.brand, substr(trim(m.title || ' ' || m.text), 1,"
                f" {_TITLE}), i.lane, m.created_at, m.created_at, m.id FROM issues i"
                " JOIN mentions m ON m.id = coalesce(?, i.central_mention_id) WHERE i.id = ?",
                (target, post, source),
            ).rowcount
            if not opened:
                return False
            self._tally.add("issues", opened, self._brand)
            self._there.add(target)
        return True


def _absorb(
    conn: sqlite3.Connection,
    brand: str,
    refinement: Refinement,
    at: str,
    tally: Tally,
    issues: _Issues,
) -> list[Moved]:
    """Let issues go into others, with all their posts; who is where is looked up once for all."""
    if not refinement.absorbed:
        return []
    members: dict[int, dict[int, str]] = defaultdict(dict)  # by issue: mention, who placed it
    for mention, issue, by in conn.execute(
        "SELECT g.mention_id, g.issue_id, g.placed_by FROM json_each(?) j CROSS JOIN memberships g"
        " ON g.issue_id = j.value AND g.brand = ?",
        (ids({one.issue for one in refinement.absorbed}), brand),
    ):
        members[issue][mention] = by
    carried = _Carried(next_id(conn), brand)
    merged: list[tuple[int, int]] = []
    for one in refinement.absorbed:
        if not issues.are_there(one.issue, one.into, None):
            continue  # neither was written: their posts were erased while they waited
        merged.append((one.into, one.issue))
        posts = members.pop(one.issue, {})
        members[one.into].update(posts)
        carried.add(_merge(one, at), one.issue, one.into, sorted(posts.items()))
        tally.add("issues", -1, brand)
    carried.write(conn)
    conn.executemany(
        "UPDATE issues SET merged_into = ?, version = version + 1 WHERE id = ?", merged
    )
    return carried.moved


def _merge(one: Absorbed, at: str) -> Entry:
    return Entry(
        at=moment(at),
        actor=MACHINE,
        action="merge",
        entity="issue",
        entity_id=one.issue,
        before={"merged_into": None},
        after={"merged_into": one.into},
        note=one.reason,
    )


class _Carried:
    """Posts on their way from issue to issue, with the history row of each way: written all at once.

    A refinement has a thousand ways, and a database may be a network away.
    """

    def __init__(self, first: int, brand: str) -> None:
        """`first` is the id of the first history row."""
        self._first, self._brand = first, brand
        self._entries: list[Entry] = []
        self._taken: list[tuple[int, int, str, int, int, str]] = []
        self.moved: list[Moved] = []

    def add(self, entry: Entry, source: int, target: int, posts: Iterable[tuple[int, str]]) -> None:
        """One way: posts with who placed them."""
        history = self._first + len(self._entries)
        self._entries.append(entry)
        for mention, by in posts:
            self.moved.append((mention, source, target))
            self._taken.append((history, mention, self._brand, source, target, by))

    def write(self, conn: sqlite3.Connection) -> None:
        """Write the history, what was where, and where everything is now."""
        write_all(conn, self._entries)
        conn.executemany(
            "INSERT INTO regroupings (history_id, mention_id, brand, from_issue_id, to_issue_id,"
            " placed_by) VALUES (?, ?, ?, ?, ?, ?)",
            self._taken,
        )
        ends = {mention: target for mention, _, target in self.moved}
        conn.executemany(
            "UPDATE memberships SET issue_id = ? WHERE mention_id = ? AND brand = ?",
            [(target, mention, self._brand) for mention, target in ends.items()],
        )


def _move(
    conn: sqlite3.Connection, brand: str, moves: Iterable[Move], at: str, issues: _Issues
) -> list[Moved]:
    """Move posts and what repeats them; one history row for all that go the same way."""
    ways: dict[tuple[int, int], list[Move]] = defaultdict(list)
    for one in moves:
        ways[one.source, one.target].append(one)
    if not ways:
        return []
    places = _Places(conn, brand, [one.post for some in ways.values() for one in some])
    carried = _Carried(next_id(conn), brand)
    for (source, target), some in sorted(ways.items()):
        if not issues.are_there(source, target, some[0].post):
            continue
        mentions = places.take([one.post for one in some], source, target)
        posts = [(mention, places.placed_by[mention]) for mention in mentions]
        carried.add(_entry(source, target, some, at), source, target, posts)
    carried.write(conn)
    return carried.moved


def _entry(source: int, target: int, some: Sequence[Move], at: str) -> Entry:
    clearest = max(some, key=lambda one: (one.there - one.here, -one.post))
    return Entry(
        at=moment(at),
        actor=MACHINE,
        action="move",
        entity="issue",
        entity_id=target,
        before={"issue": source},
        after={"issue": target, "mentions": len(some)},
        note=clearest.reason,
    )


class _Places:
    """Where posts and what repeats them are while ways are gone one after the other."""

    def __init__(self, conn: sqlite3.Connection, brand: str, posts: Sequence[int]) -> None:
        self._now: dict[int, int | None] = {}
        self._repeats: dict[int, list[int]] = defaultdict(list)
        self.placed_by: dict[int, str] = {}
        for post, mention, issue, by in conn.execute(_PLACES, (ids(posts), brand)):
            self._now[mention], self.placed_by[mention] = issue, by
            if mention != post:
                self._repeats[post].append(mention)

    def take(self, posts: Sequence[int], source: int, target: int) -> list[int]:
        """Of these posts and their repeats those that are in one issue go into another."""
        found = {*posts, *(one for post in posts for one in self._repeats[post])}
        mentions = sorted(one for one in found if self._now.get(one) == source)
        for one in mentions:
            self._now[one] = target
        return mentions


def _joined(first: Sequence[Moved], then: Sequence[Moved]) -> list[Moved]:
    """Two rounds of moves as one: from where a mention was first to where it is at last."""
    ends: dict[int, tuple[int, int]] = {}
    for mention, source, target in (*first, *then):
        ends[mention] = (ends[mention][0] if mention in ends else source), target
    return [(mention, *both) for mention, both in ends.items() if both[0] != both[1]]


def suggest(
    conn: sqlite3.Connection,
    rows: Iterable[tuple[str, str, int, int, Sequence[int], str]],
    at: str | datetime,
) -> int:
    """Keep suggestions (brand, rule, issue, other, mentions, reason) that were never made before."""
    when = stamp(at) if isinstance(at, datetime) else at
    return conn.executemany(
        "INSERT OR IGNORE INTO suggestions (brand, rule, issue_id, other_issue_id, mentions,"
        " reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (brand, rule, one, other, json(of), why, when)
            for brand, rule, one, other, of, why in rows
        ],
    ).rowcount


def moved_issues(
    issues: Mapping[tuple[int, str], int | None], went: Mapping[tuple[int, str], int]
) -> dict[tuple[int, str], int | None]:
    """The issue of every (mention, brand) of a batch after its refinements."""
    return {key: went.get(key, issue) for key, issue in issues.items()}
