"""`listener daemon`: collect and triage on a schedule, without the web server."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.pass_obj
def daemon(config_path: Path | None) -> None:
    """Collect and triage on a schedule.

    Runs until it is stopped with Ctrl-C or SIGTERM; the page in work is committed first.
    """
    import signal
    import threading

    from listener.daemon import Daemon
    from listener.logs import configure

    configure()
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    running = Daemon(config_path, on_end=asked.set)
    running.start()
    asked.wait()
    running.stop()
    if running.error is not None:
        raise running.error
