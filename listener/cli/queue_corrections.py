"""`listener queue correct`, `review` and `corrections`: what people say of the judge's verdicts."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.brand_name import known_brand
from listener.cli.console import cell, json_option, out, print_json, safe, say, table
from listener.cli.moves import move_options, note_option, told
from listener.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from listener.store.corrections import CorrectionRow
    from listener.store.rows import HistoryRow, MentionRow

LANES = ("complaint", "question", "idea", "praise", "other", "muted")
SEVERITIES = ("none", "low", "medium", "high", "critical")
SHOWN = 160  # characters of a post


def target_of(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, int] | None:
    """("case" or "mention", number) of what was typed."""
    if value is None:
        return None
    kind, colon, number = value.rpartition(":")
    if number.isdecimal() and (kind in ("case", "mention") if colon else True):
        return kind or "case", int(number)
    raise click.BadParameter(f"{value!r} is neither a case (12) nor a mention (mention:345)")


target_argument = click.argument("target", metavar="CASE|mention:ID", callback=target_of)
brand_option = click.option("--brand", default="", help="For which brand, when there are several.")


@click.command()
@target_argument
@click.option("--lane", type=click.Choice(LANES), help="Where it belongs.")
@click.option("--complaint/--no-complaint", default=None, help="Whether it is a complaint.")
@click.option("--severity", type=click.Choice(SEVERITIES), help="How bad it is.")
@click.option("--relevant/--not-relevant", default=None, help="Whether it is about the brand.")
@click.option("--language", metavar="CODE", help="What it is written in, such as de.")
@brand_option
@note_option
@move_options
def correct(
    config_path: Path | None,
    target: tuple[str, int],
    lane: str | None,
    complaint: bool | None,
    severity: str | None,
    relevant: bool | None,
    language: str | None,
    brand: str,
    note: str,
    actor: str,
    as_json: bool,
) -> None:
    """Say what the judge got wrong about a case's post, or any mention, or confirm what is right.

    The case follows at once, your word wins over later verdicts, and the judge can learn from it.
    """
    from listener.app import open_app

    if complaint is not None and lane is not None and complaint != (lane == "complaint"):
        raise UsageError("--lane and --complaint contradict each other", "give one of them")
    given = {
        "relevant": _yes_or_no(relevant),
        "lane": lane,
        "complaint": _yes_or_no(complaint),
        "severity": severity,
        "lang": language,
    }
    fields = [(field, value) for field, value in given.items() if value is not None]
    kind, number = target
    with open_app(config_path) as app:
        desk, brand = app.desk.corrections, known_brand(app.config, brand)
        if kind == "mention":
            done = desk.correct(number, actor, fields, brand=brand, note=note)
        else:
            done = desk.correct_case(number, actor, fields, note=note)
    _told(done, as_json)


@click.command()
@click.argument("target", metavar="[mention:ID]", callback=target_of, required=False)
@click.option("--right", "answer", flag_value="right", help="Nobody needed to see it.")
@click.option("--wrong", "answer", flag_value="wrong", help="Somebody should have seen it.")
@click.option("--lane", type=click.Choice(LANES[:-1]), help="With --wrong: where it belongs.")
@brand_option
@click.option("--limit", type=click.IntRange(1, 1_000), default=10, show_default=True)
@move_options
def review(
    config_path: Path | None,
    target: tuple[str, int] | None,
    answer: str | None,
    lane: str | None,
    brand: str,
    limit: int,
    actor: str,
    as_json: bool,
) -> None:
    """Look at a fair sample (2 %) of what was muted, and say whether that was right or wrong.

    Without a mention it lists those that nobody has answered for.
    """
    from listener.app import open_app

    if (target is None) != (answer is None) or (lane and answer != "wrong"):
        raise UsageError("a mention and an answer belong together", "listener queue review --help")
    if target is not None and target[0] != "mention":
        raise UsageError("a mention is needed here, not a case", "listener queue review")
    with open_app(config_path) as app:
        desk, brand = app.desk.corrections, known_brand(app.config, brand)
        if target is None:
            _print_sample(app.store.audit_sample(brand, limit), as_json)
        elif answer == "right":
            _told(desk.muted_rightly(target[1], actor, brand=brand), as_json)
        else:
            done = desk.muted_wrongly(target[1], actor, brand=brand, lane=lane or "")
            _told(done, as_json)


@click.command()
@brand_option
@click.option("--conflicts", is_flag=True, help="Only those that contradict each other.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
@click.pass_obj
def corrections(
    config_path: Path | None, brand: str, conflicts: bool, limit: int, as_json: bool
) -> None:
    """List what people have corrected and confirmed, in order."""
    from listener.app import open_app

    with open_app(config_path) as app:
        brand = known_brand(app.config, brand)
        if conflicts:
            groups = app.store.conflicts(brand, limit)
            if as_json:
                print_json(groups)
            else:
                _print_corrections(row for group in groups for row in group)
            return
        found = list(islice(app.store.corrections(brand), limit))
        if as_json:
            print_json(found)
        else:
            _print_corrections(found)


def _yes_or_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def _told(done: HistoryRow, as_json: bool) -> None:
    told(done, as_json, f"Kept: {safe(done.note, 300)}.")
    moved = "brand" in done.after or "muted" in (done.before.get("lane"), done.after.get("lane"))
    if moved and not as_json:
        say("It is grouped anew with the next run: listener run")


def _print_sample(rows: Sequence[MentionRow], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("Nothing to review: every muted mention of the sample has its answer.")
        return
    drawn = table("mention", "muted because", "post")
    for row in rows:
        why = ", ".join(row.verdict.muted_by) if row.verdict is not None else ""
        drawn.add_row(
            f"mention:{row.id}", cell(why, limit=40), cell(row.mention.full_text, limit=SHOWN)
        )
    out().print(drawn)
    say(f"Answer: listener queue review mention:{rows[0].id} --right (or --wrong)")


def _print_corrections(rows: Iterable[CorrectionRow]) -> None:
    drawn = table("mention", "what", "by", "post")
    none = True
    for row in rows:
        none = False
        changed = f"{row.field}: {row.was} → {row.is_now}"
        said = changed if row.was != row.is_now else f"{row.field}: {row.was} is right"
        drawn.add_row(
            f"mention:{row.mention.id}",
            cell(f"{said}{' (audit)' if row.audit else ''}"),
            cell(f"{row.actor} {row.at:%Y-%m-%d}", limit=40),
            cell(row.mention.mention.full_text, limit=SHOWN),
        )
    if none:
        click.echo("None.")
    else:
        out().print(drawn)


COMMANDS = (correct, review, corrections)
