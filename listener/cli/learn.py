"""`listener learn`: what corrections teach, what that would change, putting it to use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.brand_name import known_brand
from listener.cli.console import json_option, print_json, say
from listener.cli.learn_labels import COMMANDS
from listener.cli.learn_options import brand_option, since_option
from listener.cli.moves import move_options

if TYPE_CHECKING:
    from listener.app import App
    from listener.learning.teaching import Teaching


@click.group()
def learn() -> None:
    """See what corrections teach the judge, try it, use it, take it back."""


@contextmanager
def _opened(config_path: Path | None, brand: str) -> Iterator[tuple[App, Teaching]]:
    from listener.app import open_app
    from listener.learning.teaching import Teaching

    with open_app(config_path) as app:
        name = app.config.brand(known_brand(app.config, brand)).name
        yield app, Teaching(app.store, app.config, name, app.now)


@learn.command()
@click.option("--brand", default="", help="Only this brand.")
@json_option
@click.pass_obj
def status(config_path: Path | None, brand: str, as_json: bool) -> None:
    """Show what was corrected, what is in use, what has come since, and what contradicts itself."""
    from listener.app import open_app
    from listener.cli.learn_pages import print_standing
    from listener.learning.standing import standing
    from listener.learning.teaching import Teaching

    with open_app(config_path) as app:
        only = known_brand(app.config, brand)
        names = [one.name for one in app.config.brands if only in ("", one.name)]
        found = [
            standing(app.store, Teaching(app.store, app.config, name, app.now)) for name in names
        ]
    if as_json:
        print_json(found)
        return
    for one in found:
        print_standing(one)


@learn.command()
@brand_option
@since_option
@click.option(
    "--show",
    type=click.IntRange(0, 1_000),
    default=5,
    show_default=True,
    help="How many of the posts to show.",
)
@json_option
@click.pass_obj
def preview(config_path: Path | None, brand: str, since: str, show: int, as_json: bool) -> None:
    """Learn from all corrections and show what would change in stored posts. Changes nothing."""
    from listener.cli.learn_pages import lesson_as_json, print_effect, print_lesson
    from listener.cli.progress import progress_bar
    from listener.cli.since import since as moment
    from listener.learning.effect import effect
    from listener.store.rows import Span

    with _opened(config_path, brand) as (app, teaching), progress_bar() as progress:
        span = Span(since=moment(since, app.now()), brand=teaching.brand)
        lesson = teaching.learn(progress)
        found = effect(app.store, teaching, lesson, span, progress)
    if as_json:
        print_json(
            {**lesson_as_json(lesson), "looked_at": found.looked_at, "changes": found.changes}
        )
        return
    print_lesson(lesson)
    print_effect(found, show)
    if lesson.known:
        say("This is in use already.")
    elif not lesson.refused:
        say("Use it: listener learn apply")


@learn.command()
@brand_option
@click.option("--force", is_flag=True, help="Also when it makes things worse; the history says so.")
@click.option("--note", default="", help="Why, for colleagues.")
@move_options
def apply(
    config_path: Path | None, brand: str, force: bool, note: str, actor: str, as_json: bool
) -> None:
    """Learn from all corrections and judge by it from now on.

    Refused, with the figures, when that would be worse on corrections it was not taught with.
    """
    from listener.cli.learn_pages import print_lesson
    from listener.cli.progress import progress_bar

    with _opened(config_path, brand) as (_, teaching), progress_bar() as progress:
        lesson = teaching.learn(progress)
        if not as_json:
            print_lesson(lesson)
        done = teaching.apply(lesson, actor, force=force, note=note)
    if as_json:
        print_json(done)
        return
    click.echo(f"In use for {lesson.brand}: {lesson.learnt.id}.")
    say("New posts are judged by it from now on; those stored already: listener run --again")
    say("Take it back: listener learn undo")


@learn.command()
@brand_option
@move_options
def undo(config_path: Path | None, brand: str, actor: str, as_json: bool) -> None:
    """Take back what is in use; what was used before is used again, exactly."""
    with _opened(config_path, brand) as (_, teaching):
        done = teaching.undo(actor)
        row, _, _ = teaching.in_use()
    if as_json:
        print_json(done)
        return
    now = "nothing that was learnt" if row is None else row.version
    click.echo(f"Taken back. In use for {teaching.brand}: {now}.")
    say("Posts stored already: listener run --again")


for _command in COMMANDS:
    learn.add_command(_command)
