"""Issues on a terminal: the list, one issue, and its loop of people to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from listener.ages import ago, clock
from listener.cli.console import cell, safe, table
from listener.cli.queue_table import source_name
from listener.cli.words import LANE_STYLES
from listener.curves import Curve
from listener.store.rows import CaseRow, IssueRow, LoopRow, MentionRow

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from listener.belonging import Explanation, Likeness
    from listener.desk.groups import Evidence

ROOM_FOR_PHRASES = 110
ROOM_FOR_LANE = 80
ROOM_FOR_CURVE = 140
LIFE_STYLES = {"new": "cyan", "growing": "bold yellow", "back": "bold red", "fixed": "green"}
LOOP_STYLES = {"told": "green", "untold": "bold red", "unreachable": "yellow", "erased": "dim"}


def print_issues(
    console: Console, issues: Sequence[IssueRow], curves: Mapping[int, Curve], now: datetime
) -> None:
    """The list, largest first."""
    if not issues:
        console.print("No issues here yet: they appear when several people say the same.")
        return
    console.print(issue_table(issues, curves, now, console.width))
    console.print(f"Look:  listener issues show {issues[0].id}", style="dim")


def issue_table(
    issues: Sequence[IssueRow], curves: Mapping[int, Curve], now: datetime, width: int
) -> Table:
    """One row an issue; narrower widths have fewer columns."""
    headings = ["issue", "people", "posts"]
    if width >= ROOM_FOR_LANE:
        headings += ["lane", "life", "open", "latest"]
    if width >= ROOM_FOR_CURVE:
        headings += ["28 days", "trend"]
    headings.append("title")
    drawn = table(*headings)
    for column in drawn.columns[:3]:
        column.justify = "right"
    if width >= ROOM_FOR_LANE:
        drawn.columns[5].justify = "right"
    for issue in issues:
        cells = [cell(str(issue.id)), cell(f"{issue.people:,}"), cell(f"{issue.mentions:,}")]
        if width >= ROOM_FOR_LANE:
            cells.append(cell(issue.lane, LANE_STYLES.get(issue.lane, "")))
            cells.append(cell(issue.life, LIFE_STYLES.get(issue.life, "dim")))
            cells.append(cell(f"{issue.open_cases:,}"))
            cells.append(cell(ago(issue.last_seen, now)))
        if width >= ROOM_FOR_CURVE:
            cells += [cell(curves[issue.id].bars), cell(curves[issue.id].trend.words)]
        title = cell(issue.title or "(no title yet)", "bold", limit=100)
        if width < ROOM_FOR_LANE and issue.state != "open":
            title.append(f"  {issue.state}", style="green")
        if width >= ROOM_FOR_PHRASES and issue.phrases:
            title.append(f"\n{safe(', '.join(issue.phrases), 100)}", style="not bold dim")
        drawn.add_row(*cells, title)
    return drawn


def print_issue(
    console: Console,
    issue: IssueRow,
    curve: Curve,
    examples: Sequence[MentionRow],
    cases: Sequence[CaseRow],
    loop: Sequence[LoopRow],
    now: datetime,
) -> None:
    """One issue with example posts, its open cases and the state of its loop."""
    console.print(f"Issue {issue.id}: {safe(issue.title or '(no title yet)', 120)}", style="bold")
    named = f" · named by {safe(issue.titled_by, 40)}" if issue.titled_by else ""
    console.print(
        f"{safe(issue.brand, 40)} · {issue.lane} · {issue.life}{named} · {issue.people:,} people, "
        f"{issue.mentions:,} posts · first {ago(issue.first_seen, now)}, latest "
        f"{ago(issue.last_seen, now)}"
    )
    console.print(f"28 days: {curve.bars} · people: {curve.trend.words}", style="dim")
    if issue.phrases:
        console.print(f"Set apart by: {safe(', '.join(issue.phrases), 300)}")
    if issue.sources:
        console.print(
            f"Heard on: {', '.join(source_name(one, 60) for one in issue.sources[:8])}", style="dim"
        )
    if issue.fixed_at is not None:
        console.print(
            f"Fixed {ago(issue.fixed_at, now)}: {safe(issue.fix_note, 300)}", style="green"
        )
    if issue.example:
        console.print(f"\nMost typical: {safe(issue.example, 300)}")
    if examples:
        console.print("\nExamples, as different as they come", style="bold")
        for row in examples:
            who = safe(row.mention.author.handle or "unknown", 24)
            console.print(f"  {row.id:>6}  {who}: {safe(row.mention.full_text, 160)}")
    if cases:
        console.print("\nOpen cases", style="bold")
        for case in cases:
            console.print(
                f"  {case.id:>6}  {case.priority:>3}  {case.state:<9} {safe(case.text, 120)}"
            )
    console.print(f"\nLoop: {loop_counts(loop)} · listener issues loop {issue.id}")


def loop_counts(loop: Sequence[LoopRow]) -> str:
    """How many were told and how many were not, in words."""
    counts = dict.fromkeys(LOOP_STYLES, 0)
    for person in loop:
        counts[person.status] = counts.get(person.status, 0) + 1
    said = ", ".join(f"{count:,} {status}" for status, count in counts.items() if count)
    return said or "nobody complained"


def print_loop(
    console: Console, issue: IssueRow, loop: Sequence[LoopRow], notice: str, now: datetime
) -> None:
    """Everybody who complained, the untold first, with what would be said to them."""
    console.print(f"Issue {issue.id}: {safe(issue.title, 120)}", style="bold")
    console.print(loop_counts(loop))
    if not loop:
        return
    drawn = table("person", "on", "first said", "posts", "status", "where")
    order = list(LOOP_STYLES)
    for person in sorted(loop, key=lambda one: (_place(order, one.status), one.first_at)):
        status = cell(person.status, LOOP_STYLES.get(person.status, ""))
        if person.told_at is not None:
            status.append(f" {clock(person.told_at, now)}")
        drawn.add_row(
            cell(person.handle or "(unknown)", limit=30),
            cell(person.kind, limit=20),
            cell(ago(person.first_at, now)),
            cell(str(person.posts)),
            status,
            cell(person.url, limit=200),
        )
    console.print(drawn)
    if notice:
        console.print("Draft for each of them, until edited:", style="bold")
        console.print(safe(notice, 500))


def print_suggestions(console: Console, found: Sequence[Evidence]) -> None:
    """What grouping would change, each with what speaks for it."""
    if not found:
        console.print("Nothing to suggest: issues that people touched look right.")
        return
    for one in found:
        row = one.suggestion
        what = (
            f"make issue {row.issue} (“{safe(one.title, 60)}”) a part of {row.other}"
            f" (“{safe(one.other_title, 60)}”)"
            if row.rule == "merge"
            else f"split {len(row.mentions)} posts off issue {row.issue} (“{safe(one.title, 60)}”)"
        )
        console.print(f"{row.id}: {what}", style="bold")
        decided = "" if row.state == "open" else f" · {row.state} by {safe(row.actor, 40)}"
        console.print(f"  {safe(row.reason, 200)}{decided}")
        if one.phrases:
            console.print(f"  both say: {safe(', '.join(one.phrases), 160)}")
        if one.people_in_both:
            console.print(f"  {one.people_in_both:,} people are in both")
        for mark, texts in (("here ", one.examples), ("there", one.other_examples)):
            for text in texts:
                console.print(f"  {mark}  {safe(text, 140)}", style="dim")
    console.print(f"Decide:  listener issues accept {found[0].suggestion.id}  (or dismiss)")


def print_why(console: Console, why: Explanation, other: int) -> None:
    """Why a mention is in its issue, and why not in another."""
    where = f"issue {why.issue}" if why.issue else "no issue"
    console.print(f"Mention {why.mention}: {where}", style="bold")
    console.print(why.rule)
    if why.needed is not None:
        console.print(f"Posts of this brand are tied from a similarity of {why.needed:.2f}.")
    for one in why.ties:
        _print_likeness(console, one)
    if other:
        console.print(f"\nThe posts of issue {other} that are most like it", style="bold")
        for one in why.instead:
            near = "" if why.needed is None or one.similarity >= why.needed else "  too little"
            _print_likeness(console, one, near)
        if not why.instead:
            console.print("  none of them is live")


def _print_likeness(console: Console, one: Likeness, near: str = "") -> None:
    words = f"  [{', '.join(one.words[:4])}]" if one.words else ""
    console.print(
        f"  {one.similarity:.2f}  issue {one.issue:>5}  mention {one.mention:>6}"
        f"{safe(words, 80)}{near}",
        markup=False,
    )
    console.print(f"        {safe(one.text, 140)}", style="dim", markup=False)


def _place(order: Sequence[str], status: str) -> int:
    """The untold first."""
    first = ["untold", *(one for one in order if one != "untold")]
    return first.index(status) if status in first else len(first)
