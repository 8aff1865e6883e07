"""`listener sources try`: what a brand query finds in a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from sources.mention import Mention
    from triage.query import Match

FORMATS = ("jsonl", "csv", "twcs")
NAMED = 3  # rows that could not be read, named at the end
LONGEST_WHY = 400


@click.command("try")
@click.argument("query")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), help="[default: by the first line]")
@click.option("--source", default="", help="The source the posts are from, for source: in QUERY.")
@click.option("--all", "everything", is_flag=True, help="Also show what does not match, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of text.")
def try_(
    query: str, file: Path, form: str | None, source: str, everything: bool, as_json: bool
) -> None:
    """Show which lines of a file a brand query matches, and why.

    FILE is anything that listener import reads; nothing is stored and no configuration is needed.
    Ends with 2 when the query is wrong, and with 4 when a line could not be read.
    """
    from listener.app import system_clock
    from listener.cli.console import out
    from listener.cli.query_argument import read_query
    from listener.errors import ListenerError, PartialFailure
    from sources.errors import Unreadable
    from sources.files.source import posts_in
    from triage.query import Document

    read = read_query(query)
    show = _print_json if as_json else partial(_print_text, out())
    posts = matched = 0
    bad: list[str] = []
    try:
        for line, mention, problem in posts_in(file, form or "", system_clock()):
            if mention is None:
                bad.append(f"line {line}: {problem}" if len(bad) < NAMED else "")
                continue
            posts += 1
            document = Document.of(mention, source)
            match = read.matches(document)
            if match is not None:
                matched += 1
                show(line, mention, match, match.explain())
            elif everything:
                show(line, mention, None, read.why_not(document))
    except Unreadable as error:
        raise ListenerError(str(error), f"file {file}; head -1 {file}") from error
    click.echo(f"{matched:,} of {posts:,} posts match", err=as_json)
    if bad:
        places = "; ".join(filter(None, bad)) + ("; …" if len(bad) > NAMED else "")
        lines = "line" if len(bad) == 1 else "lines"
        raise PartialFailure(
            f"{len(bad):,} {lines} could not be read ({places})",
            "mend them, then the same command again",
        )


def _print_text(
    console: Console, line: int, mention: Mention, match: Match | None, why: str
) -> None:
    from rich.text import Text

    from listener.cli.console import safe
    from listener.cli.matched_post import post

    shown = Text(f"{line:>6} {'✓' if match else '·'} ", style="" if match else "dim")
    shown.append_text(post(mention, match.hits if match else ()))
    shown.append(f"\n{'':9}{safe(why, LONGEST_WHY)}", style="dim")
    console.print(shown)


def _print_json(line: int, mention: Mention, match: Match | None, why: str) -> None:
    from listener.cli.console import print_json_lines
    from listener.cli.matched_post import as_plain

    plain = as_plain(mention, match.hits if match else ())
    print_json_lines([{"line": line, "matches": match is not None, **plain, "why": why}])
