"""Every table and index, as docs/store.md describes them. Times are ISO 8601 in UTC, lists are JSON."""

from __future__ import annotations

from listener.store.sqlite.memory_tables import REMEMBERED
from listener.store.sqlite.watch_tables import WATCHED

HEARD = (
    """CREATE TABLE mentions (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        kind TEXT NOT NULL,
        external_id TEXT NOT NULL,
        created_at TEXT NOT NULL,
        author_id TEXT NOT NULL DEFAULT '',
        handle TEXT NOT NULL DEFAULT '',
        author_name TEXT NOT NULL DEFAULT '',
        followers INTEGER,
        title TEXT NOT NULL DEFAULT '',
        text TEXT NOT NULL,
        url TEXT NOT NULL DEFAULT '',
        lang TEXT NOT NULL DEFAULT '',
        thread_root TEXT NOT NULL DEFAULT '',
        thread_parent TEXT NOT NULL DEFAULT '',
        metrics TEXT NOT NULL DEFAULT '{}',
        sample INTEGER NOT NULL DEFAULT 0,
        brand TEXT NOT NULL DEFAULT '',
        seen_at TEXT NOT NULL,
        edited_at TEXT,
        deleted_at TEXT,
        UNIQUE (kind, external_id)
    )""",
    "CREATE INDEX mentions_by_time ON mentions (created_at)",
    "CREATE INDEX mentions_of_source ON mentions (source)",
    "CREATE INDEX mentions_of_author ON mentions (author_id, kind, created_at)"
    " WHERE author_id <> ''",
    # Conversations: by what opened them (and who spoke), and by what was answered.
    "CREATE INDEX mentions_of_thread ON mentions (thread_root, author_id) WHERE thread_root <> ''",
    "CREATE INDEX mentions_answering ON mentions (thread_parent) WHERE thread_parent <> ''",
    """CREATE TABLE sightings (
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        source TEXT NOT NULL,
        first_seen_at TEXT NOT NULL,
        PRIMARY KEY (mention_id, source)
    ) WITHOUT ROWID""",
    # External content: the words are indexed, the texts stay in `mentions` alone. One statement per
    # batch fills it, because triggers hold writing to a ninth of its speed.
    """CREATE VIRTUAL TABLE mention_search USING fts5(
        title, text, handle, content = 'mentions', content_rowid = 'id', columnsize = 0,
        tokenize = 'unicode61 remove_diacritics 2'
    )""",
    """CREATE TABLE edits (
        id INTEGER PRIMARY KEY,
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        replaced_at TEXT NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        stars REAL
    )""",
    "CREATE INDEX edits_of_mention ON edits (mention_id)",
    """CREATE TABLE cursors (
        source TEXT PRIMARY KEY,
        cursor TEXT NOT NULL,
        at TEXT NOT NULL
    )""",
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        started_at TEXT NOT NULL,
        finished_at TEXT,
        asked_since TEXT,
        outcome TEXT NOT NULL DEFAULT 'running',
        seen INTEGER NOT NULL DEFAULT 0,
        new INTEGER NOT NULL DEFAULT 0,
        edited INTEGER NOT NULL DEFAULT 0,
        erased INTEGER NOT NULL DEFAULT 0,
        rejected INTEGER NOT NULL DEFAULT 0,
        oldest TEXT,
        newest TEXT,
        note TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX runs_of_source ON runs (source, id)",
    "CREATE INDEX runs_by_time ON runs (source, started_at)",
    """CREATE TABLE rejections (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES runs (id),
        source TEXT NOT NULL,
        at TEXT NOT NULL,
        reason TEXT NOT NULL
    )""",
    """CREATE TABLE gaps (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        "start" TEXT,
        "end" TEXT,
        reason TEXT NOT NULL,
        found_at TEXT NOT NULL,
        closed_at TEXT,
        found INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE verifications (
        source TEXT NOT NULL,
        age INTEGER NOT NULL,
        mention_id INTEGER NOT NULL,
        day TEXT NOT NULL,
        asked INTEGER NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (source, age)
    ) WITHOUT ROWID""",
    """CREATE TABLE source_health (
        source TEXT PRIMARY KEY,
        health TEXT NOT NULL,
        since TEXT NOT NULL,
        reason TEXT NOT NULL,
        last_attempt_at TEXT,
        last_success_at TEXT,
        failures INTEGER NOT NULL DEFAULT 0,
        retry_at TEXT,
        quiet_since TEXT
    )""",
)

JUDGED = (
    "CREATE TABLE pending (mention_id INTEGER PRIMARY KEY REFERENCES mentions (id))",
    """CREATE TABLE verdicts (
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        brand TEXT NOT NULL,
        version TEXT NOT NULL,
        lang TEXT NOT NULL,
        lane TEXT NOT NULL,
        severity REAL NOT NULL,
        severity_band TEXT NOT NULL,
        complaint_p REAL NOT NULL,
        complaint TEXT NOT NULL,
        vigilante TEXT NOT NULL,
        sentiment TEXT NOT NULL,
        compound REAL NOT NULL,
        service_compound REAL NOT NULL,
        leaning REAL NOT NULL DEFAULT 0,
        words TEXT NOT NULL,
        signals TEXT NOT NULL,
        lanes TEXT NOT NULL,
        vigilante_reasons TEXT NOT NULL,
        reasons TEXT NOT NULL,
        muted_by TEXT NOT NULL,
        matched TEXT NOT NULL,
        judged_at TEXT NOT NULL,
        PRIMARY KEY (mention_id, brand)
    ) WITHOUT ROWID""",
    """CREATE TABLE vectors (
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        model TEXT NOT NULL,
        vector BLOB NOT NULL,
        PRIMARY KEY (mention_id, model)
    ) WITHOUT ROWID""",
    """CREATE TABLE corrections (
        id INTEGER PRIMARY KEY,
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        brand TEXT NOT NULL,
        field TEXT NOT NULL,
        was TEXT NOT NULL,
        is_now TEXT NOT NULL,
        actor TEXT NOT NULL,
        at TEXT NOT NULL,
        undone_at TEXT,
        audit INTEGER NOT NULL DEFAULT 0,
        history_id INTEGER REFERENCES history (id)
    )""",
    "CREATE INDEX corrections_of_mention ON corrections (mention_id)",
    """CREATE TABLE calibrations (
        id INTEGER PRIMARY KEY,
        brand TEXT NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        setting TEXT NOT NULL,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        undone_at TEXT,
        history_id INTEGER REFERENCES history (id)
    )""",
)

GROUPED = (
    """CREATE TABLE issues (
        id INTEGER PRIMARY KEY,
        brand TEXT NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        titled_by TEXT NOT NULL DEFAULT '',
        phrases TEXT NOT NULL DEFAULT '[]',
        lane TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'open',
        mentions INTEGER NOT NULL DEFAULT 0,
        people INTEGER NOT NULL DEFAULT 0,
        lanes TEXT NOT NULL DEFAULT '{}',
        sources TEXT NOT NULL DEFAULT '{}',
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL,
        central_mention_id INTEGER NOT NULL REFERENCES mentions (id),
        merged_into INTEGER REFERENCES issues (id),
        fixed_at TEXT,
        fix_note TEXT NOT NULL DEFAULT '',
        phase TEXT NOT NULL DEFAULT '',
        version INTEGER NOT NULL DEFAULT 1
    )""",
    "CREATE INDEX issues_by_people ON issues (people DESC, id)",
    """CREATE TABLE memberships (
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        brand TEXT NOT NULL,
        issue_id INTEGER REFERENCES issues (id),
        created_at TEXT NOT NULL,
        similarity REAL NOT NULL,
        nearest INTEGER NOT NULL DEFAULT 0,
        duplicate_of INTEGER NOT NULL DEFAULT 0,
        placed_by TEXT NOT NULL DEFAULT '',
        after_edit INTEGER NOT NULL DEFAULT 0,
        erased_person INTEGER NOT NULL DEFAULT 0,
        story TEXT NOT NULL DEFAULT '',
        same_story INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (mention_id, brand)
    ) WITHOUT ROWID""",
    "CREATE INDEX memberships_of_issue ON memberships (issue_id, created_at)",
    "CREATE INDEX memberships_of_original ON memberships (duplicate_of, brand)"
    " WHERE duplicate_of > 0",
    "CREATE INDEX memberships_of_story ON memberships (story, brand, created_at) WHERE story <> ''",
    """CREATE TABLE issue_people (
        issue_id INTEGER NOT NULL REFERENCES issues (id),
        kind TEXT NOT NULL,
        author_id TEXT NOT NULL,
        posts INTEGER NOT NULL,
        PRIMARY KEY (issue_id, kind, author_id)
    ) WITHOUT ROWID""",
    """CREATE TABLE links (
        id INTEGER PRIMARY KEY,
        brand TEXT NOT NULL,
        rule TEXT NOT NULL,
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        other_mention_id INTEGER NOT NULL REFERENCES mentions (id),
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        history_id INTEGER REFERENCES history (id),
        undone_at TEXT
    )""",
    "CREATE INDEX links_of_history ON links (history_id)",
    """CREATE TABLE regroupings (
        history_id INTEGER NOT NULL REFERENCES history (id),
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        brand TEXT NOT NULL,
        from_issue_id INTEGER NOT NULL REFERENCES issues (id),
        to_issue_id INTEGER NOT NULL REFERENCES issues (id),
        placed_by TEXT NOT NULL,
        PRIMARY KEY (history_id, mention_id, brand)
    ) WITHOUT ROWID""",
)

WORKED = (
    """CREATE TABLE cases (
        id INTEGER PRIMARY KEY,
        brand TEXT NOT NULL,
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        kind TEXT NOT NULL,
        author_id TEXT NOT NULL,
        issue_id INTEGER REFERENCES issues (id),
        lane TEXT NOT NULL,
        severity REAL NOT NULL,
        severity_band TEXT NOT NULL,
        vigilante TEXT NOT NULL,
        state TEXT NOT NULL,
        priority INTEGER NOT NULL DEFAULT 0,
        manual_priority INTEGER,
        owner TEXT NOT NULL DEFAULT '',
        lease_until TEXT,
        opened_at TEXT NOT NULL,
        due_at TEXT,
        last_at TEXT NOT NULL,
        snooze_until TEXT,
        wakes_on TEXT NOT NULL DEFAULT '',
        asleep TEXT NOT NULL DEFAULT '',
        resolution TEXT NOT NULL DEFAULT '',
        posts INTEGER NOT NULL DEFAULT 1,
        waits_from TEXT,
        paused_at TEXT,
        next_change_at TEXT,
        version INTEGER NOT NULL DEFAULT 1,
        wake_at TEXT GENERATED ALWAYS AS (
            CASE WHEN state IN ('resolved', 'dismissed') THEN NULL ELSE nullif(min(
                coalesce(next_change_at, '9999'),
                coalesce(CASE state WHEN 'answering' THEN lease_until END, '9999'),
                coalesce(CASE state WHEN 'snoozed' THEN snooze_until END, '9999')
            ), '9999') END
        ) VIRTUAL,
        UNIQUE (mention_id, brand)
    )""",
    # One index serves every view of the queue: a page is a merge of a few ordered scans.
    # What views filter by rides along, so that a filter that finds little need not visit every case.
    "CREATE INDEX cases_by_rank ON cases"
    " (brand, state, priority DESC, id, lane, vigilante, posts, due_at, opened_at, mention_id)",
    "CREATE INDEX cases_likely ON cases (brand, state, priority DESC, id)"
    " WHERE vigilante = 'likely'",
    "CREATE INDEX cases_of_owner ON cases (owner, state, priority DESC, id) WHERE owner <> ''",
    "CREATE INDEX cases_of_person ON cases (author_id, kind, brand) WHERE author_id <> ''",
    "CREATE INDEX cases_of_issue ON cases (issue_id, state) WHERE issue_id IS NOT NULL",
    "CREATE INDEX cases_to_wake ON cases (wake_at) WHERE wake_at IS NOT NULL",
    "CREATE INDEX cases_asleep ON cases (issue_id) WHERE wakes_on = 'worse'",
    """CREATE TABLE case_labels (
        case_id INTEGER NOT NULL REFERENCES cases (id),
        label TEXT NOT NULL,
        PRIMARY KEY (label, case_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX labels_of_case ON case_labels (case_id)",
    """CREATE TABLE case_mentions (
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        brand TEXT NOT NULL,
        case_id INTEGER NOT NULL REFERENCES cases (id),
        PRIMARY KEY (mention_id, brand)
    ) WITHOUT ROWID""",
    "CREATE INDEX mentions_of_case ON case_mentions (case_id)",
    # Apart from the cases, whose rows stay small: they are scanned, and written before their price.
    """CREATE TABLE prices (
        case_id INTEGER PRIMARY KEY REFERENCES cases (id),
        parts TEXT NOT NULL
    )""",
    """CREATE TABLE replies (
        id INTEGER PRIMARY KEY,
        case_id INTEGER NOT NULL REFERENCES cases (id),
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        state TEXT NOT NULL,
        author TEXT NOT NULL,
        at TEXT NOT NULL,
        version INTEGER NOT NULL DEFAULT 1
    )""",
    "CREATE INDEX replies_of_case ON replies (case_id)",
    """CREATE TABLE history (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        entity TEXT NOT NULL,
        entity_id INTEGER NOT NULL,
        case_id INTEGER REFERENCES cases (id),
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        undoes INTEGER REFERENCES history (id),
        undone_by INTEGER REFERENCES history (id)
    )""",
    "CREATE INDEX history_of_case ON history (case_id) WHERE case_id IS NOT NULL",
)

TOLD = (
    """CREATE TABLE people (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        first_seen_at TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT ''
    )""",
    """CREATE TABLE handles (
        kind TEXT NOT NULL,
        author_id TEXT NOT NULL,
        person_id INTEGER NOT NULL REFERENCES people (id),
        handle TEXT NOT NULL,
        name TEXT NOT NULL,
        followers INTEGER,
        PRIMARY KEY (kind, author_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX handles_of_person ON handles (person_id)",
    """CREATE TABLE notices (
        id INTEGER PRIMARY KEY,
        issue_id INTEGER NOT NULL REFERENCES issues (id),
        kind TEXT NOT NULL,
        author_id TEXT NOT NULL,
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        text TEXT NOT NULL,
        state TEXT NOT NULL,
        at TEXT NOT NULL,
        told_at TEXT,
        UNIQUE (issue_id, kind, author_id)
    )""",
    "CREATE INDEX notices_of_mention ON notices (mention_id)",
    """CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        idempotency_key TEXT NOT NULL UNIQUE,
        reply_id INTEGER REFERENCES replies (id),
        notice_id INTEGER REFERENCES notices (id),
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        not_before TEXT,
        sent_at TEXT,
        answer TEXT NOT NULL DEFAULT ''
    )""",
    """CREATE TABLE counters (
        brand TEXT NOT NULL,
        name TEXT NOT NULL,
        value INTEGER NOT NULL,
        PRIMARY KEY (brand, name)
    ) WITHOUT ROWID""",
)

TABLES = (*HEARD, *JUDGED, *GROUPED, *REMEMBERED, *WORKED, *TOLD, *WATCHED)
