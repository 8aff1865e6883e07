"""`listener issues`: see and shape the issues behind the complaints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.brand_name import known_brand
from listener.cli.console import json_option, out, print_json, say
from listener.cli.issue_groups import COMMANDS
from listener.cli.moves import move_options, note_option, told
from listener.cli.numbers import ISSUE, MENTION, issue_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.store.protocol import Store
    from listener.store.rows import CaseRow, IssueRow, MentionRow

SHOWN_POSTS = 8
LOOK_BACK = 10_000  # moves that are looked through for those of one issue


@click.group()
def issues() -> None:
    """See and shape the issues behind the complaints."""


@issues.command("list")
@click.option("--brand", default="", help="Only this brand.")
@click.option("--state", type=click.Choice(("open", "fixed", "closed")), default=None)
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True)
@json_option
@click.pass_obj
def list_(
    config_path: Path | None, brand: str, state: str | None, limit: int, as_json: bool
) -> None:
    """List the issues, most people first."""
    from listener.app import open_app
    from listener.cli.issue_pages import print_issues
    from listener.curves import as_plain, curves

    with open_app(config_path) as app:
        found = app.store.issues(known_brand(app.config, brand), state or "", limit)
        drawn = curves(app.store, found, app.now())
        if as_json:
            print_json([as_plain(issue, drawn[issue.id]) for issue in found])
        else:
            print_issues(out(), found, drawn, app.now())


@issues.command()
@issue_argument
@json_option
@click.pass_obj
def show(config_path: Path | None, issue: int, as_json: bool) -> None:
    """Show one issue: its story, posts as different as they come, open cases, who must be told.

    With --json each of these posts says why it is here, and why not in the issue next to it.
    """
    from listener.app import open_app
    from listener.cli.alarm_pages import print_alarms_of
    from listener.cli.issue_pages import print_issue
    from listener.curves import as_plain, curves
    from listener.stages.explaining import Belonging, examples_of
    from listener.store.rows import QueueQuery, Span
    from listener.tiers import spaces

    with open_app(config_path) as app:
        row = app.desk.issues.issue(issue)
        cases = app.store.queue(
            QueueQuery(view="open", issue=row.id, limit=SHOWN_POSTS, at=app.now())
        )
        loop = app.desk.issues.loop(row.id)
        posts = app.store.mentions(Span(brand=row.brand), row.id)
        curve = curves(app.store, [row], app.now())[row.id]
        alarms = app.store.alarms(issue=row.id, limit=SHOWN_POSTS)
        if as_json:
            whole = _whole(app.store, row, list(posts), cases)
            explained = Belonging(spaces(app.config.brands)).examples(app.store, row, SHOWN_POSTS)
            more = {"examples": explained, "alarms": alarms}
            print_json({**whole, "issue": as_plain(row, curve), **more})
            return
        examples = examples_of(app.store, row, SHOWN_POSTS)
        print_issue(out(), row, curve, examples, cases, loop, app.now())
        print_alarms_of(out(), alarms, app.now())


@issues.command()
@click.option("--what", type=click.Choice(("spike", "growing", "back")), default=None)
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True)
@json_option
@click.pass_obj
def spikes(config_path: Path | None, what: str | None, limit: int, as_json: bool) -> None:
    """List spikes, growth and issues that are back, the latest first.

    Every spike tells how many false alarms a week its rule is expected to raise.
    """
    from listener.app import open_app
    from listener.cli.alarm_pages import print_alarms

    with open_app(config_path) as app:
        found = app.store.alarms(what or "", limit=limit)
        if not what:
            found = [one for one in found if one.issue is not None]
        if as_json:
            print_json(found)
        else:
            print_alarms(out(), found, app.now())


def _whole(
    store: Store, row: IssueRow, posts: Sequence[MentionRow], cases: Sequence[CaseRow]
) -> dict[str, object]:
    """An issue with why its posts are in it, and every change of it that the history knows."""
    return {
        "issue": row,
        "mentions": [one.id for one in posts],
        "belonging": [
            {
                "mention": one.id,
                "similarity": one.similarity,
                "duplicate_of": one.duplicate_of,
            }
            for one in posts
        ],
        "changes": [
            one
            for one in store.history(limit=LOOK_BACK)
            if one.entity == "issue" and row.id in (one.entity_id, *one.after.values())
        ],
        "links": [
            one
            for one in store.links(row.brand)
            if {one.mention, one.other} & {p.id for p in posts}
        ],
        "cases": cases,
    }


@issues.command()
@issue_argument
@json_option
@click.pass_obj
def loop(config_path: Path | None, issue: int, as_json: bool) -> None:
    """List everyone who complained about an issue, the untold first, with a draft for each."""
    from listener.app import open_app
    from listener.cli.issue_pages import print_loop

    with open_app(config_path) as app:
        desk = app.desk.issues
        row, people = desk.issue(issue), desk.loop(issue)
        notices = [desk.notice(row, person) for person in people]
        if as_json:
            print_json(
                [
                    {"person": person, "notice": notice or None}
                    for person, notice in zip(people, notices, strict=True)
                ]
            )
        else:
            print_loop(out(), row, people, next(filter(None, notices), ""), app.now())


@issues.command()
@issue_argument
@click.argument("into", type=ISSUE)
@move_options
def merge(config_path: Path | None, issue: int, into: int, actor: str, as_json: bool) -> None:
    """Make ISSUE a part of INTO; its number stays as another name of that."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.issues.merge(issue, into, actor)
        told(done, as_json, f"Issue {issue} is now a part of issue {into}.", f"issues undo {into}")


@issues.command()
@issue_argument
@click.argument("mentions", type=MENTION, nargs=-1, required=True)
@move_options
def split(
    config_path: Path | None, issue: int, mentions: tuple[int, ...], actor: str, as_json: bool
) -> None:
    """Make these MENTIONS of an issue one of their own, which stays apart."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.issues.split(issue, mentions, actor)
        said = f"{len(set(mentions))} mentions are issue {done.entity_id} now."
        told(done, as_json, said, f"issues undo {done.entity_id}")


@issues.command()
@issue_argument
@click.argument("title")
@move_options
def rename(config_path: Path | None, issue: int, title: str, actor: str, as_json: bool) -> None:
    """Give an issue a name that stays."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.issues.rename(issue, actor, title)
        told(
            done,
            as_json,
            f"Issue {issue} is now “{done.after.get('title')}”.",
            f"issues undo {issue}",
        )


@issues.command()
@issue_argument
@click.argument("note")
@move_options
def fix(config_path: Path | None, issue: int, note: str, actor: str, as_json: bool) -> None:
    """Mark the cause as mended; NOTE is what those who complained will be told."""
    from listener.app import open_app
    from listener.cli.issue_pages import loop_counts

    with open_app(config_path) as app:
        done = app.desk.issues.fix(issue, actor, note)
        counts = loop_counts(app.desk.issues.loop(issue))
        told(
            done, as_json, f"Issue {issue} is fixed. To be told: {counts}.", f"issues undo {issue}"
        )
        say(f"Who they are: listener issues loop {issue}")


@issues.command()
@issue_argument
@click.option("--anyway", default="", metavar="WHY", help="Close it though people are untold.")
@move_options
def close(config_path: Path | None, issue: int, anyway: str, actor: str, as_json: bool) -> None:
    """Close an issue once everybody has been told, or say why not."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.issues.close(issue, actor, anyway)
        told(done, as_json, f"Issue {issue} is closed.", f"issues undo {issue}")


@issues.command()
@issue_argument
@note_option
@move_options
def reopen(config_path: Path | None, issue: int, note: str, actor: str, as_json: bool) -> None:
    """Open a fixed or closed issue again."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.issues.reopen(issue, actor, note)
        told(done, as_json, f"Issue {issue} is open again.", f"issues undo {issue}")


@issues.command()
@issue_argument
@click.option("--move", type=int, default=None, help="The move to take back, by its number.")
@click.option("--all", "every", is_flag=True, help="All your moves on it, the latest first.")
@move_options
def undo(
    config_path: Path | None, issue: int, move: int | None, every: bool, actor: str, as_json: bool
) -> None:
    """Take back your latest move on an issue, a given one, or all of yours."""
    from listener.app import open_app

    with open_app(config_path) as app:
        if every:
            rows = app.desk.undo_all(actor, issue)
            if as_json:
                print_json(rows)
            else:
                listed = ", ".join(str(row.undoes) for row in rows)
                click.echo(f"Taken back: {len(rows)} moves ({listed}).")
            return
        done = app.desk.undo(actor, issue=issue, history=move)
        if as_json:
            print_json(done)
        else:
            click.echo(f"Taken back: move {done.undoes}.")


for _command in COMMANDS:
    issues.add_command(_command)
