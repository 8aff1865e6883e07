"""How the tables came to be: dated steps, applied once, never edited after a release."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from listener.errors import StoreError, StoreNewer
from listener.store.sqlite.database import Database, explained
from listener.store.sqlite.schema import TABLES
from listener.store.sqlite.views import VIEWS
from listener.store.sqlite.watch_tables import WATCHED

if TYPE_CHECKING:
    from sqlite_utils import Database as Utils

VERSION = 13  # the number of steps below
_SIGHTINGS = {
    "sightings",
    "mentions_of_thread",
    "mentions_answering",
    "memberships_of_original",
    "memberships_of_story",
}
_RANKS = {"cases_by_rank", "cases_likely", "mentions_of_source", "mentions_of_author"}
# What earlier versions had and this one does without.
RETIRED = ("DROP INDEX IF EXISTS cases_in_queue", "DROP INDEX IF EXISTS mentions_by_author")
APPLICATION = 0x4C53544E  # "LSTN" in the file's header: this store is ours


def bring_up_to_date(db: Database) -> None:
    """Create the tables in a new file, add what an older one lacks, refuse what is not ours.

    Several processes may do so at once: the first one does the work. Raises StoreNewer for a store
    that a newer version wrote, StoreError for another program's file.
    """
    with explained(db.path):
        if _version(db) == VERSION:
            return
        db.conn.execute("BEGIN IMMEDIATE")
        try:
            if _version(db) < VERSION:
                _migrate(db.conn)
            db.conn.execute("COMMIT")
        except BaseException:
            if db.conn.in_transaction:
                db.conn.execute("ROLLBACK")
            raise


def _version(db: Database) -> int:
    version = int(db.conn.execute("PRAGMA user_version").fetchone()[0])
    application = int(db.conn.execute("PRAGMA application_id").fetchone()[0])
    tables = db.conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and application != APPLICATION:
        raise StoreError(
            f"{db.path} is another program's SQLite database, not a store of the listener",
            "name another file in `store:`",
        )
    if version > VERSION:
        raise StoreNewer(
            f"{db.path} has schema version {version}, this program knows versions up to {VERSION}",
            "install the newer version that wrote it: pipx upgrade complaint-listener",
        )
    return version


def _migrate(conn: sqlite3.Connection) -> None:
    # Imported late: only a new or an older store needs it, and it costs more than opening one.
    from sqlite_utils import Database as Utils
    from sqlite_utils import Migrations

    steps = Migrations("listener")

    @steps(name="2026-11-01 first tables")
    def first(db: Utils) -> None:
        for statement in (*TABLES, *VIEWS):
            db.execute(statement)

    @steps(name="2026-11-22 windows of runs")
    def windows(db: Utils) -> None:
        # `schema.py` shows the tables as they are now, so a new file has these already.
        for table, column in (("runs", "asked_since"), ("source_health", "quiet_since")):
            if column not in {one.name for one in db.table(table).columns}:
                db.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT")
        db.execute("CREATE INDEX IF NOT EXISTS runs_by_time ON runs (source, started_at)")
        db.execute(
            "UPDATE runs SET asked_since = (SELECT p.started_at FROM runs p"
            " WHERE p.source = runs.source AND p.id < runs.id AND p.outcome = 'ok'"
            " ORDER BY p.id DESC LIMIT 1) WHERE asked_since IS NULL"
        )

    @steps(name="2026-11-22 sightings, stories and threads")
    def sightings(db: Utils) -> None:
        if "story" in {one.name for one in db.table("memberships").columns}:
            return
        db.execute("ALTER TABLE memberships ADD COLUMN story TEXT NOT NULL DEFAULT ''")
        db.execute("ALTER TABLE memberships ADD COLUMN same_story INTEGER NOT NULL DEFAULT 0")
        known = {name for (name,) in db.execute("SELECT name FROM sqlite_master").fetchall()}
        for statement in TABLES:
            if statement.split()[2] in _SIGHTINGS - known:
                db.execute(statement)
        # Which other sources brought a mention before, nobody wrote down.
        db.execute("INSERT INTO sightings SELECT id, source, seen_at FROM mentions")

    @steps(name="2026-11-23 gaps that were filled")
    def filled(db: Utils) -> None:
        if "closed_at" not in {one.name for one in db.table("gaps").columns}:
            db.execute("ALTER TABLE gaps ADD COLUMN closed_at TEXT")
            db.execute("ALTER TABLE gaps ADD COLUMN found INTEGER NOT NULL DEFAULT 0")

    @steps(name="2026-11-23 posts looked up again")
    def verifications(db: Utils) -> None:
        if "verifications" not in db.table_names():
            db.execute(next(one for one in TABLES if one.split()[2] == "verifications"))

    steps(name="2026-11-24 clocks that stand still, corrections")(_clocks)
    steps(name="2026-11-25 posts by hour, alarms and deliveries")(_watch)
    steps(name="2026-11-26 calibrations in use")(_calibrations)
    steps(name="2026-11-27 what grouping remembers and suggests")(_groupings)
    steps(name="2026-11-28 how far a mood leans")(_leaning)
    steps(name="2026-11-29 what cases sleep until, and labels")(_sleeping)
    steps(name="2026-11-30 cases by rank")(_ranks)
    steps(name="2026-12-01 vectors of several models")(_vectors)
    steps.apply(Utils(conn))
    conn.execute(f"PRAGMA user_version = {VERSION}")
    conn.execute(f"PRAGMA application_id = {APPLICATION}")


def _clocks(db: Utils) -> None:
    if "paused_at" not in {one.name for one in db.table("cases").columns}:
        db.execute("ALTER TABLE cases ADD COLUMN waits_from TEXT")
        db.execute("ALTER TABLE cases ADD COLUMN paused_at TEXT")
        db.execute("ALTER TABLE corrections ADD COLUMN audit INTEGER NOT NULL DEFAULT 0")
        db.execute("ALTER TABLE corrections ADD COLUMN history_id INTEGER REFERENCES history (id)")
    db.execute("CREATE INDEX IF NOT EXISTS corrections_of_mention ON corrections (mention_id)")
    # Since when they wait for the customer, or have ended, the history knows.
    db.execute(
        "UPDATE cases SET paused_at = (SELECT max(h.at) FROM history h"
        " WHERE h.case_id = cases.id AND json_extract(h.after, '$.state') = cases.state)"
        " WHERE state IN ('waiting', 'resolved', 'dismissed') AND paused_at IS NULL"
    )


def _watch(db: Utils) -> None:
    if "phase" not in {one.name for one in db.table("issues").columns}:
        db.execute("ALTER TABLE issues ADD COLUMN phase TEXT NOT NULL DEFAULT ''")
    if "issue_hours" not in db.table_names():
        for statement in WATCHED:
            db.execute(statement)
        db.execute(
            "INSERT INTO stale_hours SELECT DISTINCT issue_id,"
            " substr(created_at, 1, 13) || ':00:00Z' FROM memberships WHERE issue_id IS NOT NULL"
        )


def _calibrations(db: Utils) -> None:
    if "undone_at" not in {one.name for one in db.table("calibrations").columns}:
        db.execute("ALTER TABLE calibrations ADD COLUMN undone_at TEXT")
        db.execute("ALTER TABLE calibrations ADD COLUMN history_id INTEGER REFERENCES history (id)")


def _groupings(db: Utils) -> None:
    known = {name for (name,) in db.execute("SELECT name FROM sqlite_master").fetchall()}
    for statement in TABLES:
        if statement.split()[2] in {"groupings", "suggestions"} - known:
            db.execute(statement)


def _leaning(db: Utils) -> None:
    if "leaning" not in {one.name for one in db.table("verdicts").columns}:
        db.execute("ALTER TABLE verdicts ADD COLUMN leaning REAL NOT NULL DEFAULT 0")


def _sleeping(db: Utils) -> None:
    if "wakes_on" not in {one.name for one in db.table("cases").columns}:
        db.execute("ALTER TABLE cases ADD COLUMN wakes_on TEXT NOT NULL DEFAULT ''")
        db.execute("ALTER TABLE cases ADD COLUMN asleep TEXT NOT NULL DEFAULT ''")
    known = {name for (name,) in db.execute("SELECT name FROM sqlite_master").fetchall()}
    for statement in TABLES:
        if statement.split()[2] in {"cases_asleep", "case_labels", "labels_of_case"} - known:
            db.execute(statement)


def _ranks(db: Utils) -> None:
    known = {name for (name,) in db.execute("SELECT name FROM sqlite_master").fetchall()}
    for statement in TABLES:
        if statement.split()[2] in _RANKS - known:
            db.execute(statement)
    for statement in RETIRED:
        db.execute(statement)


def _vectors(db: Utils) -> None:
    keys = "SELECT count(*) FROM pragma_table_info('vectors') WHERE pk > 0"
    if db.execute(keys).fetchone() == (2,):
        return
    db.execute("ALTER TABLE vectors RENAME TO vectors_of_one")
    db.execute(next(one for one in TABLES if one.split()[2] == "vectors"))
    db.execute("INSERT INTO vectors SELECT mention_id, model, vector FROM vectors_of_one")
    db.execute("DROP TABLE vectors_of_one")
