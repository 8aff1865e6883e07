"""`listener issues move`, `together`, `apart`, `suggestions`, `accept`, `dismiss`, `why`, `migrate`, `tune`."""

from __future__ import annotations

from pathlib import Path

import click

from listener.cli.brand_name import known_brand
from listener.cli.console import json_option, out, print_json
from listener.cli.issue_tuning import tune
from listener.cli.moves import move_options, told
from listener.cli.numbers import ISSUE, MENTION, SUGGESTION, issue_argument

one_argument = click.argument("one", type=MENTION)
other_argument = click.argument("other", type=MENTION)
issues_option = click.option(
    "--issues", is_flag=True, help="ONE and OTHER are issues, not mentions."
)


@click.command()
@issue_argument
@click.argument("mentions", type=MENTION, nargs=-1, required=True)
@click.option("--into", type=ISSUE, required=True, help="The issue they belong to.")
@move_options
def move(
    config_path: Path | None,
    issue: int,
    mentions: tuple[int, ...],
    into: int,
    actor: str,
    as_json: bool,
) -> None:
    """Put these MENTIONS of an issue into another one, where they stay."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.groups.move(issue, mentions, into, actor)
        told(
            done,
            as_json,
            f"{len(set(mentions))} mentions are in issue {into} now.",
            f"issues undo {into}",
        )


@click.command()
@one_argument
@other_argument
@issues_option
@move_options
def together(
    config_path: Path | None, one: int, other: int, issues: bool, actor: str, as_json: bool
) -> None:
    """Say that the mentions ONE and OTHER always belong together."""
    _link(config_path, one, other, issues, actor, as_json, together=True)


@click.command()
@one_argument
@other_argument
@issues_option
@move_options
def apart(
    config_path: Path | None, one: int, other: int, issues: bool, actor: str, as_json: bool
) -> None:
    """Say that the mentions ONE and OTHER never belong together."""
    _link(config_path, one, other, issues, actor, as_json, together=False)


def _link(
    config_path: Path | None,
    one: int,
    other: int,
    issues: bool,
    actor: str,
    as_json: bool,
    *,
    together: bool,
) -> None:
    from listener.app import open_app

    with open_app(config_path) as app:
        desk = app.desk.groups
        how = desk.link_issues if issues else desk.link
        done = how(one, other, actor, together=together)
        what, word = "issues" if issues else "mentions", "always" if together else "never"
        row = None if issues else next(iter(app.store.readings(one)), None)
        issue = one if issues else (row.issue if row is not None and row.issue else one)
        told(
            done,
            as_json,
            f"Noted: {what} {one} and {other} {word} belong together.",
            f"issues undo {issue}",
        )


@click.command()
@click.option("--brand", default="", help="Only this brand.")
@click.option("--all", "every", is_flag=True, help="Decided ones too.")
@json_option
@click.pass_obj
def suggestions(config_path: Path | None, brand: str, every: bool, as_json: bool) -> None:
    """List what grouping would change in issues that people have touched, and why."""
    from listener.app import open_app
    from listener.cli.issue_pages import print_suggestions

    with open_app(config_path) as app:
        name = known_brand(app.config, brand)
        found = app.desk.groups.suggestions(name, "" if every else "open")
        if as_json:
            print_json(found)
        else:
            print_suggestions(out(), found)


@click.command()
@click.argument("suggestion", type=SUGGESTION)
@move_options
def accept(config_path: Path | None, suggestion: int, actor: str, as_json: bool) -> None:
    """Do what a SUGGESTION says."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.groups.accept(suggestion, actor)
        told(done, as_json, f"Done: {done.action}.", f"issues undo {done.entity_id}")


@click.command()
@click.argument("suggestion", type=SUGGESTION)
@move_options
def dismiss(config_path: Path | None, suggestion: int, actor: str, as_json: bool) -> None:
    """Turn a SUGGESTION down; it does not come back."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.groups.dismiss(suggestion, actor)
        if as_json:
            print_json(done)
        else:
            click.echo(f"Suggestion {suggestion} is dismissed.")


@click.command()
@click.argument("mention", type=MENTION)
@click.option("--not", "other", type=ISSUE, default=None, help="Why it is not in this issue.")
@json_option
@click.pass_obj
def why(config_path: Path | None, mention: int, other: int | None, as_json: bool) -> None:
    """Say why a MENTION is in its issue: nearest posts, shared words, similarity."""
    from listener.app import open_app
    from listener.cli.issue_pages import print_why
    from listener.stages.explaining import explain
    from listener.tiers import spaces

    with open_app(config_path) as app:
        found = explain(app.store, mention, other or 0, spaces(app.config.brands))
        if as_json:
            print_json(found)
        else:
            print_why(out(), found, other or 0)


@click.command()
@json_option
@click.pass_obj
def migrate(config_path: Path | None, as_json: bool) -> None:
    """Make vectors of today's model for posts that have none.

    To be called when a brand's tier has changed, or after an update with another model: until then
    its earlier posts attract no new ones. Issues, links and decisions stay. May be stopped at any
    time: what is left is done by the next call.
    """
    from listener.app import open_app
    from listener.cli.progress import progress_bar
    from listener.stages.migrate import migrate as renew
    from listener.tiers import spaces

    with open_app(config_path) as app, progress_bar() as progress:
        done = renew(app.store, spaces(app.config.brands), progress)
    if as_json:
        print_json({"renewed": done})
    else:
        click.echo(f"{done:,} vectors made anew." if done else "All vectors are of today's model.")


COMMANDS = (move, together, apart, suggestions, accept, dismiss, why, migrate, tune)
