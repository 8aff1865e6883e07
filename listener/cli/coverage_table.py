"""The coverage of sources as a picture: one line of time for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.cli.ages import ago
from listener.cli.console import cell, out, safe, table
from listener.coverage import Seen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from listener.coverage import Coverage

MARKS = {
    Seen.OK: ("█", "green"),
    Seen.GAP: ("░", "bold yellow"),
    Seen.FAILED: ("×", "bold red"),
    Seen.NO_RUN: ("·", "dim"),
}


def print_coverage(found: Sequence[Coverage]) -> None:
    """Print the time lines, then the gaps in words."""
    from rich.text import Text

    console = out()
    if not found:
        console.print("No source is configured and none has run.")
        return
    start, end = found[0].start, found[0].end
    drawn = table("source", f"{start:%b %d %H:%M} → {end:%b %d %H:%M} UTC", "health", "runs", "new")
    for one in found:
        line = Text(no_wrap=True)
        for seen in one.stretches:
            mark, style = MARKS[seen]
            line.append(mark, style)
        state = (
            f"{one.state.health} since {ago(one.state.since, end)}" if one.state else "never run"
        )
        failed = f", {one.failed} failed" if one.failed else ""
        drawn.add_row(cell(one.source), line, cell(state), f"{one.runs}{failed}", f"{one.new:,}")
    console.print(drawn)
    legend = "  ".join(f"{mark} {seen}" for seen, (mark, _) in MARKS.items())
    console.print(legend, style="dim")
    for one in found:
        for gap in one.gaps:
            stretch = f"{_moment(gap.start)} to {_moment(gap.end)}"
            console.print(f"{safe(one.source)} could not see {stretch}: {safe(gap.reason, 300)}")


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "an unknown time"
