"""How learning is shown: figures, changes, labels, in words and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from listener.cli.console import cell, out, safe, say, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.learning.effect import Effect
    from listener.learning.labels import Ranked
    from listener.learning.standing import Standing
    from listener.learning.teaching import Lesson
    from triage.guard import Figure
    from triage.sampling import Pick

SHOWN = 160  # characters of a post
SHOWN_CONTRADICTIONS = 5


def print_standing(one: Standing) -> None:
    """A brand: corrections, what is in use, labels, contradictions, and what to type next."""
    said = ", ".join(f"{count:,} {field}" for field, count in one.fields.items()) or "none"
    click.echo(f"{safe(one.brand)}")
    click.echo(f"  corrected posts: {said}; {one.audit:,} answers to the audit sample")
    if one.in_use is None:
        click.echo("  in use: nothing that was learnt")
    else:
        by = f"since {one.in_use.at:%Y-%m-%d %H:%M} UTC, by {safe(one.in_use.actor, 40)}"
        of = f"from {one.in_use.corrections:,} corrections"
        click.echo(f"  in use: {one.in_use.version}, {by}, {of}; {one.new:,} since")
        if one.in_use.problem:
            click.echo(f"  {safe(one.in_use.problem, 200)}: listener learn apply learns it again")
    for name, (yes, no) in one.labels.items():
        click.echo(f"  label {safe(name, 40)}: {yes:,} yes, {no:,} no")
    if one.conflicts:
        click.echo(f"  {one.conflicts:,} conflicts about the same post or its copies:")
        click.echo("    listener queue corrections --conflicts")
    _print_contradictions(one)
    if one.new and any([*one.fields.values(), *one.labels]):
        say("What they teach: listener learn preview")
    elif one.in_use is None:
        say("Correct what is wrong: listener queue correct --help")


def _print_contradictions(one: Standing) -> None:
    if not one.contradictions:
        return
    click.echo(f"  {len(one.contradictions):,} times nearly the same was said of differently:")
    for group in one.contradictions[:SHOWN_CONTRADICTIONS]:
        for example in group:
            text = safe(example.text, 80)
            click.echo(f"    {safe(example.field)}: {safe(example.value)}: {text}")


def lesson_as_json(lesson: Lesson) -> dict[str, object]:
    """What was learnt, for programs."""
    return {
        "brand": lesson.brand,
        "version": lesson.learnt.id,
        "in_use": lesson.known,
        "corrections": len(lesson.answers.learnt_from),
        "audit": len(lesson.answers.audit),
        "figures": lesson.figures,
        "refused": lesson.refused,
    }


def print_lesson(lesson: Lesson) -> None:
    """From what it was learnt, and how well it does on what it was not taught with."""
    count = len(lesson.answers.learnt_from)
    click.echo(f"Learnt from {count:,} corrections of {safe(lesson.brand)}: {lesson.learnt.id}")
    if lesson.figures:
        _print_figures(lesson.figures)
    if not lesson.answers.audit:
        say("Nothing was answered of the audit sample: listener queue review")
    if lesson.refused:
        say(f"It would make things worse: {lesson.refused}")


def _print_figures(figures: Sequence[Figure]) -> None:
    drawn = table("what", "measured on", "posts", "right before", "right after")
    for one in figures:
        drawn.add_row(
            cell(one.field), one.sample, f"{one.asked:,}", f"{one.before:,}", f"{one.after:,}"
        )
    out().print(drawn)


def print_effect(found: Effect, show: int) -> None:
    """How many stored posts would change, and some of them."""
    click.echo(f"Would change {len(found.changes):,} of {found.looked_at:,} stored posts.")
    if not found.changes or not show:
        return
    drawn = table("mention", "what", "why", "post")
    for one in found.changes[:show]:
        what = "; ".join(f"{field}: {old} → {new}" for field, old, new in one.fields)
        drawn.add_row(
            f"mention:{one.mention}",
            cell(what, limit=80),
            cell("; ".join(one.why), limit=120),
            cell(one.text, limit=SHOWN),
        )
    out().print(drawn)


def print_picks(picks: Sequence[Pick], name: str) -> None:
    """Posts to answer for, and how to answer."""
    if not picks:
        click.echo("Nothing to answer for: every post of that time has its answer.")
        return
    drawn = table("mention", "chosen as", "post")
    for one in picks:
        drawn.add_row(f"mention:{one.candidate.id}", one.why, cell(one.candidate.text, limit=SHOWN))
    out().print(drawn)
    first = picks[0].candidate.id
    if name:
        say(f"Answer: listener learn label {name} mention:{first} --yes (or --no; several at once)")
    else:
        say(f"Answer: listener queue correct mention:{first} --complaint (or --lane LANE)")


def print_ranked(rows: Sequence[Ranked]) -> None:
    """Posts by how likely a label is."""
    drawn = table("mention", "likely", "for", "answered", "post")
    for one in rows:
        words = ", ".join(said for said, _ in one.words)
        drawn.add_row(
            f"mention:{one.mention}",
            f"{one.p:.0%}",
            cell(words, limit=40),
            one.answer,
            cell(one.text, limit=SHOWN),
        )
    out().print(drawn)
