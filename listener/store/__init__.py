"""The store: everything that is kept, behind the promises of `listener.store.protocol`."""

from listener.store.address import accounts_path, open_store, run_lock

__all__ = ["accounts_path", "open_store", "run_lock"]
