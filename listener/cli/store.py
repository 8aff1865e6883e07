"""`listener store`: moving the store into another database, and erasing a person from it."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from listener.cli.console import print_json, safe, say
from listener.cli.moves import move_options


@click.group()
def store() -> None:
    """Move the store into another database; erase a person from it."""


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
    from listener.cli.progress import progress_bar
    from listener.store.address import store_name
    from listener.store.copying import copy_store
    from listener.store.postgres.copying import totals

    source = sqlite if "://" in sqlite else f"sqlite:///{sqlite}"
    with progress_bar() as progress:
        counted = copy_store(source, postgres, progress)
    say(f"Copied to {store_name(postgres)} and compared row by row: {totals(counted)}.")
    say("Now name the database in config.yaml (store: postgresql://…) and start the listener.")


@store.command()
@click.argument("person")
@click.option("--yes", is_flag=True, help="Do not ask.")
@move_options
def erase(config_path: Path | None, person: str, yes: bool, actor: str, as_json: bool) -> None:
    """Erase everything that PERSON said, and who they are, for good.

    PERSON is written as platform:id, such as bluesky:did:plc:… or reddit:u/name, as mentions and exports
    show it. With all handles known to be theirs, their words and name leave the store, the search, the
    names of issues, edits, drafts, replies, notes, labels and later exports; that somebody said
    something and was answered remains counted. What is erased does not come back when a source brings
    it again; what they write from now on is heard. Copies made before are not touched.
    """
    from listener.app import open_app
    from listener.errors import ListenerError, UsageError
    from listener.store.accounts import open_accounts

    kind, _, author = person.partition(":")
    if not kind or not author:
        raise UsageError(
            f"{person!r} is no person", "write it as platform:id, such as reddit:u/name"
        )
    asked = f"Erase all that {safe(person, 100)} said? This cannot be undone."
    if not yes and not _confirmed(asked):
        raise ListenerError(
            "nothing was erased", f"listener store erase {shlex.quote(person)} --yes"
        )
    with open_app(config_path) as app:
        done = app.desk.people.erase_handle(kind, author, actor)
        with open_accounts(app.config.store) as accounts:
            accounts.requests.forget_answers()
    if as_json:
        print_json(done)
        return
    say(
        f"Erased {done.posts:,} mentions of {safe(person, 100)}, {done.cases:,} cases and "
        f"{done.written:,} drafts, replies and notes."
    )


def _confirmed(question: str) -> bool:
    """Whether somebody said yes; nobody there is no yes."""
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        return False
