"""The tables of the watch: posts and people by hour, alarms, and their deliveries."""

from __future__ import annotations

WATCHED = (
    """CREATE TABLE issue_hours (
        issue_id INTEGER NOT NULL REFERENCES issues (id),
        hour TEXT NOT NULL,
        posts INTEGER NOT NULL,
        people INTEGER NOT NULL,
        PRIMARY KEY (issue_id, hour)
    ) WITHOUT ROWID""",
    "CREATE INDEX issue_hours_by_time ON issue_hours (hour)",
    # Hours to be counted anew. Counting each once a cycle instead of with every batch keeps a storm
    # of any size linear.
    """CREATE TABLE stale_hours (
        issue_id INTEGER NOT NULL REFERENCES issues (id),
        hour TEXT NOT NULL,
        PRIMARY KEY (issue_id, hour)
    ) WITHOUT ROWID""",
    "CREATE INDEX issues_in_phase ON issues (phase) WHERE phase <> 'known'",
    """CREATE TABLE alarms (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        what TEXT NOT NULL,
        brand TEXT NOT NULL,
        issue_id INTEGER REFERENCES issues (id),
        case_id INTEGER REFERENCES cases (id),
        reasons TEXT NOT NULL,
        per_week REAL,
        at TEXT NOT NULL,
        until TEXT NOT NULL
    )""",
    "CREATE INDEX alarms_of_issue ON alarms (issue_id, what, id) WHERE issue_id IS NOT NULL",
    """CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY,
        alarm_id INTEGER NOT NULL REFERENCES alarms (id),
        target TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        attempts INTEGER NOT NULL DEFAULT 0,
        not_before TEXT NOT NULL,
        taken_at TEXT,
        sent_at TEXT,
        answer TEXT NOT NULL DEFAULT '',
        UNIQUE (alarm_id, target)
    )""",
    "CREATE INDEX cases_promised ON cases (due_at) WHERE due_at IS NOT NULL"
    " AND state IN ('new', 'answering')",
    "CREATE INDEX deliveries_to_send ON deliveries (state, not_before)"
    " WHERE state IN ('waiting', 'sending')",
)
