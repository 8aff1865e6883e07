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
    restore, stop the listener and put the copy where `store:` says. Accounts are copied beside it,
    to `…-accounts.db`, readable by its owner alone. A PostgreSQL store is copied to SQLite files as
    well; `listener store copy` takes them back.
    """
    from listener.cli.console import say
    from listener.cli.progress import progress_bar
    from listener.config import load
    from listener.errors import StoreError
    from listener.plugins import load_plugins
    from listener.store.address import is_postgres, store_name, store_path
    from listener.store.backup import back_up

    config = load(config_path, load_plugins().source_settings())
    source = store_name(config.store)
    if not is_postgres(config.store) and not store_path(config.store).exists():
        raise StoreError(f"there is no store at {source} yet", "listener run")
    with progress_bar() as progress:
        written = back_up(config.store, file, lambda done, total: progress("backup", done, total))
    size = sum(one.stat().st_size for one in written) / 1e6
    say(f"Copied {source} to {' and '.join(map(str, written))}: {size:,.1f} MB, verified.")
