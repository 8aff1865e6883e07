"""Issues and who belongs to them, as triage writes them: counts grow with every post, exactly."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from listener.store.rows import Judged
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.journal import Entry, write
from listener.store.sqlite.moments import moment, storable
from listener.store.sqlite.people import Fact
from listener.store.sqlite.recounting import recount
from listener.store.sqlite.verdicts import ids, json
from triage.protocols import Label
from triage.verdict import Lane

Key = tuple[int, str]  # mention, brand

_PLACE = (
    "INSERT INTO memberships (mention_id, brand, issue_id, created_at, similarity, nearest,"
    " duplicate_of) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET issue_id = excluded.issue_id, similarity = excluded.similarity,"
    " nearest = excluded.nearest, duplicate_of = excluded.duplicate_of"
)
_LANE_OF_MOST = (
    "UPDATE issues SET lane = coalesce((SELECT name FROM issue_counts WHERE issue_id = issues.id"
    " AND what = 'lane' ORDER BY mentions DESC, name LIMIT 1), lane) WHERE id = ?"
)


@dataclass(slots=True)
class _Growth:
    """What one batch adds to one issue."""

    brand: str
    lane: str
    central: int
    first: str
    last: str
    mentions: int = 0
    lanes: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    people: Counter[tuple[str, str]] = field(default_factory=Counter)
    latest_complaint: str = ""

    def add(self, fact: Fact, lane: str) -> None:
        self.mentions += 1
        self.first = min(self.first, fact.created_at)
        self.last = max(self.last, fact.created_at)
        self.lanes[lane] += 1
        self.sources[fact.source] += 1
        self.people[fact.kind, fact.author_id] += 1
        if lane == Lane.COMPLAINT:
            self.latest_complaint = max(self.latest_complaint, fact.created_at)


def place(
    conn: sqlite3.Connection,
    judged: Sequence[Judged],
    facts: Mapping[int, Fact],
    known: Mapping[Key, int | None],
    former: Mapping[Key, str],
    at: str,
    tally: Tally,
) -> tuple[dict[Key, int | None], set[int]]:
    """Write memberships and let the issues grow.

    Returns the issue of every (mention, brand), and the issues whose number of people has risen to
    another level.

    `known` are the memberships there were before and `former` the lanes. Memberships that a person
    placed stay, whatever the placement says; a merged issue stands for the one it was merged into.
    """
    by_person = _placed_by_people(conn, known)
    wanted = [one for one in judged if one.placement and (one.mention, one.brand) not in by_person]
    issue_of = _resolve(conn, {one.placement.issue for one in wanted if one.placement})
    issues: dict[Key, int | None] = dict(known)
    growth: dict[int, _Growth] = {}
    shrunk: set[int] = set()
    rows = []
    for one in wanted:
        placement, key, fact = one.placement, (one.mention, one.brand), facts[one.mention]
        assert placement is not None
        issue = issue_of.get(placement.issue, placement.issue) or None
        rows.append(
            (
                *key,
                issue,
                fact.created_at,
                placement.similarity,
                placement.nearest,
                placement.duplicate_of,
            )
        )
        before = known.get(key)
        issues[key] = issue
        if before == issue and key in known:
            continue
        if before is not None:
            shrunk.add(before)
        if issue is not None:
            _grown(growth, issue, one, fact).add(fact, one.verdict.lane)
    _open(conn, growth, tally)
    conn.executemany(_PLACE, rows)
    risen = _grow(conn, growth)
    _change_lanes(conn, judged, known, issues, former)
    recount(conn, shrunk)
    _reopen(conn, growth, at)
    return issues, risen


def _grown(growth: dict[int, _Growth], issue: int, one: Judged, fact: Fact) -> _Growth:
    found = growth.get(issue)
    if found is None:
        lane, said = one.verdict.lane.value, fact.created_at
        found = growth[issue] = _Growth(one.brand, lane, one.mention, said, said)
    return found


def _placed_by_people(conn: sqlite3.Connection, known: Iterable[Key]) -> set[Key]:
    mentions = {mention for mention, _ in known}
    if not mentions:
        return set()
    return set(
        conn.execute(
            "SELECT g.mention_id, g.brand FROM json_each(?) j"
            " CROSS JOIN memberships g ON g.mention_id = j.value WHERE g.placed_by <> ''",
            (ids(mentions),),
        ).fetchall()
    )


def _resolve(conn: sqlite3.Connection, issues: set[int]) -> dict[int, int]:
    """Where merged issues went, to the end of the chain."""
    merged = conn.execute(
        "SELECT i.id, i.merged_into FROM json_each(?) j CROSS JOIN issues i ON i.id = j.value"
        " WHERE i.merged_into IS NOT NULL",
        (ids(issues),),
    ).fetchall()
    return {issue: alias_end(conn, into) for issue, into in merged}


def alias_end(conn: sqlite3.Connection, issue: int) -> int:
    """The issue an id stands for: itself, or where it was merged into, to the end of the chain."""
    while True:
        found = conn.execute("SELECT merged_into FROM issues WHERE id = ?", (issue,)).fetchone()
        if found is None or found[0] is None:
            return issue
        issue = int(found[0])


def level(people: int) -> int:
    """How many people, roughly: each level is twice the one before. Within one, priorities stay."""
    return people.bit_length()


def _open(conn: sqlite3.Connection, growth: Mapping[int, _Growth], tally: Tally) -> None:
    """Open the issues that don't exist yet, empty: `_grow` fills them like the others."""
    existing = {
        id
        for (id,) in conn.execute(
            "SELECT i.id FROM json_each(?) j CROSS JOIN issues i ON i.id = j.value", (ids(growth),)
        )
    }
    new = sorted(set(growth) - existing)
    conn.executemany(
        "INSERT INTO issues (id, brand, lane, first_seen, last_seen, central_mention_id)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(id, (g := growth[id]).brand, g.lane, g.first, g.last, g.central) for id in new],
    )
    for id in new:
        tally.add("issues", brand=growth[id].brand)


def _grow(conn: sqlite3.Connection, growth: Mapping[int, _Growth]) -> set[int]:
    if not growth:
        return set()
    strangers = _strangers(conn, growth)
    risen = {
        id
        for id, people in conn.execute(
            "SELECT i.id, i.people FROM json_each(?) j CROSS JOIN issues i ON i.id = j.value",
            (ids(growth),),
        )
        if level(people + strangers[id]) != level(people)
    }
    conn.executemany(
        "INSERT INTO issue_people (issue_id, kind, author_id, posts) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET posts = posts + excluded.posts",
        [(id, *who, posts) for id, g in growth.items() for who, posts in g.people.items()],
    )
    conn.executemany(
        "INSERT INTO issue_counts (issue_id, what, name, mentions) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET mentions = mentions + excluded.mentions",
        [
            (id, what, name, mentions)
            for id, g in growth.items()
            for what, counted in (("lane", g.lanes), ("source", g.sources))
            for name, mentions in counted.items()
        ],
    )
    conn.executemany(
        "UPDATE issues SET mentions = mentions + ?, people = people + ?,"
        " first_seen = min(first_seen, ?), last_seen = max(last_seen, ?) WHERE id = ?",
        [(g.mentions, strangers[id], g.first, g.last, id) for id, g in growth.items()],
    )
    conn.executemany(_LANE_OF_MOST, [(id,) for id in growth])
    return risen


def _change_lanes(
    conn: sqlite3.Connection,
    judged: Sequence[Judged],
    known: Mapping[Key, int | None],
    issues: Mapping[Key, int | None],
    former: Mapping[Key, str],
) -> None:
    """Count posts that stayed in their issue under the lane they have now."""
    changes: Counter[tuple[int, str]] = Counter()
    for one in judged:
        key = one.mention, one.brand
        issue, before = known.get(key), former.get(key)
        if issue is not None and issues[key] == issue and before not in (None, one.verdict.lane):
            assert before is not None
            changes[issue, before] -= 1
            changes[issue, one.verdict.lane.value] += 1
    if not changes:
        return
    conn.executemany(
        "INSERT INTO issue_counts (issue_id, what, name, mentions) VALUES (?, 'lane', ?, ?)"
        " ON CONFLICT DO UPDATE SET mentions = mentions + excluded.mentions",
        [(*key, by) for key, by in changes.items()],
    )
    touched = [(issue,) for issue in {issue for issue, _ in changes}]
    conn.executemany(
        "DELETE FROM issue_counts WHERE issue_id = ? AND what = 'lane' AND mentions <= 0", touched
    )
    conn.executemany(_LANE_OF_MOST, touched)


def _strangers(conn: sqlite3.Connection, growth: Mapping[int, _Growth]) -> dict[int, int]:
    """How many people each issue has not met before."""
    keys = [(id, *who) for id, g in growth.items() for who in g.people]
    met = Counter(
        id
        for (id,) in conn.execute(
            "SELECT p.issue_id FROM json_each(?) j CROSS JOIN issue_people p"
            " ON p.issue_id = json_extract(j.value, '$[0]')"
            " AND p.kind = json_extract(j.value, '$[1]')"
            " AND p.author_id = json_extract(j.value, '$[2]')",
            (orjson.dumps(keys).decode(),),
        )
    )
    return {id: len(g.people) - met[id] for id, g in growth.items()}


def _reopen(conn: sqlite3.Connection, growth: Mapping[int, _Growth], at: str) -> None:
    """A complaint that was written after the fix says that it is not fixed."""
    fixed = conn.execute(
        "SELECT i.id, i.fixed_at FROM json_each(?) j CROSS JOIN issues i ON i.id = j.value"
        " WHERE i.state = 'fixed'",
        (ids(growth),),
    ).fetchall()
    for id, fixed_at in fixed:
        complaint = growth[id].latest_complaint
        if fixed_at is None or complaint <= fixed_at:
            continue
        conn.execute("UPDATE issues SET state = 'open', version = version + 1 WHERE id = ?", (id,))
        write(
            conn,
            Entry(
                at=moment(at),
                actor="listener",
                action="reopen",
                entity="issue",
                entity_id=id,
                before={"state": "fixed"},
                after={"state": "open"},
                note=f"the same complaint came again at {complaint}, after the fix",
            ),
        )


def label(conn: sqlite3.Connection, labels: Sequence[tuple[str, Label]]) -> None:
    """Name issues; a title that a person gave stays. Labels of merged issues name nothing."""
    by_brand: dict[str, list[Label]] = defaultdict(list)
    for brand, one in labels:
        by_brand[brand].append(one)
    for brand, ours in by_brand.items():
        conn.executemany(
            "UPDATE issues SET title = CASE titled_by WHEN '' THEN ? ELSE title END,"
            " phrases = ?, central_mention_id ="
            " coalesce((SELECT id FROM mentions WHERE id = ?), central_mention_id)"
            " WHERE id = ? AND brand = ? AND merged_into IS NULL",
            [
                (storable(one.title), json(one.phrases), one.central, one.issue, brand)
                for one in ours
            ],
        )
