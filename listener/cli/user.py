"""`listener user`: the people of the desk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.console import json_option
from listener.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.store.accounts import Accounts
    from listener.store.users import User

ROLES = ("viewer", "analyst", "agent", "lead", "admin")


@click.group()
def user() -> None:
    """Add, invite, list and disable the people of the desk."""


@user.command()
@click.argument("name")
@click.option(
    "--role", type=click.Choice(ROLES), default="agent", show_default=True, help="What they may do."
)
@click.option("--password-stdin", is_flag=True, help="Take the password from stdin, one line.")
@click.pass_obj
def add(config_path: Path | None, name: str, role: str, password_stdin: bool) -> None:
    """Add a person; asks for their password twice."""
    from listener.app import system_clock
    from listener.cli.console import say
    from listener.store.accounts import Role

    password = _password(password_stdin)
    with accounts(config_path) as known:
        added = known.add_user(name, Role(role), password, system_clock())
    say(f"Added {added.name} as {added.role}.")


@user.command()
@click.option(
    "--role", type=click.Choice(ROLES), default="agent", show_default=True, help="What they may do."
)
@click.option("--hours", type=click.IntRange(1, 168), default=24, show_default=True)
@click.pass_obj
def invite(config_path: Path | None, role: str, hours: int) -> None:
    """Print a one-time link with which somebody makes their own account.

    Only they will know their password.
    """
    from datetime import timedelta

    from listener.app import system_clock
    from listener.cli.console import say
    from listener.config import load
    from listener.plugins import load_plugins
    from listener.store.users import Role

    web = load(config_path, load_plugins().source_settings()).web
    with accounts(config_path) as known:
        key = known.invitations.invite(Role(role), system_clock(), timedelta(hours=hours))
    say(f"For one {role}, within {hours} h; it is shown this once:")
    click.echo(f"{web.public_url or f'http://{web.host}:{web.port}'}/invitation/{key}")


@user.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@click.pass_obj
def role_(config_path: Path | None, name: str, role: str) -> None:
    """Give a person another role; it counts from their next request on."""
    from listener.cli.console import say
    from listener.store.users import Role

    with accounts(config_path) as known:
        changed = known.set_role(name, Role(role))
    say(f"{changed.name} is {changed.role} now.")


@user.command("list")
@json_option
@click.pass_obj
def list_(config_path: Path | None, as_json: bool) -> None:
    """List everybody, disabled people too."""
    from listener.cli.console import print_json, say

    with accounts(config_path) as known:
        everybody = known.users()
    if as_json:
        print_json(everybody)
    elif everybody:
        _print(everybody)
    else:
        say("Nobody has an account yet; add yourself: listener user add NAME --role admin")


@user.command()
@click.argument("name")
@click.pass_obj
def disable(config_path: Path | None, name: str) -> None:
    """Shut a person out, with their tokens; what they did stays theirs."""
    from listener.app import system_clock
    from listener.cli.console import say

    with accounts(config_path) as known:
        disabled = known.disable_user(name, system_clock())
    say(f"Disabled {disabled.name}; their tokens are refused from now on.")


def accounts(config_path: Path | None) -> Accounts:
    """Open the accounts beside the configured store."""
    from listener.config import load
    from listener.plugins import load_plugins
    from listener.store.accounts import open_accounts

    return open_accounts(load(config_path, load_plugins().source_settings()).store)


def at_terminal() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty()


def _password(from_stdin: bool) -> str:
    """The password, never from the command line, where other processes could read it."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not at_terminal():
        raise UsageError(
            "nobody can be asked for a password here", "listener user add NAME --password-stdin"
        )
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return asked


def _print(everybody: Sequence[User]) -> None:
    from listener.cli.console import cell, out, table

    drawn = table("name", "role", "since", "")
    for one in everybody:
        state = cell("disabled", "red") if one.disabled else cell("")
        drawn.add_row(cell(one.name), cell(one.role), f"{one.created_at:%Y-%m-%d}", state)
    out().print(drawn)
