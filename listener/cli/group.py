"""`listener group`: group the lines of a file; needs no store."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from listener.cli.line_files import (
    brand_context,
    brand_option,
    file_argument,
    in_tier,
    out_option,
    tier_option,
    write_lines,
)


@click.command()
@file_argument
@out_option
@brand_option
@tier_option
@click.pass_obj
def group(
    config_path: Path | None, file: Path, out: Path | None, brand: str, tier: str | None
) -> None:
    """Group the lines of a file; needs no store.

    FILE holds JSON lines with a "text", - is stdin. They are taken in the order of the file, as a
    stream, and come out at its end with "issue" (a number), "similarity" to what they joined (null for lines
    that are muted or say too little to be grouped; their issue is their own), and "duplicate_of"
    (the number of the line they repeat, or null). The quality tier reads some eighty lines a second.
    """
    from listener.cli.workbench import tools
    from listener.grouping import grouped

    context = in_tier(brand_context(config_path, brand), tier)
    write_lines(file, out, partial(grouped, tools=tools(context)))
