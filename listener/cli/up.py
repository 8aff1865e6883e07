"""`listener up`: everything in one process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from listener.app import App
    from listener.stages.cycle import Cycle


@click.command()
@click.option("--rows", default=12, show_default=True, help="Cases to show after the first cycle.")
@click.pass_obj
def up(config_path: Path | None, rows: int) -> None:
    """Run everything in one process: the daemon and the web server.

    Prints the queue after the first cycle, the address, and a one-time link for the first account
    while there is none. Stays up until Ctrl-C or SIGTERM; SIGHUP reads the configuration again, of
    which the web server takes up a change when it is started anew.
    """
    import signal

    from listener.app import open_app
    from listener.cli.first_look import first_look
    from listener.cli.serve import tell_address
    from listener.daemon import Daemon
    from listener.logs import configure
    from listener.stage_times import StageTimes
    from listener.web.server import Server

    configure()
    with open_app(config_path) as app:
        config = app.config
    shown = False
    times = StageTimes()

    def show(app: App, cycle: Cycle) -> None:
        nonlocal shown
        if shown:
            return
        shown = True
        first_look(app, rows)
        tell_address(server)

    with Server(config, times=times) as server:
        running = Daemon(config_path, after_cycle=show, on_end=server.stop, times=times)
        running.start()
        signal.signal(signal.SIGHUP, lambda *_: running.reload())
        try:
            server.wait()
        finally:
            running.stop()
    if running.error is not None:
        raise running.error
