"""`listener sources preview`: what another query would change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.console import json_option
from listener.cli.export import Moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from listener.query_change import Example, QueryChange

LONGEST_WHY = 400


@click.command()
@click.argument("brand")
@click.argument("query")
@click.option("--since", type=Moment(), help="Only mentions from this date or time on, in UTC.")
@click.option(
    "--examples",
    default=5,
    show_default=True,
    type=click.IntRange(0, 1_000),
    help="How many to show each way.",
)
@json_option
@click.pass_obj
def preview(
    config_path: Path | None,
    brand: str,
    query: str,
    since: datetime | None,
    examples: int,
    as_json: bool,
) -> None:
    """Show what another query for BRAND would let in and leave out.

    QUERY is compared with the brand's query in the configuration, on all mentions of the sources
    that listen for the brand. Nothing is written: to use the query, put it into the configuration;
    it decides about what is collected from then on.
    """
    from listener.app import open_app
    from listener.cli.console import print_json
    from listener.cli.line_files import end_progress, show_progress
    from listener.cli.query_argument import read_query
    from listener.query_change import query_change
    from listener.store.rows import Span

    new = read_query(query)
    with open_app(config_path) as app:
        change = query_change(
            app.store,
            app.config,
            app.config.brand(brand),
            new,
            Span(since),
            examples,
            lambda count: show_progress(count, "mentions"),
        )
    end_progress()
    if as_json:
        print_json(_as_plain(change))
    else:
        _print(change)


def _print(change: QueryChange) -> None:
    from listener.cli.console import out, safe, table

    console = out()
    drawn = table("", "mentions", "what they are")
    drawn.add_row("enter", f"{change.entering:,}", "match the new query only")
    drawn.add_row("leave", f"{change.leaving:,}", "match the present query only")
    drawn.add_row("stay", f"{change.stays:,}", "match both")
    neither = change.seen - change.entering - change.leaving - change.stays
    drawn.add_row("stay out", f"{neither:,}", "match neither")
    if change.bound:
        drawn.add_row(
            "bound", f"{change.bound:,}", "were imported for the brand or are its own, and stay"
        )
    present = safe(change.before) or "none: everything its sources bring"
    console.print(f"{safe(change.brand)}\n  present  {present}\n  new      {safe(change.after)}")
    console.print(drawn)
    _print_examples("enter", change.entering, change.entering_examples)
    _print_examples("leave", change.leaving, change.leaving_examples)


def _print_examples(way: str, count: int, examples: Sequence[Example]) -> None:
    from rich.text import Text

    from listener.cli.console import out, safe
    from listener.cli.matched_post import post

    if not examples:
        return
    console = out()
    console.print(f"\nThe latest {len(examples):,} of {count:,} that {way}:", style="bold")
    for one in examples:
        head = f"{one.mention.created_at:%Y-%m-%d %H:%M}  {safe(one.source, 40)}  "
        console.print(Text(head).append_text(post(one.mention, one.hits)))
        for name, why in (("present", one.before), ("new", one.after)):
            console.print(Text(f"  {name:9}{safe(why, LONGEST_WHY)}"), style="dim")


def _as_plain(change: QueryChange) -> dict[str, object]:
    from listener.cli.matched_post import as_plain

    def moved(count: int, examples: Sequence[Example]) -> dict[str, object]:
        shown = [
            {
                "source": one.source,
                **as_plain(one.mention, one.hits),
                "present": one.before,
                "new": one.after,
            }
            for one in examples
        ]
        return {"count": count, "examples": shown}

    return {
        "brand": change.brand,
        "present": change.before,
        "new": change.after,
        "seen": change.seen,
        "bound": change.bound,
        "stays": change.stays,
        "entering": moved(change.entering, change.entering_examples),
        "leaving": moved(change.leaving, change.leaving_examples),
    }
