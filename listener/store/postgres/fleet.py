"""What a fleet of workers keeps in the database beside the store: leases, readings and its jobs.

Nothing here is the truth about anything: that is in the store. Thrown away, it is made anew, and all
that is lost is time. So it needs no backup and is not moved along.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from listener.store.postgres.database import WRITER, Database, explained
from listener.store.protocol import Store

if TYPE_CHECKING:
    from psycopg import Connection

SCHEMA = "fleet"
JOBS = "fleet_jobs"  # the job engine's own tables
_TABLES = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.engine (version TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS {SCHEMA}.leases (
    name TEXT PRIMARY KEY, token BIGINT NOT NULL, holder BIGINT NOT NULL, kept TEXT NOT NULL,
    until TIMESTAMPTZ NOT NULL
);
CREATE UNLOGGED TABLE IF NOT EXISTS {SCHEMA}.readings (
    mention_id BIGINT NOT NULL REFERENCES listener.pending (mention_id) ON DELETE CASCADE,
    brand TEXT NOT NULL, stamp BYTEA NOT NULL, verdict BYTEA NOT NULL, vector BYTEA NOT NULL,
    PRIMARY KEY (mention_id, brand)
);
"""


def make_fleet(db: Database, version: str, make_jobs: Callable[[Connection[Any]], None]) -> None:
    """Make what is missing; the engine's tables anew when they are another version's.

    Several workers may do so at once: the first one does the work. Jobs only say what the store says
    too, so none is missed when their tables are made anew.
    """
    with explained(db.name):
        raw = db.conn.raw
        with raw.transaction():
            raw.execute(f"SELECT pg_advisory_xact_lock({WRITER}, 0)")
            raw.execute(_TABLES)
            made = raw.execute(f"SELECT version FROM {SCHEMA}.engine").fetchone()
            if made is not None and made[0] == version:
                return
            raw.execute(f"DROP SCHEMA IF EXISTS {JOBS} CASCADE; CREATE SCHEMA {JOBS}")
            raw.execute(f"SET LOCAL search_path = {JOBS}")
            make_jobs(raw)
            raw.execute(f"DELETE FROM {SCHEMA}.engine")
            raw.execute(f"INSERT INTO {SCHEMA}.engine VALUES (%s)", (version,))


def is_fleet(db: Database) -> bool:
    """Whether a worker has ever been here."""
    with explained(db.name):
        found = db.conn.raw.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.leases",)).fetchone()
    return found is not None and found[0] is not None


def database_of(store: Store) -> Database:
    """The database behind a store that is in PostgreSQL."""
    from listener.store.postgres.store import PostgresStore

    return cast("PostgresStore", store).database
