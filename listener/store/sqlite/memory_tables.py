"""The tables of what grouping remembers between runs, and of what it suggests."""

from __future__ import annotations

REMEMBERED = (
    """CREATE TABLE groupings (
        brand TEXT PRIMARY KEY,
        model TEXT NOT NULL,
        through INTEGER NOT NULL,
        at TEXT NOT NULL,
        state BLOB NOT NULL
    )""",
    """CREATE TABLE suggestions (
        id INTEGER PRIMARY KEY,
        brand TEXT NOT NULL,
        rule TEXT NOT NULL,
        issue_id INTEGER NOT NULL REFERENCES issues (id),
        other_issue_id INTEGER NOT NULL,
        mentions TEXT NOT NULL,
        reason TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'open',
        at TEXT NOT NULL,
        actor TEXT NOT NULL DEFAULT '',
        decided_at TEXT,
        version INTEGER NOT NULL DEFAULT 1,
        UNIQUE (rule, issue_id, other_issue_id)
    )""",
)
