"""Merging and splitting issues by a person's hand, and undoing it exactly."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from listener.errors import Conflict, DeskError, NotFound
from listener.store.rows import HistoryRow, Value
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.database import Database
from listener.store.sqlite.journal import Entry, taken_back, write
from listener.store.sqlite.moments import stamp
from listener.store.sqlite.recounting import recount
from listener.store.sqlite.verdicts import ids

ACTIONS = ("merge", "split", "move")  # of issues, undone by putting back what they moved
_RULES = {"must": "together", "cannot": "apart"}
_TITLE = 60  # characters of a post that name a new issue until it has a label


class Regrouping:
    """The verbs that move mentions between issues."""

    _db: Database

    def merge(self, source: int, target: int, actor: str, at: datetime) -> HistoryRow:
        """Move all of one issue into another; its id stays as an alias and a must-link is kept.

        Raises NotFound for an unknown issue, DeskError when either is merged already, when they are
        the same, or of two brands.
        """
        with self._db.writing() as conn:
            brand = _living(conn, source)
            if _living(conn, target) != brand:
                raise DeskError(f"issues {source} and {target} belong to different brands")
            if source == target:
                raise DeskError(f"issue {source} can't be merged into itself")
            moved = _members(conn, source)
            history = write(
                conn,
                Entry(
                    at=at,
                    actor=actor,
                    action="merge",
                    entity="issue",
                    entity_id=source,
                    before={"merged_into": None},
                    after={"merged_into": target, "mentions": len(moved)},
                ),
            )
            _link(conn, "must", [(_typical(conn, source), _typical(conn, target))], history, brand)
            conn.execute(
                "UPDATE issues SET merged_into = ?, version = version + 1 WHERE id = ?",
                (target, source),
            )
            _move(conn, history.id, moved, source, target, None)
            _settle(conn, brand, (source, target), at, issues=-1)
            return history

    def split(self, issue: int, mentions: Sequence[int], actor: str, at: datetime) -> HistoryRow:
        """Move these mentions of an issue into a new one, whose id is the row's entity.

        Cannot-links between them and what stays are kept. Raises NotFound for an unknown issue,
        DeskError when it is merged, a mention is not in it, or none would move or stay.
        """
        with self._db.writing() as conn:
            brand = _living(conn, issue)
            chosen = sorted(set(mentions))
            members = _members(conn, issue)
            _must_divide(issue, chosen, members)
            new = conn.execute("SELECT max(id) + 1 FROM issues").fetchone()[0]
            conn.execute(
                "INSERT INTO issues (id, brand, title, lane, first_seen, last_seen,"
                " central_mention_id) SELECT ?, i.brand, substr(trim(m.title || ' ' || m.text), 1,"
                f" {_TITLE}), i.lane, i.first_seen, i.last_seen, m.id"
                " FROM issues i, mentions m WHERE i.id = ? AND m.id = ?",
                (new, issue, chosen[0]),
            )
            before = _central(conn, issue)
            central = min(set(members) - set(chosen)) if before in chosen else before
            history = write(
                conn,
                Entry(
                    at=at,
                    actor=actor,
                    action="split",
                    entity="issue",
                    entity_id=new,
                    before={"issue": issue, "central": before},
                    after={"issue": new, "central": central, "mentions": len(chosen)},
                ),
            )
            _recentre(conn, issue, before, central)
            _link(conn, "cannot", [(one, central) for one in chosen], history, brand)
            _link(conn, "must", [(one, chosen[0]) for one in chosen[1:]], history, brand)
            _move(conn, history.id, chosen, issue, new, actor)
            _settle(conn, brand, (issue, new), at, issues=1)
            return history

    def regroup(
        self, mentions: Sequence[int], source: int, target: int, actor: str, at: datetime
    ) -> HistoryRow:
        """Move mentions from one issue into another one, which keeps them.

        Must-links tie them to what is there, cannot-links keep them from what they left. Raises
        NotFound for an unknown issue, DeskError when either is merged, of another brand or the same,
        when a mention is not in the first, or when none would stay there.
        """
        with self._db.writing() as conn:
            brand = _living(conn, source)
            if _living(conn, target) != brand:
                raise DeskError(f"issues {source} and {target} belong to different brands")
            if source == target:
                raise DeskError(f"these mentions are in issue {source} already")
            chosen = sorted(set(mentions))
            members = _members(conn, source)
            _must_divide(source, chosen, members)
            before = _central(conn, source)
            central = min(set(members) - set(chosen)) if before in chosen else before
            history = write(
                conn,
                Entry(
                    at=at,
                    actor=actor,
                    action="move",
                    entity="issue",
                    entity_id=target,
                    before={"issue": source, "central": before},
                    after={"issue": target, "central": central, "mentions": len(chosen)},
                ),
            )
            _recentre(conn, source, before, central)
            _link(conn, "must", [(one, _typical(conn, target)) for one in chosen], history, brand)
            _link(conn, "cannot", [(one, central) for one in chosen], history, brand)
            _move(conn, history.id, chosen, source, target, actor)
            _settle(conn, brand, (source, target), at, issues=0)
            return history

    def link(
        self, rule: str, brand: str, one: int, other: int, actor: str, at: datetime
    ) -> HistoryRow:
        """Write down that two mentions belong together ("must") or never do ("cannot").

        Raises Conflict when that was said before, DeskError when a mention is in no issue.
        """
        with self._db.writing() as conn:
            for mention in (one, other):
                if not _in_an_issue(conn, mention, brand):
                    raise DeskError(f"mention {mention} is in no issue of {brand}")
            known = conn.execute(
                "SELECT id FROM links WHERE undone_at IS NULL AND rule = ? AND brand = ?"
                " AND min(mention_id, other_mention_id) = ?"
                " AND max(mention_id, other_mention_id) = ?",
                (rule, brand, min(one, other), max(one, other)),
            ).fetchone()
            if known is not None:
                raise Conflict(f"that was said already of mentions {one} and {other}")
            link = conn.execute(
                "INSERT INTO links (brand, rule, mention_id, other_mention_id, at, actor)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (brand, rule, one, other, stamp(at), actor),
            ).lastrowid
            assert link is not None
            history = write(
                conn,
                Entry(
                    at=at,
                    actor=actor,
                    action=_RULES[rule],
                    entity="link",
                    entity_id=link,
                    before={"undone_at": stamp(at)},  # as it is again once this is taken back
                    after={"undone_at": None},
                    note=f"mentions {one} and {other}",
                ),
            )
            conn.execute("UPDATE links SET history_id = ? WHERE id = ?", (history.id, link))
            tally = Tally()
            tally.regrouped([brand])
            tally.keep(conn)
            return history


def _in_an_issue(conn: sqlite3.Connection, mention: int, brand: str) -> bool:
    found = conn.execute(
        "SELECT issue_id FROM memberships WHERE mention_id = ? AND brand = ?", (mention, brand)
    ).fetchone()
    return found is not None and found[0] is not None


def undo(conn: sqlite3.Connection, done: HistoryRow, actor: str, at: datetime) -> Entry | None:
    """Put back what a merge, split or move did; None when any of it has been moved again since."""
    moved, still, source, target, brand = conn.execute(
        "SELECT count(*), count(CASE WHEN g.issue_id IS r.to_issue_id THEN 1 END), max(r.from_issue_id),"
        " max(r.to_issue_id), max(r.brand) FROM regroupings r LEFT JOIN memberships g"
        " ON g.mention_id = r.mention_id AND g.brand = r.brand WHERE r.history_id = ?",
        (done.id,),
    ).fetchone()
    if done.action == "merge":
        source, target = done.entity_id, done.after["merged_into"]
        brand = conn.execute("SELECT brand FROM issues WHERE id = ?", (source,)).fetchone()[0]
    if moved != still or not _is_as_left(conn, done, source, target):
        return None
    conn.execute(
        "UPDATE memberships SET (issue_id, placed_by) = (SELECT r.from_issue_id, r.placed_by"
        " FROM regroupings r WHERE r.history_id = ?1 AND r.mention_id = memberships.mention_id"
        " AND r.brand = memberships.brand) WHERE (mention_id, brand) IN"
        " (SELECT mention_id, brand FROM regroupings WHERE history_id = ?1)",
        (done.id,),
    )
    conn.execute("UPDATE links SET undone_at = ? WHERE history_id = ?", (stamp(at), done.id))
    if "central" in done.before:
        _recentre(conn, source, done.after["central"], done.before["central"])
    change = _unalias(conn, done, source, target)
    _settle(conn, brand, (source, target), at, issues=change)
    return taken_back(done, actor, at, done.before)


def _is_as_left(conn: sqlite3.Connection, done: HistoryRow, source: int, target: int) -> bool:
    """Whether the two issues still stand as the merge or split left them."""
    into = dict(
        conn.execute(
            "SELECT id, merged_into FROM issues WHERE id IN (?, ?)", (source, target)
        ).fetchall()
    )
    if done.action == "merge":
        return into[source] == target and into[target] is None
    return into[source] is None and into[target] is None


def _unalias(conn: sqlite3.Connection, done: HistoryRow, source: int, target: int) -> int:
    """Give the ids their meaning back; returns how many issues there are more."""
    if done.action == "merge":
        conn.execute(
            "UPDATE issues SET merged_into = NULL, version = version + 1 WHERE id = ?", (source,)
        )
        return 1
    left = conn.execute(
        "SELECT count(*) FROM memberships WHERE issue_id = ?", (target,)
    ).fetchone()[0]
    if left:  # others have joined the new issue since: it stays theirs
        return 0
    conn.execute(
        "UPDATE issues SET merged_into = ?, version = version + 1 WHERE id = ?", (source, target)
    )
    return -1


def _living(conn: sqlite3.Connection, issue: int) -> str:
    """The brand of an issue that is not merged."""
    found = conn.execute("SELECT brand, merged_into FROM issues WHERE id = ?", (issue,)).fetchone()
    if found is None:
        raise NotFound(f"there is no issue {issue}", "listener issues list")
    if found[1] is not None:
        raise DeskError(
            f"issue {issue} has been merged into issue {found[1]}",
            f"listener issues show {found[1]}",
        )
    return str(found[0])


def _members(conn: sqlite3.Connection, issue: int) -> list[int]:
    return [
        id
        for (id,) in conn.execute(
            "SELECT mention_id FROM memberships WHERE issue_id = ? ORDER BY mention_id", (issue,)
        )
    ]


def _must_divide(issue: int, chosen: Sequence[int], members: Sequence[int]) -> None:
    strangers = set(chosen) - set(members)
    if strangers:
        listed = ", ".join(map(str, sorted(strangers)[:5]))
        raise DeskError(f"not in issue {issue}: mention {listed}", f"listener issues show {issue}")
    if not chosen or len(chosen) == len(members):
        raise DeskError(
            f"a split of issue {issue} needs some of its {len(members)} mentions to move and some to"
            " stay"
        )


def _central(conn: sqlite3.Connection, issue: int) -> int:
    return int(
        conn.execute("SELECT central_mention_id FROM issues WHERE id = ?", (issue,)).fetchone()[0]
    )


def _typical(conn: sqlite3.Connection, issue: int) -> int:
    """The most central mention of an issue, or its first when that one has left it."""
    found = conn.execute(
        "SELECT mention_id FROM memberships WHERE issue_id = ?1 ORDER BY mention_id <>"
        " (SELECT central_mention_id FROM issues WHERE id = ?1), mention_id LIMIT 1",
        (issue,),
    ).fetchone()
    return _central(conn, issue) if found is None else int(found[0])


def _recentre(conn: sqlite3.Connection, issue: int, was: Value, central: Value) -> None:
    conn.execute(
        "UPDATE issues SET central_mention_id = ? WHERE id = ? AND central_mention_id = ?",
        (central, issue, was),
    )


def _link(
    conn: sqlite3.Connection,
    rule: str,
    pairs: Sequence[tuple[int, int]],
    history: HistoryRow,
    brand: str,
) -> None:
    conn.executemany(
        "INSERT INTO links (brand, rule, mention_id, other_mention_id, at, actor, history_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(brand, rule, *pair, stamp(history.at), history.actor, history.id) for pair in pairs],
    )


def _move(
    conn: sqlite3.Connection,
    history: int,
    mentions: Sequence[int],
    source: int,
    target: int,
    placed_by: str | None,
) -> None:
    """Move memberships, remembering which, so that an undo is exact. `placed_by` None keeps it."""
    listed = ids(mentions)
    conn.execute(
        "INSERT INTO regroupings (history_id, mention_id, brand, from_issue_id, to_issue_id,"
        " placed_by) SELECT ?, mention_id, brand, issue_id, ?, placed_by FROM memberships"
        " WHERE issue_id = ? AND mention_id IN (SELECT value FROM json_each(?))",
        (history, target, source, listed),
    )
    conn.execute(
        "UPDATE memberships SET issue_id = ?, placed_by = coalesce(?, placed_by)"
        " WHERE issue_id = ? AND mention_id IN (SELECT value FROM json_each(?))",
        (target, placed_by, source, listed),
    )


def _settle(
    conn: sqlite3.Connection, brand: str, both: tuple[int, int], at: datetime, *, issues: int
) -> None:
    """Make counts and cases follow the memberships, and tell the clusterers and the queue."""
    recount(conn, both)
    conn.execute(
        "UPDATE cases SET issue_id = (SELECT g.issue_id FROM memberships g"
        " WHERE g.mention_id = cases.mention_id AND g.brand = cases.brand)"
        " WHERE issue_id IN (?, ?)",
        both,
    )
    # How many people share the problem is a part of the priority.
    conn.execute(
        "UPDATE cases SET next_change_at = min(coalesce(next_change_at, ?1), ?1)"
        " WHERE issue_id IN (?2, ?3) AND state NOT IN ('resolved', 'dismissed')",
        (stamp(at), *both),
    )
    tally = Tally()
    tally.add("issues", issues, brand)
    tally.regrouped([brand])
    tally.keep(conn)
