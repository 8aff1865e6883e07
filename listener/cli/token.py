"""`listener token`: keys with which programs use the API in a person's name."""

from __future__ import annotations

from pathlib import Path

import click

from listener.cli.console import json_option

SCOPES = ("read", "write", "admin")


@click.group()
def token() -> None:
    """Create and revoke API tokens."""


@token.command()
@click.argument("name")
@click.option("--user", "owner", required=True, help="Whom it acts for.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    default=("read",),
    show_default=True,
    help="What it may do; may be repeated.",
)
@json_option
@click.pass_obj
def create(
    config_path: Path | None, name: str, owner: str, scopes: tuple[str, ...], as_json: bool
) -> None:
    """Create a token called NAME and print its key, once.

    Only a hash of the key is kept: who loses it creates another one.
    """
    from listener.app import system_clock
    from listener.cli.console import print_json, say
    from listener.cli.user import accounts
    from listener.store.accounts import Scope

    with accounts(config_path) as known:
        created, key = known.create_token(
            owner, name, [Scope(scope) for scope in scopes], system_clock()
        )
    if as_json:
        print_json({"token": created, "key": key})
    else:
        say(f"Token {created.id} of {created.user}, shown this once:")
        click.echo(key)


@token.command("list")
@json_option
@click.pass_obj
def list_(config_path: Path | None, as_json: bool) -> None:
    """List all tokens without their keys, revoked ones too."""
    from listener.cli.console import cell, out, print_json, say, table
    from listener.cli.user import accounts

    with accounts(config_path) as known:
        tokens = known.tokens()
    if as_json:
        print_json(tokens)
        return
    if not tokens:
        say("There is no token yet; create one: listener token create NAME --user USER")
        return
    drawn = table("id", "name", "user", "scopes", "since", "")
    for one in tokens:
        drawn.add_row(
            str(one.id),
            cell(one.name),
            cell(one.user),
            " ".join(one.scopes),
            f"{one.created_at:%Y-%m-%d}",
            cell("revoked", "red") if one.revoked else cell(""),
        )
    out().print(drawn)


@token.command()
@click.argument("id", type=int)
@click.pass_obj
def revoke(config_path: Path | None, id: int) -> None:
    """End a token for good."""
    from listener.app import system_clock
    from listener.cli.console import say
    from listener.cli.user import accounts

    with accounts(config_path) as known:
        revoked = known.revoke_token(id, system_clock())
    say(f"Revoked token {revoked.id}, {revoked.name}.")
