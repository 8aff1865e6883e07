"""The queue as a person reads it: what is on top, since when it waits, and why, at any width."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from listener.ages import ago, clock, old, promise
from listener.cli.console import cell, safe
from listener.cli.words import LANE_STYLES, VIGILANTE_MARKS, WAKES, priority_word
from listener.health import unread
from listener.store.rows import CaseRow, Totals
from triage.verdict import PriorityPart

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

# From these widths on there is room for a column of its own; below, it moves into the post's cell.
ROOM_FOR_WHO = 130
ROOM_FOR_LANE = 84
NARROWEST, WIDEST = 40, 200
POST_LINES = 2
NEWLINE = "\n"
FINISHED = ("resolved", "dismissed")
IN_COLUMNS = ("lane", "promise", "waiting")


def header(totals: Totals, blind: Sequence[str], brand: str) -> list[Text]:
    """The lines above the table: whose queue, how much, what is blind, whether it is a sample."""
    from rich.text import Text

    lanes = ", ".join(f"{count:,} {lane}" for lane, count in totals.cases_by_lane.items() if count)
    states = ", ".join(
        f"{count:,} {state}" for state, count in totals.cases_by_state.items() if count
    )
    first = Text(safe(brand or "all brands", 60), style="bold")
    if totals.sample:
        first.append("  SAMPLE DATA ", style="black on yellow")
    first.append(f"  {states or 'no cases yet'}")
    lines = [first]
    if lanes:
        lines.append(Text(lanes, style="dim"))
    if totals.pending:
        lines.append(Text(f"{totals.pending:,} mentions wait to be judged", style="yellow"))
    if totals.unread_languages:
        lines.append(Text(safe(unread(totals), 200), style="dim"))
    lines.extend(Text(f"▲ {safe(phrase, 200)}", style="bold red") for phrase in blind)
    return lines


def queue_table(cases: Sequence[CaseRow], now: datetime, width: int) -> Table:
    """One row a case; the post's cell holds what the narrower widths have no column for."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", padding=(0, 1), width=width)
    drawn.add_column("case", justify="right", no_wrap=True)
    drawn.add_column("priority", no_wrap=True)
    if width >= ROOM_FOR_LANE:
        drawn.add_column("lane", no_wrap=True)
        drawn.add_column("promise", no_wrap=True, justify="right")
    if width >= ROOM_FOR_WHO:
        drawn.add_column("from", no_wrap=True, max_width=24)
    drawn.add_column("post, and why it is here", ratio=1, overflow="fold")
    room = max(16, width - _taken(width))
    for case in cases:
        drawn.add_row(*_row(case, now, width, room), end_section=False)
    return drawn


def _taken(width: int) -> int:
    """Columns that stand before the post's cell, about."""
    return 22 + (30 if width >= ROOM_FOR_LANE else 0) + (26 if width >= ROOM_FOR_WHO else 0)


def _row(case: CaseRow, now: datetime, width: int, room: int) -> list[Text]:
    from rich.text import Text

    word, style = priority_word(case)
    priority = Text(f"{case.priority:>3} {word}", style=style)
    if case.manual_priority is not None:
        priority.append("\nby hand", style="dim")
    cells = [Text(str(case.id)), priority]
    if width >= ROOM_FOR_LANE:
        cells += [_lane(case, "\n"), _waiting(case, now)]
    if width >= ROOM_FOR_WHO:
        who = cell(case.author or "unknown", limit=24)
        who.append(f"\n{source_name(case.source, 22)}", style="dim")
        cells.append(who)
    cells.append(_post(case, now, width, room))
    return cells


def _lane(case: CaseRow, join: str) -> Text:
    from rich.text import Text

    text = Text(case.lane, style=LANE_STYLES.get(case.lane, ""))
    mark, style = VIGILANTE_MARKS.get(case.vigilante, ("", ""))
    if mark:
        text.append(join)
        text.append(mark, style=style)
    return text


def _promise(case: CaseRow, now: datetime) -> Text:
    from rich.text import Text

    words, style = ("", "") if case.state in FINISHED else promise(case.due_at, now)
    return Text(words, style=style)


def _waiting(case: CaseRow, now: datetime) -> Text:
    """The promise, and below it the age."""
    text = _promise(case, now)
    text.append(f"{NEWLINE if text else ''}{old(case.opened_at, now)}", style="dim")
    return text


def _post(case: CaseRow, now: datetime, width: int, room: int) -> Text:
    """What was said, whose it is now, and why it is here; above it what has no column."""
    from rich.text import Text

    lines: list[Text] = []
    if width < ROOM_FOR_LANE:
        lane, due = _lane(case, " "), _promise(case, now)
        lines.append(Text(" · ").join([lane, due]) if due else lane)
    if width < ROOM_FOR_WHO:
        who = f"{safe(case.author or 'unknown', 24)} on {source_name(case.source, 20)}"
        lines.append(Text(f"{who}, {ago(case.opened_at, now)}", style="dim"))
    lines.append(Text(safe(shown_text(case), room * POST_LINES) or "(no text)"))
    standing = _state(case, now)
    if standing:
        lines.append(standing)
    why = reasons_line(case.reasons, room * POST_LINES)
    if why:
        lines.append(Text(why, style="dim"))
    return Text("\n").join(lines)


def _state(case: CaseRow, now: datetime) -> Text | None:
    from rich.text import Text

    parts = []
    if case.state not in ("new", "open"):
        parts.append(case.state)
    if case.owner:
        lease = case.lease_until
        until = f" until {clock(lease, now)}" if lease is not None and lease > now else ""
        parts.append(f"{safe(case.owner, 24)} has it{until}")
    if case.snooze_until is not None and case.snooze_until > now:
        first = f"until {WAKES[case.wakes_on]}, or " if case.wakes_on else "until "
        parts.append(f"sleeps {first}{clock(case.snooze_until, now)}")
    if case.labels:
        parts.append(", ".join(safe(one, 40) for one in case.labels))
    if case.posts > 1:
        parts.append(f"{case.posts} posts")
    if case.folded:
        parts.append(copies(case.folded))
    if len(case.sources) > 1:
        parts.append(f"seen by {len(case.sources)} sources")
    if case.issue is not None and case.people > 1:
        parts.append(f"{case.people:,} people: {safe(case.issue_title, 40)}")
    if case.sample:
        parts.append("sample")
    return Text(" · ".join(parts), style="cyan") if parts else None


def copies(folded: int) -> str:
    """How many other posts repeat one, in words."""
    return f"×{folded:,} {'copy' if folded == 1 else 'copies'}"


def shown_text(case: CaseRow) -> str:
    """The post in one piece, its title first where the text does not begin with it."""
    if not case.title or case.text.startswith(case.title):
        return case.text
    return f"{case.title} — {case.text}" if case.text else case.title


def reasons_line(reasons: Sequence[PriorityPart], limit: int) -> str:
    """The strongest reasons in words, in one line, as many as fit; "…" says that there are more.

    What has a column of its own (lane, promise, age) comes last: it is no news here.
    """
    line = ""
    for part in sorted(reasons, key=lambda one: (one.name in IN_COLUMNS, -abs(one.points))):
        said = f"{part.points:+d} {safe(part.reason, 80)}"
        longer = f"{line} · {said}" if line else said
        if len(longer) > limit - 2:
            return f"{line} …" if line else safe(said, limit)
        line = longer
    return line


def source_name(name: str, limit: int) -> str:
    """A source as a person calls it: of a file that was taken in, its name without the folders."""
    kind, colon, path = name.partition(":")
    return safe(f"{kind}{colon}{path.rpartition('/')[2]}", limit)


def print_queue(
    console: Console,
    cases: Sequence[CaseRow],
    lines: Sequence[Text],
    now: datetime,
    empty: tuple[str, str],
) -> None:
    """Header, table and the next command to type; `empty` is said and to be typed without a case."""
    width = max(NARROWEST, min(WIDEST, console.width))
    for line in lines:
        console.print(line)
    if not cases:
        said, next_ = empty
        console.print(f"\n{said}")
        console.print(f"Next:  {next_}", style="dim")
        return
    console.print(queue_table(cases, now, width))
    first = cases[0].id
    console.print(f"Look:     listener queue show {first}", style="dim")
    console.print(f"Take it:  listener queue claim {first}", style="dim")
