"""`listener serve`: the web server without the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from listener.web.server import Server


@click.command()
@click.pass_obj
def serve(config_path: Path | None) -> None:
    """Run the web server alone.

    Several may serve one store, each at a port of its own. Prints the address, and a one-time link
    for the first account while there is none. For monitors: /healthz, and /readyz, which looks into
    the store.
    """
    from listener.app import open_app
    from listener.logs import configure
    from listener.web.server import Server

    configure()
    with open_app(config_path) as app:
        config = app.config
    with Server(config) as server:
        tell_address(server)
        server.wait()


def tell_address(server: Server) -> None:
    """Say where the desk is, and how to get in the first time."""
    click.echo(f"Desk: {server.address} · stop with Ctrl-C", err=True)
    if link := server.first_link():
        click.echo(f"Make the first account with this link, within the hour:\n{link}", err=True)
