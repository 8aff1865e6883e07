"""`listener daemon`: collect and triage on a schedule, without the web server."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.pass_obj
def daemon(config_path: Path | None) -> None:
    """Collect and triage on a schedule.

    Runs until it is stopped with Ctrl-C or SIGTERM; the page in work is committed first, for which
    it takes a minute at most. SIGHUP reads the configuration again. Under systemd it says when it is
    ready and that it is alive; see docs/operations.md.
    """
    import queue
    import signal

    from listener.daemon import Daemon
    from listener.errors import ListenerError
    from listener.logs import configure

    configure()
    asked: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: asked.put(number))
    running = Daemon(config_path, on_end=lambda: asked.put(signal.SIGTERM))
    running.start()
    while asked.get() == signal.SIGHUP:
        running.reload()
    ended = running.stop()
    if running.error is not None:
        raise running.error
    if not ended:
        raise ListenerError("the page in work was left behind", "listener run --once")
