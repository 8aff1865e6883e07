"""`listener learn label`, `next` and `rank`: a team's own labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.brand_name import known_brand
from listener.cli.console import json_option, print_json, say
from listener.cli.learn_options import brand_option, since_option
from listener.cli.moves import move_options
from listener.errors import UsageError

if TYPE_CHECKING:
    from listener.store.protocol import Store


@click.command()
@click.argument("name")
@click.argument("mentions", metavar="mention:ID...", nargs=-1, required=True)
@click.option("--yes/--no", "has", default=None, help="Whether the posts have it.")
@click.option("--new", is_flag=True, help="The first time a label is given.")
@brand_option
@move_options
def label(
    config_path: Path | None,
    name: str,
    mentions: tuple[str, ...],
    has: bool | None,
    new: bool,
    brand: str,
    actor: str,
    as_json: bool,
) -> None:
    """Say whether posts have a label of your own, such as late-delivery.

    About a hundred answers make a usable ranking; `listener learn next NAME` offers the posts that
    teach the most.
    """
    from listener.app import open_app

    if has is None:
        raise UsageError("do these posts have it?", "the same with --yes or --no")
    ids = list(map(_id, mentions))
    with open_app(config_path) as app:
        about = app.config.brand(known_brand(app.config, brand)).name
        _must_be_known(app.store, about, name, new)
        done = [app.desk.corrections.label(one, actor, name, has=has, brand=about) for one in ids]
    if as_json:
        print_json(done)
        return
    click.echo(f"Kept: {name} {'yes' if has else 'no'}, {len(done)} posts.")
    say(f"The next posts to answer for: listener learn next {name}")
    say(f"Take the last one back: listener queue undo --move {done[-1].id}")


@click.command("next")
@click.argument("name", required=False, default="")
@brand_option
@since_option
@click.option("--count", type=click.IntRange(1, 200), default=11, show_default=True)
@json_option
@click.pass_obj
def next_(
    config_path: Path | None, name: str, brand: str, since: str, count: int, as_json: bool
) -> None:
    """Offer the posts whose answers teach the most: half likely, half unsure, one at random.

    For one of your own labels, or without a name for what is a complaint.
    """
    from listener.app import open_app
    from listener.cli.learn_pages import print_picks
    from listener.cli.progress import progress_bar
    from listener.cli.since import since as moment
    from listener.learning.labels import offer
    from listener.learning.teaching import Teaching
    from listener.store.rows import Span

    with open_app(config_path) as app, progress_bar() as progress:
        about = app.config.brand(known_brand(app.config, brand)).name
        teaching = Teaching(app.store, app.config, about, app.now)
        span = Span(since=moment(since, app.now()), brand=about)
        found = offer(app.store, teaching, name, span, count, progress)
    if as_json:
        print_json(found)
    else:
        print_picks(found, name)


@click.command()
@click.argument("name")
@brand_option
@since_option
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@json_option
@click.pass_obj
def rank(
    config_path: Path | None, name: str, brand: str, since: str, limit: int, as_json: bool
) -> None:
    """List the posts for which one of your own labels is likeliest, with the words that say so."""
    from listener.app import open_app
    from listener.cli.learn_pages import print_ranked
    from listener.cli.progress import progress_bar
    from listener.cli.since import since as moment
    from listener.learning.labels import rank as ranked
    from listener.learning.teaching import Teaching
    from listener.store.rows import Span

    with open_app(config_path) as app, progress_bar() as progress:
        about = app.config.brand(known_brand(app.config, brand)).name
        teaching = Teaching(app.store, app.config, about, app.now)
        span = Span(since=moment(since, app.now()), brand=about)
        found = ranked(app.store, teaching, name, span, limit, progress)
    if as_json:
        print_json(found)
    else:
        print_ranked(found)


def _id(mention: str) -> int:
    kind, _, number = mention.partition(":")
    if kind != "mention" or not number.isdecimal():
        raise UsageError(f"{mention!r} is not a mention", "mention:345")
    return int(number)


def _must_be_known(store: Store, brand: str, name: str, new: bool) -> None:
    """A label that was never given is likely misspelt, unless somebody says that it is new."""
    from difflib import get_close_matches

    from listener.learning.examples import answers
    from listener.learning.labels import names

    known = names(answers(store, brand))
    if name in known or new:
        return
    near = get_close_matches(name, known, n=1)
    mean = f" — did you mean {near[0]!r}?" if near else ""
    raise UsageError(f"nobody has given the label {name!r} yet{mean}", "the same with --new")


COMMANDS = (label, next_, rank)
