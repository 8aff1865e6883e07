"""How the tables came to be: what a database lacks is added, in one transaction, by one program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from listener.errors import StoreError, StoreNewer
from listener.store.postgres.database import WRITER, Database, explained
from listener.store.postgres.keys import Table, index
from listener.store.postgres.schema import FUNCTIONS

_OLDEST = 140_000  # PostgreSQL 14: functions with RETURN, triggers that can be replaced


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schema is to hold: the statements SQLite makes it by, and what only PostgreSQL has."""

    version: int
    statements: Sequence[str]
    tables: Mapping[str, Table]
    more: Sequence[str] = ()
    views: Mapping[str, str] | None = None
    private: bool = False


def bring_up_to_date(db: Database, plan: Plan, *, copying: bool = False) -> None:
    """Create the schema, add what an older one lacks, refuse what is newer or not ours.

    Several programs may do so at once: the first one does the work. Raises StoreNewer for a schema
    that a newer version wrote, StoreError for a server that is too old, another program's
    schema, and, unless `copying`, one that an unfinished copy is to fill.
    """
    with explained(db.name):
        raw = db.conn.raw
        if not copying:
            _must_be_whole(db)
        if _version(db, plan) == plan.version:
            return
        if raw.info.server_version < _OLDEST:
            raise StoreError(
                f"{db.name} is PostgreSQL {raw.info.server_version // 10_000}; 14 is the oldest",
                "use a newer server",
            )
        with raw.transaction():
            raw.execute(f"SELECT pg_advisory_xact_lock({WRITER}, 0)")
            if _version(db, plan) != plan.version:
                for statement in _missing(db, plan):
                    raw.execute(statement)


def _must_be_whole(db: Database) -> None:
    found = db.conn.raw.execute("SELECT to_regclass(%s)", (f"{db.schema}.copying",)).fetchone()
    if found is not None and found[0] is not None:
        raise StoreError(
            f"{db.name} holds a copy of a store that is not finished yet",
            "finish it: listener store copy sqlite:///listener.db postgresql://USER@HOST/DATABASE",
        )


def _version(db: Database, plan: Plan) -> int:
    """The version of the schema; 0 when there is none."""
    raw = db.conn.raw
    found = raw.execute("SELECT to_regclass(%s)", (f"{db.schema}.schema_version",)).fetchone()
    if found is None or found[0] is None:
        stranger = raw.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
            " AND relnamespace = to_regnamespace(%s) LIMIT 1",
            (db.schema,),
        ).fetchone()
        if stranger is not None:
            raise StoreError(
                f"the schema {db.schema!r} of {db.name} is another program's"
                f" (it holds a table {stranger[0]!r})",
                "name another database in `store:`",
            )
        return 0
    [version] = raw.execute("SELECT max(version) FROM schema_version").fetchone() or [0]
    if version > plan.version:
        raise StoreNewer(
            f"{db.name} has schema version {version}, this program knows versions up to"
            f" {plan.version}",
            "install the newer version that wrote it: pipx upgrade complaint-listener",
        )
    return int(version)


def _missing(db: Database, plan: Plan) -> Iterator[str]:
    """What is to be done, in order."""
    yield f"CREATE SCHEMA IF NOT EXISTS {db.schema}"
    if plan.private:
        yield f"REVOKE ALL ON SCHEMA {db.schema} FROM PUBLIC"
    yield "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL)"
    yield from FUNCTIONS
    known = _columns(db)
    for name in plan.views or ():
        yield f"DROP VIEW IF EXISTS {name} CASCADE"
    new = [table for table in plan.tables.values() if table.name not in known]
    for table in plan.tables.values():
        if table.name not in known:
            yield from table.statements()
            continue
        for column, definition in zip(table.columns, table.definitions, strict=False):
            if column not in known[table.name]:
                yield f"ALTER TABLE {table.name} ADD COLUMN {definition}"
    for table in new:
        yield from table.constraints()
    for statement in plan.statements:
        for one in index(statement):
            yield one.replace("INDEX ", "INDEX IF NOT EXISTS ", 1)
    yield from plan.more
    yield from (plan.views or {}).values()
    yield f"INSERT INTO schema_version VALUES ({plan.version}, now())"


def _columns(db: Database) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, column in db.conn.raw.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s",
        (db.schema,),
    ):
        found.setdefault(table, set()).add(column)
    return found
