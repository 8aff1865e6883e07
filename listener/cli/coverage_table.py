"""The coverage of sources as a picture: one line of time for each, then what it does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.ages import ago
from listener.cli.console import cell, out, safe, table
from listener.coverage import Seen
from listener.stages.rhythm import Silence
from sources.protocols import Health

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rich.console import Console, ConsoleOptions
    from rich.measure import Measurement
    from rich.text import Text

    from listener.coverage import Coverage

MARKS = {
    Seen.OK: ("█", "green"),
    Seen.QUIET: ("▁", "green"),
    Seen.UNUSUAL: ("?", "bold yellow"),
    Seen.GAP: ("░", "bold yellow"),
    Seen.STOPPED: ("‖", "yellow"),
    Seen.FAILED: ("×", "bold red"),
    Seen.NO_RUN: ("·", "dim"),
}
MOST_GAPS = 20  # of one source, in words; --json has all


LOUDEST = (Seen.NO_RUN, Seen.STOPPED, Seen.QUIET, Seen.OK, Seen.FAILED, Seen.UNUSUAL, Seen.GAP)
FEWEST_MARKS = 14


class TimeLine:
    """Stretches as marks; where there is no room for all, neighbours share the louder one's."""

    def __init__(self, stretches: Sequence[Seen]) -> None:
        self._stretches = stretches

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Anything from a mark for several stretches to a mark for each."""
        from rich.measure import Measurement

        return Measurement(min(FEWEST_MARKS, len(self._stretches)), len(self._stretches))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """All of the time in the width there is."""
        from rich.text import Text

        count = len(self._stretches)
        width = min(count, options.max_width)
        line = Text(no_wrap=True)
        for place in range(width):
            shared = self._stretches[place * count // width : (place + 1) * count // width]
            line.append(*MARKS[max(shared, key=LOUDEST.index)])
        yield line


def print_coverage(found: Sequence[Coverage]) -> None:
    """Print the time lines, then how the sources are that are not well, then the gaps."""
    console = out()
    if not found:
        console.print("No source is configured and none has run.")
        return
    start, end = found[0].start, found[0].end
    window = f"{start:%b %d %H:%M} → {end:%b %d %H:%M} UTC"
    drawn = table("source", window, "health", "runs", "new", "known", "usually")
    for one in found:
        state = (
            f"{one.state.health} since {ago(one.state.since, end)}" if one.state else "never run"
        )
        drawn.add_row(
            cell(one.source),
            TimeLine(one.stretches),
            cell(state),
            _runs(one),
            f"{one.new:,}",
            f"{one.known:,}",
            _usually(one),
        )
    console.print(drawn)
    legend = "  ".join(f"{mark} {seen}" for seen, (mark, _) in MARKS.items())
    console.print(legend, style="dim")
    for one in found:
        for sentence in _words(one, alone=len(found) == 1):
            console.print(sentence)


def _runs(one: Coverage) -> str:
    rare = ((one.failed, "failed"), (one.stopped, "stopped"))
    return ", ".join([f"{one.runs:,}", *(f"{count:,} {what}" for count, what in rare if count)])


def _usually(one: Coverage) -> str:
    """How many posts usually come, in the unit that gives a readable number."""
    if one.rhythm.silence is Silence.TOO_FEW or one.rhythm.a_day is None:
        return "too few to tell"
    a_day = one.rhythm.a_day
    return f"{a_day / 24:,.0f} an hour" if a_day >= 48 else f"{a_day:,.1f} a day"


def _words(one: Coverage, *, alone: bool) -> Iterator[str]:
    """Say what is wrong; of a source that is asked for alone also what is remarkable."""
    name = safe(one.source)
    ill = one.state is not None and one.state.health in (Health.DEGRADED, Health.BLIND)
    if one.state is not None and (ill or (alone and one.state.reason)):
        again = f"; next try {_moment(one.state.retry_at)}" if one.state.retry_at else ""
        yield f"{name} is {one.state.health}: {safe(one.state.reason, 300)}{again}"
    if one.push is not None:
        yield f"{name}: {safe(one.push.about, 400)}"
    for gap in one.gaps[:MOST_GAPS]:
        stretch = f"{_moment(gap.start)} to {_moment(gap.end)}"
        if gap.closed_at is not None:
            posts = f"{gap.found:,} post{'' if gap.found == 1 else 's'}"
            yield f"{name} saw {stretch} late, at {_moment(gap.closed_at)}: {posts} found"
            continue
        yield f"{name} could not see {stretch}: {safe(gap.reason, 300)}"
    if len(one.gaps) > MOST_GAPS:
        yield f"{name}: … and {len(one.gaps) - MOST_GAPS:,} more gaps, see --json"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "an unknown time"
