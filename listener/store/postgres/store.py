"""The whole store in PostgreSQL, put together from the same verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from listener.store.postgres.database import PATIENCE, Database
from listener.store.postgres.migrations import Plan, bring_up_to_date
from listener.store.postgres.schema import SEARCH, WIDENED, tables_in, views
from listener.store.sqlite.database import Database as SqliteDatabase
from listener.store.sqlite.migrations import RETIRED, VERSION
from listener.store.sqlite.schema import TABLES
from listener.store.sqlite.store import Verbs
from listener.store.sqlite.views import VIEWS
from sources.closing import Closing

SCHEMA = "listener"


class PostgresStore(Verbs, Closing):
    """A `Store` in the schema `listener` of a PostgreSQL database.

    The verbs are those of the SQLite store, and so are their promises. One thread at a time; several
    instances, also on several machines, may use one database. There is one writer at a time: others
    wait up to `patience` seconds and then raise StoreBusy; readers never wait.
    """

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        """Open or create the schema. Raises StoreError, StoreNewer and StoreBusy, naming the host."""
        plan = store_plan()
        self.database = Database(url, SCHEMA, plan.tables, patience)
        # The verbs ask their database for transactions alone, and this one gives the same.
        self._db = cast("SqliteDatabase", self.database)
        try:
            bring_up_to_date(self.database, plan)
        except BaseException:
            self.database.close()
            raise

    def backup(self, path: str, progress: Callable[[int, int], None] | None = None) -> None:
        """Write a consistent copy while in use, as an SQLite store, and verify it by opening it.

        `progress` gets (rows done, rows in all). The copy appears under its name only when it is
        whole; raises StoreError when there is a file of that name already.
        """
        from listener.store.postgres.backup import write_backup

        write_backup(self.database, dict(store_plan().tables), path, progress)

    def close(self) -> None:
        """Give the connection back; a closed store can't be used, closing it again is harmless."""
        self.database.close()


def store_plan() -> Plan:
    """What the schema `listener` holds."""
    tables = tables_in(TABLES)
    return Plan(VERSION, TABLES, tables, (*SEARCH, *RETIRED, WIDENED), views(VIEWS, tables))
