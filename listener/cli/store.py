"""`listener store`: moving the store into another database."""

from __future__ import annotations

import click


@click.group()
def store() -> None:
    """Move the store into another database."""


@store.command()
@click.argument("sqlite")
@click.argument("postgres")
def copy(sqlite: str, postgres: str) -> None:
    """Copy the store at SQLITE, with its accounts, into the empty database at POSTGRES.

    SQLITE is a file or an address (sqlite:///listener.db), POSTGRES an address
    (postgresql://USER@HOST/DATABASE). Give the password in PGPASSWORD or ~/.pgpass, where other
    users of this machine do not see it.

    Stop the listener before. A copy that broke off goes on when the same command is typed again, and
    until it is whole the database cannot be used. Every row is compared at the end. The SQLite file
    stays as it is; afterwards name the database in `store:`.
    """
    from listener.cli.console import say
    from listener.cli.progress import progress_bar
    from listener.store.address import store_name
    from listener.store.copying import copy_store
    from listener.store.postgres.copying import totals

    source = sqlite if "://" in sqlite else f"sqlite:///{sqlite}"
    with progress_bar() as progress:
        counted = copy_store(source, postgres, progress)
    say(f"Copied to {store_name(postgres)} and compared row by row: {totals(counted)}.")
    say("Now name the database in config.yaml (store: postgresql://…) and start the listener.")
