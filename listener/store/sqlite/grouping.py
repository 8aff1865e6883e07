"""Issues and who belongs to them, as triage writes them: counts grow with every post, exactly."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from listener.store.rows import Judged
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.hours import stale
from listener.store.sqlite.moments import moment, storable
from listener.store.sqlite.people import Fact
from listener.store.sqlite.recounting import recount
from listener.store.sqlite.reopening import reopen
from listener.store.sqlite.verdicts import ids, json
from triage.issues import Again
from triage.priority import issue_level
from triage.protocols import Label, Placement
from triage.verdict import Lane

Key = tuple[int, str]  # mention, brand

_PLACE = (
    "INSERT INTO memberships (mention_id, brand, issue_id, created_at, similarity, nearest,"
    " duplicate_of, story, same_story, after_edit) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
    " coalesce((SELECT max(id) FROM edits WHERE mention_id = ?1), 0))"
    " ON CONFLICT DO UPDATE SET issue_id = excluded.issue_id, similarity = excluded.similarity,"
    " nearest = excluded.nearest, duplicate_of = excluded.duplicate_of,"
    " story = excluded.story, same_story = excluded.same_story,"
    " after_edit = excluded.after_edit"
)
_LOAD = (
    "SELECT i.id, i.brand, i.central_mention_id, i.first_seen, i.last_seen, i.mentions, i.people,"
    " i.lanes, i.sources, i.state, i.fixed_at FROM json_each(?) j CROSS JOIN issues i"
    " ON i.id = j.value"
)
_WRITE = (
    "INSERT INTO issues (id, brand, central_mention_id, first_seen, last_seen, mentions, people,"
    " lanes, sources, lane) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET first_seen = excluded.first_seen, last_seen = excluded.last_seen,"
    " mentions = excluded.mentions, people = excluded.people, lanes = excluded.lanes,"
    " sources = excluded.sources, lane = excluded.lane"
)


@dataclass(slots=True)
class _Issue:
    """An issue while a batch goes in."""

    id: int
    brand: str
    central: int
    first: str
    last: str
    mentions: int = 0
    people: int = 0
    lanes: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    state: str = "open"
    fixed_at: str | None = None
    new: bool = False
    joined: dict[tuple[str, str], int] = field(default_factory=dict)  # people of this batch
    again: list[Again] = field(default_factory=list)  # complaints that join a fixed issue

    def add(self, fact: Fact, lane: str, placement: Placement) -> None:
        if not self.mentions or fact.created_at < self.first:
            self.first = fact.created_at
        if not self.mentions or fact.created_at > self.last:
            self.last = fact.created_at
        self.mentions += 1
        self.lanes[lane] = self.lanes.get(lane, 0) + 1
        for source in fact.sources:
            self.sources[source] = self.sources.get(source, 0) + 1
        if not placement.same_story:
            who = fact.kind, fact.author_id
            self.joined[who] = self.joined.get(who, 0) + 1
            if self.state == "fixed" and lane == Lane.COMPLAINT:
                self.again.append(Again(moment(fact.created_at), placement.similarity))

    @property
    def lane(self) -> str:
        """The lane of most of its mentions; of equals the first by name."""
        return min(self.lanes, key=lambda name: (-self.lanes[name], name))

    def row(self) -> tuple[object, ...]:
        """The columns of `_WRITE`."""
        return (
            self.id,
            self.brand,
            self.central,
            self.first,
            self.last,
            self.mentions,
            self.people,
            _counts(self.lanes),
            _counts(self.sources),
            self.lane,
        )


@dataclass(slots=True)
class _Entering:
    """What a batch does to memberships and issues."""

    rows: list[tuple[object, ...]] = field(default_factory=list)
    issue_of: dict[Key, int | None] = field(default_factory=dict)
    grown: dict[int, _Issue] = field(default_factory=dict)
    shrunk: set[int] = field(default_factory=set)
    heard: list[tuple[int, str]] = field(default_factory=list)  # issue, when


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
    another level. `known` are the memberships there were before and `former` the lanes. Memberships
    that a person placed stay, whatever the placement says; a merged issue stands for the one it was
    merged into.
    """
    by_person = _placed_by_people(conn, known)
    wanted = [one for one in judged if one.placement and (one.mention, one.brand) not in by_person]
    issues = _load(conn, {one.placement.issue for one in wanted if one.placement})
    entering = _Entering(issue_of=dict(known))
    for one in wanted:
        _enter(entering, one, facts[one.mention], known, issues)
    for issue in entering.grown.values():
        if issue.new:
            tally.add("issues", brand=issue.brand)
    risen = _count_people(conn, entering.grown)
    conn.executemany(_WRITE, [issue.row() for issue in entering.grown.values()])
    conn.executemany(
        "INSERT INTO issue_people (issue_id, kind, author_id, posts) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET posts = issue_people.posts + excluded.posts",
        [(id, *who, n) for id, issue in entering.grown.items() for who, n in issue.joined.items()],
    )
    conn.executemany(_PLACE, entering.rows)
    stale(conn, entering.heard)
    _change_lanes(conn, judged, known, entering.issue_of, former)
    recount(conn, entering.shrunk)
    for issue in entering.grown.values():
        if issue.again and issue.fixed_at is not None:
            reopen(conn, issue.id, moment(issue.fixed_at), issue.again, moment(at))
    return entering.issue_of, risen


def _enter(
    entering: _Entering,
    one: Judged,
    fact: Fact,
    known: Mapping[Key, int | None],
    issues: dict[int, _Issue],
) -> None:
    placement, key = one.placement, (one.mention, one.brand)
    assert placement is not None
    issue: _Issue | None = None
    if placement.issue:
        issue = issues.get(placement.issue)
        if issue is None:
            said = fact.created_at
            issue = _Issue(placement.issue, one.brand, one.mention, said, said, new=True)
            issues[placement.issue] = issue
    id = None if issue is None else issue.id
    how = placement.similarity, placement.nearest, placement.duplicate_of
    story = storable(placement.story), placement.same_story
    entering.rows.append((*key, id, fact.created_at, *how, *story))
    before = known.get(key)
    entering.issue_of[key] = id
    if before == id:
        return
    if before is not None:
        entering.shrunk.add(before)
    if issue is not None:
        entering.grown[issue.id] = issue
        entering.heard.append((issue.id, fact.created_at))
        issue.add(fact, one.verdict.lane._value_, placement)


def _load(conn: sqlite3.Connection, wanted: set[int]) -> dict[int, _Issue]:
    """The issues that exist, by the id that was asked for: a merged one is where it went."""
    ends = dict(
        conn.execute(
            "SELECT i.id, i.merged_into FROM json_each(?) j CROSS JOIN issues i ON i.id = j.value"
            " WHERE i.merged_into IS NOT NULL",
            (ids(wanted),),
        ).fetchall()
    )
    ends = {id: alias_end(conn, into) for id, into in ends.items()}
    found: dict[int, _Issue] = {}
    for id, brand, central, first, last, mentions, people, lanes, sources, *fix in conn.execute(
        _LOAD, (ids(wanted | set(ends.values())),)
    ):
        counted = orjson.loads(lanes), orjson.loads(sources)
        found[id] = _Issue(id, brand, central, first, last, mentions, people, *counted, *fix)
    for id, end in ends.items():
        found[id] = found[end]
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


def alias_end(conn: sqlite3.Connection, issue: int) -> int:
    """The issue an id stands for: itself, or where it was merged into, to the end of the chain."""
    while True:
        found = conn.execute("SELECT merged_into FROM issues WHERE id = ?", (issue,)).fetchone()
        if found is None or found[0] is None:
            return issue
        issue = int(found[0])


def _count_people(conn: sqlite3.Connection, grown: Mapping[int, _Issue]) -> set[int]:
    """Add the people an issue has not met before; returns the issues that rise a level by it."""
    keys = [(id, *who) for id, issue in grown.items() if not issue.new for who in issue.joined]
    met: Counter[int] = Counter()
    if keys:
        met.update(
            id
            for (id,) in conn.execute(
                "SELECT p.issue_id FROM json_each(?) j CROSS JOIN issue_people p"
                " ON p.issue_id = json_extract(j.value, '$[0]')"
                " AND p.kind = json_extract(j.value, '$[1]')"
                " AND p.author_id = json_extract(j.value, '$[2]')",
                (orjson.dumps(keys).decode(),),
            )
        )
    risen = set()
    for id, issue in grown.items():
        before = issue.people
        issue.people += len(issue.joined) - met[id]
        if before != issue.people and issue_level(before) != issue_level(issue.people):
            risen.add(id)
    return risen


def _change_lanes(
    conn: sqlite3.Connection,
    judged: Sequence[Judged],
    known: Mapping[Key, int | None],
    issue_of: Mapping[Key, int | None],
    former: Mapping[Key, str],
) -> None:
    """Count posts that stayed in their issue under the lane they have now."""
    changes: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for one in judged:
        key = one.mention, one.brand
        issue, before = known.get(key), former.get(key)
        if issue is None or before is None or issue_of[key] != issue:
            continue
        if before != one.verdict.lane:
            changes[issue].append((before, one.verdict.lane._value_))
    if not changes:
        return
    issues = _load(conn, set(changes))
    for id, moves in changes.items():
        lanes = Counter(issues[id].lanes)
        lanes.subtract(before for before, _ in moves)
        lanes.update(after for _, after in moves)
        issues[id].lanes = dict(+lanes)
    conn.executemany(
        "UPDATE issues SET lanes = ?, lane = ? WHERE id = ?",
        [(_counts(issues[id].lanes), issues[id].lane, id) for id in changes],
    )


def _counts(counted: dict[str, int]) -> str:
    return orjson.dumps(counted, option=orjson.OPT_SORT_KEYS).decode()


def label(conn: sqlite3.Connection, labels: Sequence[tuple[str, Label]]) -> None:
    """Name issues; a title that a person gave stays. Labels of merged issues name nothing."""
    conn.executemany(
        "UPDATE issues SET title = CASE titled_by WHEN '' THEN ? ELSE title END, phrases = ?,"
        " central_mention_id = coalesce((SELECT id FROM mentions WHERE id = ?), central_mention_id)"
        " WHERE id = ? AND brand = ? AND merged_into IS NULL",
        [
            (storable(one.title), json(one.phrases), one.central, one.issue, brand)
            for brand, one in labels
        ],
    )
