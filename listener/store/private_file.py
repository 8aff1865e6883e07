"""The file of what must not go to whoever is given the data: password hashes, keys, secrets."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from listener.errors import StoreError, StoreNewer
from listener.store.sqlite.database import Database, explained

_ACCOUNTS = (
    """CREATE TABLE users (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        role TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        created_at TEXT NOT NULL,
        disabled_at TEXT
    )""",
    """CREATE TABLE tokens (
        id INTEGER PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users (id),
        name TEXT NOT NULL,
        scopes TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE,
        created_at TEXT NOT NULL,
        revoked_at TEXT
    )""",
)
_SUBSCRIPTIONS = (
    """CREATE TABLE subscriptions (
        token TEXT PRIMARY KEY,
        source TEXT NOT NULL,
        hub TEXT NOT NULL,
        topic TEXT NOT NULL,
        found_at TEXT NOT NULL,
        callback TEXT NOT NULL,
        private INTEGER NOT NULL,
        secret TEXT NOT NULL,
        state TEXT NOT NULL,
        since TEXT NOT NULL,
        ask_at TEXT NOT NULL,
        waiting_since TEXT,
        expires_at TEXT,
        failures INTEGER NOT NULL DEFAULT 0,
        note TEXT NOT NULL DEFAULT '',
        pushes INTEGER NOT NULL DEFAULT 0,
        ignored INTEGER NOT NULL DEFAULT 0,
        pushed_at TEXT
    )""",
    "CREATE UNIQUE INDEX one_subscription_a_source ON subscriptions (source)"
    " WHERE state <> 'leaving'",
    "CREATE INDEX subscriptions_due ON subscriptions (ask_at)",
)
_SIGNED_IN = (
    """CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users (id),
        hash TEXT NOT NULL UNIQUE,
        device TEXT NOT NULL,
        opened_at TEXT NOT NULL,
        seen_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        ended_at TEXT
    )""",
    "CREATE INDEX sessions_of_user ON sessions (user_id)",
    """CREATE TABLE invitations (
        hash TEXT PRIMARY KEY,
        role TEXT NOT NULL,
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        used_at TEXT
    )""",
    """CREATE TABLE attempts (
        id INTEGER PRIMARY KEY,
        what TEXT NOT NULL,
        at REAL NOT NULL
    )""",
    "CREATE INDEX attempts_by_what ON attempts (what, at)",
    "CREATE INDEX attempts_by_time ON attempts (at)",
    """CREATE TABLE requests (
        user_id INTEGER NOT NULL REFERENCES users (id),
        key TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        at TEXT NOT NULL,
        status INTEGER,
        body BLOB,
        PRIMARY KEY (user_id, key)
    ) WITHOUT ROWID""",
    "CREATE INDEX requests_by_time ON requests (at)",
    """CREATE TABLE presence (
        case_id INTEGER NOT NULL,
        who TEXT NOT NULL,
        doing TEXT NOT NULL,
        since REAL NOT NULL,
        until REAL NOT NULL,
        PRIMARY KEY (case_id, who)
    ) WITHOUT ROWID""",
    "CREATE INDEX presence_by_end ON presence (until)",
)
_IDENTITIES = (
    """CREATE TABLE identities (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        user_id INTEGER NOT NULL REFERENCES users (id),
        linked_at TEXT NOT NULL,
        PRIMARY KEY (issuer, subject)
    ) WITHOUT ROWID""",
    """CREATE TABLE oidc_begun (
        hash TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        nonce TEXT NOT NULL,
        verifier TEXT NOT NULL,
        next TEXT NOT NULL,
        expires_at TEXT NOT NULL
    )""",
)
_STEPS = (
    _ACCOUNTS,
    _SUBSCRIPTIONS,
    _SIGNED_IN,
    _IDENTITIES,
)  # added to, never edited after a release
SCHEMA = len(_STEPS)


def open_private(place: Path | str) -> Database:
    """Open or create the file, readable by its owner alone, and add what an older one lacks.

    A place that is no path is the address of a PostgreSQL database, where a schema is the file.
    Several processes may do so at once. Raises StoreNewer for a file that a newer version wrote,
    StoreError for another program's.
    """
    if isinstance(place, str):
        from listener.store.postgres.private import open_private_schema

        # Its users ask it for transactions alone, and this one gives the same.
        return cast("Database", open_private_schema(place, SCHEMA, private_statements()))
    path = place
    db = Database(path)
    try:
        path.chmod(0o600)
        with explained(path):
            _settle(db)
    except BaseException:
        db.close()
        raise
    return db


def private_statements() -> list[str]:
    """What makes all of its tables."""
    return [statement for step in _STEPS for statement in step]


def _settle(db: Database) -> None:
    if db.conn.execute("PRAGMA user_version").fetchone()[0] == SCHEMA:
        return
    with db.writing() as conn:
        version = conn.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA:
            raise StoreNewer(
                f"{db.path} has schema version {version}, this program knows versions up to"
                f" {SCHEMA}",
                "install the newer version that wrote it: pipx upgrade complaint-listener",
            )
        if not version and conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise StoreError(f"{db.path} is not a file of accounts", "move it away")
        for step in _STEPS[version:]:
            for statement in step:
                conn.execute(statement)
        conn.execute(f"PRAGMA user_version = {SCHEMA}")
