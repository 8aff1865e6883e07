"""`listener backup`: a copy of the store while it is in use."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup(config_path: Path | None, file: Path) -> None:
    """Copy the store while it is in use, and verify the copy.

    FILE must not exist; it appears only when it is whole and has been opened and examined. To
    restore, stop the listener and put the copy where `store:` says. Accounts are kept in a file of
    their own beside the store (`…-accounts.db`) and are not in the copy.
    """
    from listener.cli.console import say
    from listener.cli.progress import progress_bar
    from listener.config import load
    from listener.errors import StoreError
    from listener.plugins import load_plugins
    from listener.store import open_store
    from listener.store.address import is_postgres, store_name, store_path

    config = load(config_path, load_plugins().source_settings())
    source = store_name(config.store)
    if not is_postgres(config.store) and not store_path(config.store).exists():
        raise StoreError(f"there is no store at {source} yet", "listener run")
    with open_store(config.store) as store, progress_bar() as progress:
        store.backup(str(file), lambda done, total: progress("backup", done, total))
    say(f"Copied {source} to {file}: {file.stat().st_size / 1e6:,.1f} MB, verified.")
