"""`listener queue label`, `unlabel` and `labels`: words of the team's own on cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.brand_name import known_brand
from listener.cli.console import cell, json_option, out, print_json, say, table
from listener.cli.moves import move_options
from listener.cli.next_command import for_config
from listener.cli.numbers import case_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.store.rows import HistoryRow

names_argument = click.argument("names", metavar="LABEL...", nargs=-1, required=True)


@click.command()
@case_argument
@names_argument
@move_options
def label(
    config_path: Path | None, case: int, names: tuple[str, ...], actor: str, as_json: bool
) -> None:
    """Put labels on a case, such as refund or vip; find them by `label:refund`."""
    from listener.app import open_app

    with open_app(config_path) as app:
        _told(app.desk.labels.add(case, actor, names), as_json, "has", case)


@click.command()
@case_argument
@names_argument
@move_options
def unlabel(
    config_path: Path | None, case: int, names: tuple[str, ...], actor: str, as_json: bool
) -> None:
    """Take labels off a case."""
    from listener.app import open_app

    with open_app(config_path) as app:
        _told(app.desk.labels.remove(case, actor, names), as_json, "no longer has", case)


@click.command()
@click.option("--brand", default="", help="Only this brand.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=200, show_default=True)
@json_option
@click.pass_obj
def labels(config_path: Path | None, brand: str, limit: int, as_json: bool) -> None:
    """List the labels in use, those with most open cases first."""
    from listener.app import open_app

    with open_app(config_path) as app:
        found = app.store.labels(known_brand(app.config, brand), limit)
    if as_json:
        print_json(found)
        return
    if not found:
        say("No case has a label yet: listener queue label CASE LABEL")
        return
    shown = table("label", "open cases", "cases")
    for one in found:
        shown.add_row(cell(one.label), str(one.open_cases), str(one.cases))
    out().print(shown)


def _told(done: Sequence[HistoryRow], as_json: bool, has: str, case: int) -> None:
    if as_json:
        print_json(done)
        return
    click.echo(f"Case {case} {has}: {', '.join(row.note for row in done)}.")
    back = for_config(f"listener queue undo {case} --move {done[-1].id}")
    say(f"Take the last one back: {back}")


LABELS = (label, unlabel, labels)
