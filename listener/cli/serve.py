"""`listener serve`: the web server without the daemon."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.pass_obj
def serve(config_path: Path | None) -> None:
    """Run the web server alone.

    It shows how everything is, as JSON: / and /readyz look into the store, /healthz does not.
    """
    from listener.app import open_app
    from listener.logs import configure
    from listener.web.server import Server

    configure()
    with open_app(config_path) as app:
        config = app.config
    with Server(config) as server:
        click.echo(f"Health: {server.address}", err=True)
        server.wait()
