"""`listener issues tune`: how readily issues are joined, fitted to what people decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.brand_name import known_brand
from listener.cli.console import print_json, say
from listener.cli.learn_options import brand_option
from listener.cli.moves import move_options

if TYPE_CHECKING:
    from triage.tuning import Tuning


@click.command()
@brand_option
@click.option("--apply", "use", is_flag=True, help="Use it from the next look on.")
@click.option("--undo", is_flag=True, help="Take back what is used.")
@move_options
def tune(
    config_path: Path | None, brand: str, use: bool, undo: bool, actor: str, as_json: bool
) -> None:
    """See whether issues should be joined more or less readily, by what people decided.

    Issues that people touched are grouped again as if nobody had said anything, with several
    settings: the one that comes closest to where people have them fits the brand best. Without
    --apply nothing changes. No post moves at once: the next look at all posts goes by the new
    setting, and what people touched stays as it is.
    """
    from listener.app import open_app
    from listener.desk.words import actor_name
    from listener.stages.tuning import GroupTuning
    from listener.tiers import spaces

    if use and undo:
        raise click.UsageError("--apply or --undo, not both")
    with open_app(config_path) as app:
        name = app.config.brand(known_brand(app.config, brand)).name
        tuning = GroupTuning(app.store, name, app.now, spaces(app.config.brands)[name])
        if undo:
            done = tuning.undo(actor_name(actor))
            if as_json:
                print_json(done)
            else:
                click.echo(f"Taken back for {name}.")
            return
        found = tuning.preview()
        if not use:
            if as_json:
                print_json(found)
            else:
                _print(found)
            return
        done = tuning.apply(found, actor_name(actor))
    if as_json:
        print_json(done)
        return
    _print(found)
    click.echo(f"In use for {name} from the next look on.")
    say("Take it back: listener issues tune --undo")


def _print(found: Tuning) -> None:
    """What each setting would find of the issues of people, and what the best would change."""
    click.echo(
        f"{found.touched:,} issues that people touched, {found.posts:,} of their latest posts,"
        f" {found.links:,} pairs that people linked or parted"
    )
    if found.refused:
        click.echo(f"Too little to go on: {found.refused}.")
        return
    for one in found.tried:
        mark = " · in use" if one == found.now else ""
        mark += " · fits best" if one == found.best and found.best != found.now else ""
        click.echo(
            f"  strictness {one.strictness:<4g} finds them again by {one.agreement:.2f} of 1,"
            f" {one.issues:,} issues of two posts or more{mark}"
        )
    if found.best == found.now:
        click.echo("Nothing fits clearly better: leave it as it is.")
        return
    for some in found.joined:
        click.echo(f"  would become one: issues {', '.join(map(str, some))}")
    if found.parted:
        click.echo(f"  would fall apart: issues {', '.join(map(str, found.parted))}")
    say("Use it: listener issues tune --apply")
