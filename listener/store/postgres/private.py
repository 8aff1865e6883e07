"""What must not go to whoever is given the data, in the schema `accounts` of the same database."""

from __future__ import annotations

from collections.abc import Sequence

from listener.store.postgres.database import Database
from listener.store.postgres.migrations import Plan, bring_up_to_date
from listener.store.postgres.schema import tables_in

SCHEMA = "accounts"


def open_private_schema(url: str, version: int, statements: Sequence[str]) -> Database:
    """Open or create the schema. Raises StoreError and StoreNewer.

    Give analysts a role that may use the schema `listener` alone: nobody else sees this one.
    """
    plan = private_plan(version, statements)
    db = Database(url, SCHEMA, plan.tables)
    try:
        bring_up_to_date(db, plan)
    except BaseException:
        db.close()
        raise
    return db


def private_plan(version: int, statements: Sequence[str]) -> Plan:
    """What the schema holds."""
    return Plan(version, statements, tables_in(statements), private=True)
