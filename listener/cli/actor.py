"""Who types: the name under which a move is written down."""

from __future__ import annotations

import getpass

import click


def login_name() -> str:
    """The name of the account that runs the program; empty when the system knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


actor_option = click.option(
    "--as",
    "actor",
    metavar="NAME",
    default=login_name,
    show_default="your login name",
    help="Who makes the move.",
)
