"""`listener demo`: the sample brand's queue in a store of its own, gone afterwards."""

from __future__ import annotations

import click


@click.command()
@click.option("--rows", default=15, show_default=True, help="Cases to show.")
def demo(rows: int) -> None:
    """Show the queue of the sample brand, in a store of its own.

    Needs no configuration, no key and no network, and leaves nothing behind.
    """
    import tempfile
    from pathlib import Path

    from listener.app import open_app
    from listener.cli.first_look import first_look
    from listener.cli.progress import progress_bar
    from listener.stages.cycle import Listening

    with tempfile.TemporaryDirectory(prefix="listener-demo-") as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(
            "brands:\n  - name: Northgate Bank\nsources:\n  - {name: sample, type: sample}\n",
            encoding="utf-8",
        )
        with open_app(config) as app:
            stages = Listening(app.store, app.config, app.plugins, app.now)
            with progress_bar() as progress, stages as listening:
                listening.cycle(progress=progress)
            first_look(app, rows)
