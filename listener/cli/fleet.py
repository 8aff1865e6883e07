"""`listener fleet`: the daemon's work, shared among workers over one PostgreSQL store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.console import json_option

if TYPE_CHECKING:
    from listener.store.postgres.fleet_standing import FleetStanding

KINDS = ("collect", "judge", "group", "upkeep", "send")


@click.group()
def fleet() -> None:
    """Share the daemon's work among workers on any number of machines."""


@fleet.command()
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(KINDS),
    help="Take jobs of this kind alone; may be given several times.  [default: all]",
)
@click.option(
    "--patience",
    default="30s",
    show_default=True,
    help="How long a worker may be silent before others go on with its work.",
)
@click.option("--until-done", is_flag=True, help="End when nothing is left of these kinds.")
@click.pass_obj
def worker(
    config_path: Path | None, only: tuple[str, ...], patience: str, until_done: bool
) -> None:
    """Work beside others, one job at a time, until stopped with Ctrl-C or SIGTERM.

    Start one for every processor, on as many machines as you like; the store must be in PostgreSQL and
    the extra `fleet` installed. It collects, judges, groups and sends what the daemon would, with the
    same result. The daemon and `listener run` wait while a worker is up. One that is killed has lost
    nothing: the others go on with its work once they have missed it. See docs/scale.md.
    """
    import logging
    import signal

    from listener.cli.console import say
    from listener.errors import UsageError
    from listener.fleet.engine import patient
    from listener.fleet.worker import Worker
    from listener.logs import configure
    from sources.duration import parse_duration

    try:
        pace = patient(parse_duration(patience))
    except ValueError as error:
        raise UsageError(f"--patience: {error}", "listener fleet worker --patience 30s") from error
    configure()
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    working = Worker(config_path, only=only, pace=pace)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: working.stop())
    done = working.run(until_done=until_done)
    if until_done:
        say(f"{done:,} jobs done; nothing is left to do")


@fleet.command()
@json_option
@click.pass_obj
def status(config_path: Path | None, as_json: bool) -> None:
    """Show workers, jobs, what waits and who has a turn."""
    from dataclasses import asdict

    from listener.app import open_app
    from listener.cli.console import print_json
    from listener.errors import UsageError
    from listener.store.address import is_postgres
    from listener.store.postgres.fleet import database_of
    from listener.store.postgres.fleet_standing import standing

    with open_app(config_path) as app:
        if not is_postgres(app.config.store):
            raise UsageError("there is no fleet over a file", "listener sources list")
        found = standing(database_of(app.store))
    if as_json:
        print_json(asdict(found))
    else:
        _show(found)


def _show(found: FleetStanding) -> None:
    from listener.cli.console import cell, out, say, table

    workers = table("worker", "silent for", "does")
    for one in found.workers:
        workers.add_row(str(one.worker), f"{one.silent_for:.0f} s", cell(one.job or "–"))
    jobs = table("job", "waiting", "in work", "failed")
    for row in found.jobs:
        jobs.add_row(row.kind, str(row.waiting), str(row.in_work), str(row.failed))
    turns = table("turn", "worker", "token", "until")
    for held in found.leases:
        until = f"{held.until:%Y-%m-%d %H:%M:%S} UTC"
        turns.add_row(cell(held.name), str(held.holder), str(held.token), until)
    for drawn in (workers, jobs, turns):
        if drawn.row_count:
            out().print(drawn)
    say(f"{found.to_judge:,} mentions to judge, {found.to_group:,} judged and to be grouped")
    if not found.workers:
        say("No worker is up: listener fleet worker")
