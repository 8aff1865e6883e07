"""`listener eval`: measure judging or grouping on labelled lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.console import json_option, out, print_json, table
from listener.cli.line_files import (
    brand_context,
    brand_option,
    end_progress,
    file_argument,
    in_tier,
    opened,
    show_progress,
    tier_option,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from listener.lines import Line
    from listener.measuring import Report
    from triage.protocols import BrandContext, Scorer

# The names of the tasks, so that the usage line needs none of the heavy modules; a test compares.
TASK_NAMES = ("sentiment", "complaint", "severity", "intent", "groups", "language", "spam")
# More classes than these are shown only in --json.
SHOWN_CLASSES = 80


@click.command()
@click.argument("task", type=click.Choice(TASK_NAMES))
@file_argument
@brand_option
@tier_option
@json_option
@click.pass_obj
def eval_(
    config_path: Path | None, task: str, file: Path, brand: str, tier: str | None, as_json: bool
) -> None:
    """Measure judging or grouping on labelled lines.

    FILE holds JSON lines with a "text" and the label of the task: sentiment in "label", complaint
    and spam 0 or 1, severity 0 to 4, intent in "label", groups in "cluster" or "label", language in
    "lang". Lines without a known label are counted and left out. Where the quality tier is installed,
    judging is measured with the small heads alone and with the encoder beside them; grouping by the
    one --tier says.
    """
    from listener.lines import read_lines
    from listener.measuring import TASKS, measure_groups, measure_tiers

    context = brand_context(config_path, brand)
    with opened(file) as stream:
        lines = _counted(read_lines(stream))
        if task == "groups":
            from listener.cli.workbench import tools

            report = measure_groups(TASKS[task], lines, tools(in_tier(context, tier)))
        else:
            report = measure_tiers(TASKS[task], lines, _judges(context))
    end_progress()
    if as_json:
        print_json(report)
    else:
        _print(report)


def _judges(context: BrandContext) -> Sequence[Scorer]:
    """The small heads, and where it is installed the encoder beside them."""
    from dataclasses import replace

    from triage.encoder import installed
    from triage.judge import Judge

    small = Judge(replace(context, quality=False))
    return [small, Judge(replace(context, quality=True))] if installed() else [small]


def _counted(lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        show_progress(line.number, "lines")
        yield line


def _print(report: Report) -> None:
    console = out()
    tiers = [report] if report.quality is None else [report, report.quality]
    heads = [""] if report.quality is None else ["small heads", "and encoder"]
    figures = table(report.task, *heads)
    for column in figures.columns[1:]:
        column.justify = "right"
    measured = [f"{one.measured:,} of {one.lines:,}" for one in tiers]
    figures.add_row("lines measured", *measured)
    for name in report.figures:
        figures.add_row(name.replace("_", " "), *(_shown(one.figures[name]) for one in tiers))
    console.print(figures)
    if report.classes:
        _print_classes(report)
    for why, count in report.left_out.items():
        console.print(f"left out: {count:,} × {_one_line(why)}")
    for one in tiers:
        console.print("decided by " + ", ".join(f"{k} {v}" for k, v in one.versions.items()))


def _shown(value: float | int | None) -> str:
    return "—" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def _print_classes(report: Report) -> None:
    from listener.cli.console import cell

    classes = table("label", "labelled", "found", "precision", "recall", "F1")
    for column in classes.columns[1:]:
        column.justify = "right"
    for one in report.classes[:SHOWN_CLASSES]:
        shares = (f"{share:.3f}" for share in (one.precision, one.recall, one.f1))
        classes.add_row(cell(one.name, limit=40), f"{one.gold:,}", f"{one.predicted:,}", *shares)
    out().print(classes)
    if len(report.classes) > SHOWN_CLASSES:
        out().print(f"… and {len(report.classes) - SHOWN_CLASSES} more labels, see --json")


def _one_line(text: str) -> str:
    from listener.cli.console import safe

    return safe(text, 200)
