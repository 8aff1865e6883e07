"""What grouping remembers between runs, what people decided for it, and what it suggests."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence

import orjson

from listener.store.grouping import Grouping, LinkRow, SuggestionRow, WhereNow
from listener.store.sqlite import mentions as rows
from listener.store.sqlite.calibrating import strictness
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.database import Database
from listener.store.sqlite.grouping import alias_end
from listener.store.sqlite.moments import moment
from listener.store.sqlite.refining import suggest
from listener.store.sqlite.verdicts import ids
from triage.protocols import Decided, Remembered

# A person's hand: on the issue itself, or by a reply to one of those who complained. What was taken
# back does not count, but taking back what the machine did does.
_TOUCHED = (
    "WITH hand AS (SELECT h.entity_id, h.before, h.after FROM history h"
    " JOIN issues i ON i.id = h.entity_id AND i.brand = ?1"
    " WHERE h.entity = 'issue' AND h.actor <> 'listener' AND h.undone_by IS NULL AND"
    " (h.undoes IS NULL OR (SELECT u.actor FROM history u WHERE u.id = h.undoes) = 'listener'))"
    " SELECT id FROM issues WHERE brand = ?1 AND (titled_by <> '' OR state <> 'open')"
    " UNION SELECT entity_id FROM hand"
    " UNION SELECT CAST(json_extract(after, '$.merged_into') AS INTEGER) FROM hand"
    " UNION SELECT CAST(json_extract(before, '$.merged_into') AS INTEGER) FROM hand"
    " UNION SELECT CAST(json_extract(after, '$.issue') AS INTEGER) FROM hand"
    " UNION SELECT CAST(json_extract(before, '$.issue') AS INTEGER) FROM hand"
    " UNION SELECT c.issue_id FROM replies r JOIN cases c ON c.id = r.case_id AND c.brand = ?1"
    " WHERE r.kind = 'reply' AND r.state <> 'cancelled'"
)
_LINKS = (
    "SELECT id, brand, rule, mention_id, other_mention_id, actor, at, coalesce(history_id, 0)"
    " FROM links WHERE undone_at IS NULL AND ? IN ('', brand) ORDER BY id"
)
_SUGGESTIONS = (
    "SELECT s.id, s.brand, s.rule, s.issue_id, s.other_issue_id, s.mentions, s.reason, s.state,"
    " s.at, s.actor, s.decided_at FROM suggestions s JOIN issues i ON i.id = s.issue_id"
    " LEFT JOIN issues o ON o.id = s.other_issue_id WHERE ?1 IN ('', s.brand)"
    " AND ?2 IN ('', s.state) AND (s.state <> 'open' OR"
    " (i.merged_into IS NULL AND i.mentions > 0 AND o.merged_into IS NULL))"
    " ORDER BY s.id"
)
# The words by which a mention was placed; see `triaging`.
_LACKING = (
    " FROM memberships g JOIN mentions m ON m.id = g.mention_id{}"
    " WHERE g.brand = ? AND g.mention_id > ? AND m.deleted_at IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM vectors x WHERE x.mention_id = g.mention_id AND x.model = ?)"
)
_FOREIGN = (
    "SELECT g.mention_id, coalesce(e.title, m.title), coalesce(e.text, m.text)"
    + _LACKING.format(
        " LEFT JOIN edits e ON e.id = (SELECT min(id) FROM edits"
        " WHERE mention_id = g.mention_id AND id > g.after_edit)"
    )
    + " ORDER BY g.mention_id LIMIT ?"
)
_FOREIGN_COUNT = "SELECT count(*)" + _LACKING.format("")


def kept(conn: sqlite3.Connection, brand: str, known: int) -> Grouping | None:
    """The clusterer's memory that was written last; its state is empty when `known` is its end."""
    found = conn.execute(
        "SELECT brand, model, through, CASE WHEN through = ? THEN x'' ELSE state END"
        " FROM groupings WHERE brand = ?",
        (known, brand),
    ).fetchone()
    return None if found is None else Grouping(*found)


def keep(
    conn: sqlite3.Connection,
    memories: Sequence[tuple[str, int, bytes]],
    model_of: Callable[[str], str],
    at: str,
) -> None:
    """Replace what clusterers remember: (brand, last mention, state)."""
    conn.executemany(
        "INSERT INTO groupings (brand, model, through, at, state) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET model = excluded.model, through = excluded.through,"
        " at = excluded.at, state = excluded.state",
        [(brand, model_of(brand), through, at, state) for brand, through, state in memories],
    )


def decided(conn: sqlite3.Connection, brand: str) -> Decided:
    """What people decided about the brand's issues."""
    touched = {alias_end(conn, id) for (id,) in conn.execute(_TOUCHED, (brand,)).fetchall() if id}
    pairs: dict[str, set[tuple[int, int]]] = {"must": set(), "cannot": set()}
    for _, _, rule, one, other, *_ in conn.execute(_LINKS, (brand,)):
        pairs[rule].add((one, other))
    return Decided(
        frozenset(touched),
        frozenset(pairs["must"]),
        frozenset(pairs["cannot"]),
        strictness(conn, brand),
    )


def where_now(conn: sqlite3.Connection, brand: str, known: Remembered) -> WhereNow:
    """What became of the posts and issues that a clusterer remembers."""
    found = conn.execute(
        "SELECT g.mention_id, coalesce(g.issue_id, 0) FROM memberships g"
        " JOIN mentions m ON m.id = g.mention_id WHERE g.brand = ? AND g.mention_id BETWEEN ? AND ?"
        " AND m.deleted_at IS NULL",
        (brand, known.first, known.through),
    ).fetchall()
    issues = {issue for _, issue in found}.union(known.issues)
    merged = conn.execute(
        "SELECT i.id FROM json_each(?) j CROSS JOIN issues i ON i.id = j.value"
        " WHERE i.merged_into IS NOT NULL",
        (ids(issues),),
    ).fetchall()
    ends = {issue: alias_end(conn, issue) for (issue,) in merged}
    return WhereNow({post: ends.get(issue, issue) for post, issue in found}, ends)


class Groupings:
    """The verbs for what people decide, what is suggested to them, and the vectors' model."""

    _db: Database

    def links(self, brand: str = "") -> list[LinkRow]:
        """The links that hold, oldest first."""
        with self._db.reading() as conn:
            return [
                LinkRow(id, of, rule, one, other, actor, moment(at), history)
                for id, of, rule, one, other, actor, at, history in conn.execute(_LINKS, (brand,))
            ]

    def suggest(self, suggestions: Sequence[SuggestionRow]) -> int:
        """Keep suggestions that were never made before; returns how many these are."""
        with self._db.writing() as conn:
            return sum(
                suggest(
                    conn,
                    [(one.brand, one.rule, one.issue, one.other, one.mentions, one.reason)],
                    one.at,
                )
                for one in suggestions
            )

    def suggestions(self, brand: str = "", state: str = "open") -> list[SuggestionRow]:
        """Suggestions in order of id; of open ones only those both of whose issues still stand."""
        with self._db.reading() as conn:
            found = conn.execute(_SUGGESTIONS, (brand, state)).fetchall()
        return [
            SuggestionRow(
                *(id, of, rule, issue, other, tuple(orjson.loads(mentions)), reason, what),
                *(moment(at), actor, moment(decided_at)),
            )
            for id, of, rule, issue, other, mentions, reason, what, at, actor, decided_at in found
        ]

    def foreign_vectors(
        self, brand: str, model: str, limit: int, after: int = 0
    ) -> list[tuple[int, str]]:
        """Mentions of a brand without a vector of this model, with the words that placed them, by id."""
        with self._db.reading() as conn:
            found = conn.execute(_FOREIGN, (brand, after, model, limit)).fetchall()
        return [(mention, rows.full_text(title, text)) for mention, title, text in found]

    def count_foreign_vectors(self, brand: str, model: str) -> int:
        """How many such mentions there are."""
        with self._db.reading() as conn:
            return int(conn.execute(_FOREIGN_COUNT, (brand, 0, model)).fetchone()[0])

    def drop_vectors(self, models: Collection[str], limit: int, after: int = 0) -> int:
        """Forget the vectors of all other models, of the next mentions; the last of them, 0 at the end."""
        with self._db.writing() as conn:
            (last,) = conn.execute(
                "SELECT max(o.mention_id) FROM (SELECT mention_id FROM vectors"
                " WHERE mention_id > ? ORDER BY mention_id LIMIT ?) o",
                (after, limit),
            ).fetchone()
            if last is None:
                return 0
            others = [
                model
                for (model,) in conn.execute(
                    "SELECT DISTINCT model FROM vectors WHERE mention_id > ? AND mention_id <= ?",
                    (after, last),
                ).fetchall()
                if model not in models
            ]
            conn.executemany(
                "DELETE FROM vectors WHERE mention_id > ? AND mention_id <= ? AND model = ?",
                [(after, last, model) for model in others],
            )
            return int(last)

    def renew_vectors(self, vectors: Sequence[tuple[int, bytes]], model: str) -> None:
        """Give these mentions vectors of a model; what grouping remembers of their brands goes."""
        with self._db.writing() as conn:
            conn.executemany(
                "INSERT INTO vectors (mention_id, model, vector) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET vector = excluded.vector",
                [(mention, model, vector) for mention, vector in vectors],
            )
            brands = [
                brand
                for (brand,) in conn.execute(
                    "SELECT DISTINCT g.brand FROM json_each(?) j CROSS JOIN memberships g"
                    " ON g.mention_id = j.value",
                    (ids(mention for mention, _ in vectors),),
                )
            ]
            conn.executemany("DELETE FROM groupings WHERE brand = ?", [(one,) for one in brands])
            tally = Tally()
            tally.regrouped(brands)
            tally.keep(conn)
