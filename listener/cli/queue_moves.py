"""The moves of `listener queue`: each is one method of the desk, and one sentence."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.console import safe
from listener.cli.moves import move_options, note_option, told
from listener.cli.numbers import CASE, case_argument
from listener.errors import UsageError

if TYPE_CHECKING:
    from listener.app import App


@click.command()
@case_argument
@move_options
def claim(config_path: Path | None, case: int, actor: str, as_json: bool) -> None:
    """Take a case for the length of a lease; again to extend it."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.cases.claim(case, actor)
        told(done, as_json, f"Case {case} is yours until {done.after.get('lease_until')}.")


@click.command()
@case_argument
@note_option
@move_options
def release(config_path: Path | None, case: int, note: str, actor: str, as_json: bool) -> None:
    """Give a case back to everybody."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.cases.release(case, actor, note)
        told(done, as_json, f"Case {case} is everybody's again.")


@click.command()
@case_argument
@click.argument("text", required=False)
@click.option("--approve", is_flag=True, help="Let the latest draft go out.")
@click.option("--sent", is_flag=True, help="Record that you have posted it by hand.")
@click.option("--reply", type=int, default=None, help="Which reply, if not the latest.")
@move_options
def reply(
    config_path: Path | None,
    case: int,
    text: str | None,
    approve: bool,
    sent: bool,
    reply: int | None,
    actor: str,
    as_json: bool,
) -> None:
    """Draft an answer, approve it, record that it was sent; prints where to answer.

    TEXT is what you want to say, - reads it from stdin. Nothing is sent from here.
    """
    from listener.app import open_app

    if (text is not None) + approve + sent > 1:
        raise UsageError(
            "one at a time: a text, --approve or --sent", "listener queue reply --help"
        )
    if reply is not None and not (approve or sent):
        raise UsageError(
            f"--reply {reply} goes with --approve or --sent",
            f"listener queue reply {case} --reply {reply} --approve",
        )
    with open_app(config_path) as app:
        desk = app.desk.replies
        if approve:
            done, said = desk.approve(case, actor, reply), "Approved."
        elif sent:
            done, said = desk.sent(case, actor, reply), "Recorded as sent; the case now waits."
        elif text is not None:
            done, said = desk.draft(case, actor, _typed(text)), "Draft kept; nothing was sent."
        else:
            click.echo(safe(_link(app, case) or app.desk.replies.link(case)))
            return
        told(done, as_json, said)
        link = _link(app, case)
        if link and not sent and not as_json:
            click.echo(f"Answer in the browser: {safe(link)}")


@click.command()
@case_argument
@click.argument("text")
@move_options
def note(config_path: Path | None, case: int, text: str, actor: str, as_json: bool) -> None:
    """Keep a note for colleagues; TEXT - reads it from stdin."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.replies.note(case, actor, _typed(text))
        told(done, as_json, "Noted; it stays in the house.")


@click.command()
@case_argument
@click.argument("until")
@click.option("--at-most", default="", help="With answer or worse: no longer than this (30d).")
@note_option
@move_options
def snooze(
    config_path: Path | None,
    case: int,
    until: str,
    at_most: str,
    note: str,
    actor: str,
    as_json: bool,
) -> None:
    """Put a case out of sight: UNTIL is a length (2h, 3d), a time in UTC, answer or worse.

    A sleeping case always wakes when the customer writes in its conversation. With worse it wakes
    also when its priority rises by 10 points without the waiting, the same person complains
    elsewhere, or its issue grows by half or spikes.
    """
    from listener.app import open_app
    from listener.desk.casework import SAID, WakesOn

    wakes_on = WakesOn(until) if until in ("answer", "worse") else WakesOn.TIME
    if at_most and not wakes_on:
        raise UsageError(
            "--at-most goes with answer or worse", f"listener queue snooze {case} worse"
        )
    length = until if not wakes_on else at_most
    with open_app(config_path) as app:
        wake = _moment(length, app.now()) if length else None
        done = app.desk.cases.snooze(case, actor, wake, note, wakes_on)
        first = f"{SAID[wakes_on]}, or " if wakes_on else "until "
        told(done, as_json, f"Case {case} sleeps {first}{done.after.get('snooze_until')}.")


@click.command()
@case_argument
@click.argument("outcome", required=False, default="")
@move_options
def resolve(config_path: Path | None, case: int, outcome: str, actor: str, as_json: bool) -> None:
    """End a case well; OUTCOME says how."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.cases.resolve(case, actor, outcome)
        told(done, as_json, f"Case {case} is resolved.")


@click.command()
@case_argument
@click.argument("reason")
@move_options
def dismiss(config_path: Path | None, case: int, reason: str, actor: str, as_json: bool) -> None:
    """End a case that needs no answer; REASON says why."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.cases.dismiss(case, actor, reason)
        told(done, as_json, f"Case {case} is dismissed.")


@click.command()
@case_argument
@note_option
@move_options
def reopen(config_path: Path | None, case: int, note: str, actor: str, as_json: bool) -> None:
    """Put a case that has ended back into the queue."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.cases.reopen(case, actor, note)
        told(done, as_json, f"Case {case} is open again.")


@click.command()
@case_argument
@click.argument("to")
@note_option
@move_options
def assign(
    config_path: Path | None, case: int, to: str, note: str, actor: str, as_json: bool
) -> None:
    """Make a case somebody's task."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.cases.assign(case, actor, to, note)
        told(done, as_json, f"Case {case} is {to}'s task.")


@click.command(context_settings={"ignore_unknown_options": True})  # -5 is a number of points
@case_argument
@click.argument("points", type=int, required=False)
@click.option("--clear", is_flag=True, help="Give it back to the sum of its parts.")
@note_option
@move_options
def priority(
    config_path: Path | None,
    case: int,
    points: int | None,
    clear: bool,
    note: str,
    actor: str,
    as_json: bool,
) -> None:
    """Set a case's priority by hand; it then no longer changes by itself."""
    from listener.app import open_app

    if (points is None) != clear:
        raise UsageError("either points or --clear", f"listener queue priority {case} 90")
    with open_app(config_path) as app:
        if points is None:
            done = app.desk.cases.unprioritise(case, actor)
        else:
            done = app.desk.cases.prioritise(case, actor, points, note)
        by = "by the sum of its parts" if points is None else f"{points}, by hand"
        told(done, as_json, f"The priority of case {case} is set: {by}.")


@click.command()
@click.argument("case", type=CASE, required=False)
@click.option("--move", type=int, default=None, help="The move to take back, as `show` numbers it.")
@move_options
def undo(
    config_path: Path | None, case: int | None, move: int | None, actor: str, as_json: bool
) -> None:
    """Take back your latest move on a case, or a given one."""
    from listener.app import open_app

    with open_app(config_path) as app:
        done = app.desk.undo(actor, case=case, history=move)
        told(done, as_json, f"Taken back: move {done.undoes}.")


def _link(app: App, case: int) -> str:
    from listener.answering import answer_link

    file = app.store.case(case)
    if file is None:
        return ""
    return answer_link(app.desk, file.case, app.config, app.plugins, app.now)


def _typed(text: str) -> str:
    return sys.stdin.read() if text == "-" else text


def _moment(text: str, now: datetime) -> datetime:
    """A length from now, or an ISO 8601 time, in UTC unless it names a zone."""
    from sources.duration import parse_duration

    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            return now + parse_duration(text)
        except (ValueError, OverflowError):
            raise UsageError(
                f"{text!r} is neither a length nor a time",
                "2h, 3d or 2026-11-23T09:00",
            ) from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


MOVES = (claim, release, reply, note, snooze, resolve, dismiss, reopen, assign, priority, undo)
