"""`listener notify`: who is told of alarms, whether they were, and a test."""

from __future__ import annotations

from pathlib import Path

import click

from listener.cli.console import json_option, out, print_json, safe
from listener.cli.moves import move_options
from listener.cli.numbers import DELIVERY


@click.group()
def notify() -> None:
    """See who was told of alarms, try an entry, send again."""


@notify.command("list")
@click.option(
    "--state",
    type=click.Choice(("waiting", "sending", "sent", "failed", "in doubt")),
    default=None,
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True)
@json_option
@click.pass_obj
def list_(config_path: Path | None, state: str | None, limit: int, as_json: bool) -> None:
    """List what was told, what waits, what failed and what is in doubt; the latest first."""
    from listener.app import open_app
    from listener.cli.alarm_pages import print_deliveries

    with open_app(config_path) as app:
        found = app.store.deliveries(state or "", limit)
        if as_json:
            print_json(found)
        else:
            print_deliveries(out(), found, app.now())


@notify.command()
@click.argument("name", required=False, default="")
@json_option
@click.pass_obj
def test(config_path: Path | None, name: str, as_json: bool) -> None:
    """Send a test message to one entry of `notify`, or to all of them.

    Ends with 4 when one did not arrive.
    """
    from listener.app import system_clock
    from listener.config import load
    from listener.config.mistakes import did_you_mean
    from listener.config.notify import names_of
    from listener.errors import PartialFailure, UsageError
    from listener.notifiers import Fate, notifier_for, trial
    from listener.plugins import load_plugins

    rules = names_of(load(config_path, load_plugins().source_settings()).notify)
    if not rules:
        raise UsageError("notify has no entry yet", "see docs/configuration.md, notify")
    if name and name not in rules:
        raise UsageError(
            f"no entry of notify is called {name!r}{did_you_mean(name, rules)}",
            f"listener notify test {next(iter(rules))}",
        )
    found = {
        one: notifier_for(rule, system_clock).send(trial(one, system_clock()))
        for one, rule in rules.items()
        if name in ("", one)
    }
    if as_json:
        print_json(
            [{"name": one, "fate": str(s.fate), "answer": s.answer} for one, s in found.items()]
        )
    else:
        for one, sent in found.items():
            click.echo(f"{safe(one, 60)}: {sent.fate} ({safe(sent.answer, 300)})")
    lost = [one for one, sent in found.items() if sent.fate is not Fate.SENT]
    if lost:
        raise PartialFailure(f"not sent, or in doubt: {', '.join(lost)}", "listener check")


@notify.command()
@click.argument("delivery", type=DELIVERY)
@move_options
def retry(config_path: Path | None, delivery: int, actor: str, as_json: bool) -> None:
    """Send again what failed or is in doubt; it may then arrive twice."""
    from listener.app import open_app
    from listener.errors import Conflict, NotFound
    from listener.store.alarms import Settled

    with open_app(config_path) as app:
        row = next((one for one in app.store.deliveries(limit=10_000) if one.id == delivery), None)
        if row is None:
            raise NotFound(f"there is no delivery {delivery}", "listener notify list")
        now = app.now()
        again = Settled(row.id, row.state, "waiting", now, f"to be sent again, says {actor}", now)
        if row.state not in ("failed", "in doubt") or not app.store.settle_deliveries([again]):
            raise Conflict(f"delivery {delivery} is {row.state}", "listener notify list")
        if as_json:
            print_json({"id": delivery, "state": "waiting"})
        else:
            click.echo(f"Delivery {delivery} goes out with the next cycle: listener run --once")
