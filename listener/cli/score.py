"""`listener score`: judge the lines of a file; needs no store."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from listener.cli.line_files import (
    brand_context,
    brand_option,
    file_argument,
    out_option,
    write_lines,
)


@click.command()
@file_argument
@out_option
@brand_option
@click.option(
    "--explain",
    is_flag=True,
    help="Add what told the judge so: the parts of every figure, and what would change its band.",
)
@click.pass_obj
def score(
    config_path: Path | None, file: Path, out: Path | None, brand: str, explain: bool
) -> None:
    """Judge the lines of a file; needs no store.

    FILE holds JSON lines with a "text" and any other fields, - is stdin. Every line comes out again
    in its place, its fields as they were, with the verdict added. A line that can't be read comes
    out as {"error", "line"}, and the exit code is then 4.
    """
    from listener.scoring import scored
    from triage.judge import Judge

    judge = Judge(brand_context(config_path, brand))
    why = judge.explain if explain else None
    write_lines(file, out, partial(scored, scorer=judge, explain=why))
