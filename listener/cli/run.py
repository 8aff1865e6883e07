"""`listener run`: one cycle, as from cron."""

from __future__ import annotations

from pathlib import Path

import click

from listener.cli.console import json_option


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--once", is_flag=True, help="One cycle, then end. This is what the command does.")
@click.option("--again", is_flag=True, help="Also judge anew what an earlier version has judged.")
@json_option
@click.pass_obj
def run(
    config_path: Path | None, names: tuple[str, ...], once: bool, again: bool, as_json: bool
) -> None:
    """Collect and triage once, as from cron.

    Without names every source is asked that has not asked for patience. Ends with 4 when a source
    failed and with 75 when another run is at work.
    """
    from listener.app import open_app
    from listener.cli.console import print_json
    from listener.cli.cycle import as_plain, print_cycle
    from listener.cli.progress import progress_bar
    from listener.errors import PartialFailure
    from listener.logs import configure
    from listener.stages.apart import Apart
    from listener.stages.cycle import Listening
    from listener.store import run_lock

    configure()
    with (
        open_app(config_path) as app,
        run_lock(app.config.store),
        progress_bar() as progress,
        Listening(app.store, app.config, app.plugins, app.now, Apart(app.now)) as listening,
    ):
        cycle = listening.cycle(names, force=bool(names), again=again, progress=progress)
    if as_json:
        print_json(as_plain(cycle))
    else:
        print_cycle(cycle)
    if cycle.failed:
        listed = ", ".join(one.source for one in cycle.failed)
        raise PartialFailure(
            f"{len(cycle.failed)} of {len(cycle.collections)} sources failed: {listed}; "
            "what the others brought is stored",
            "listener sources check",
        )
