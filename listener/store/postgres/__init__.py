"""The store in a PostgreSQL database."""

from listener.store.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
