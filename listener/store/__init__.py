"""The store: everything that is kept, behind the promises of `listener.store.protocol`."""

from listener.store.address import accounts_path, has_private, open_store, run_lock, store_secrets

__all__ = ["accounts_path", "has_private", "open_store", "run_lock", "store_secrets"]
