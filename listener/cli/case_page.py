"""One case on a terminal, with everything known: the post, why it is here, what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from listener.ages import ago, clock, promise
from listener.cli.console import safe
from listener.cli.queue_table import FINISHED, copies, source_name
from listener.cli.told_by import print_told
from listener.cli.words import (
    LANE_STYLES,
    SENTIMENT_STYLES,
    VIGILANTE_MARKS,
    WAKES,
    priority_word,
)
from listener.conversation import ANOTHER, CUSTOMER, US, first_mention, spans, speaker
from listener.store.rows import CaseFile, CaseRow, HistoryRow, MentionRow
from triage.verdict import Signal, Verdict
from triage.vigilante import ABOUT

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from triage.explanation import Explained

SPEAKER_STYLES: Mapping[str, str] = {CUSTOMER: "bold", ANOTHER: "", US: "cyan"}
# How much of a post and of the lists is shown; --json has all of it.
SHOWN_CHARACTERS = 4_000
SHOWN_WORDS = 12
SHOWN_MOVES = 20
SHOWN_SOURCES = 8
SHOWN_ANSWER = 300  # characters of what others say in the conversation


def print_case(
    console: Console, file: CaseFile, link: str, now: datetime, told: Explained | None = None
) -> None:
    """Print the whole page; `told` is what told the judge so."""
    case = file.case
    console.print(_head(case, now))
    console.print(_standing(case, now))
    for row in file.mentions:
        _post(console, row, case, now)
    _conversation(console, file, now)
    for mention, when, earlier in file.edits:
        console.print(f"Mention {mention} said before {clock(when, now)}:", style="dim")
        console.print(_quoted(safe(earlier, 400)))
    _parts(console, file)
    first = first_mention(file)
    if first is not None and first.verdict is not None:
        _verdict(console, first.verdict)
        if told is not None:
            print_told(console, told, first.verdict.version)
    if case.issue is not None:
        console.print()
        console.print(f"Issue {case.issue}: {safe(case.issue_title, 100)}", style="bold")
        console.print(f"  {case.people:,} people · listener issues show {case.issue}")
    _said(console, file, now)
    _log(console, file.history, now)
    _next(console, case, link)


def _head(case: CaseRow, now: datetime) -> Text:
    from rich.text import Text

    word, style = priority_word(case)
    text = Text(f"Case {case.id}", style="bold")
    text.append("  ")
    text.append(f"{case.priority} {word}", style=style)
    if case.manual_priority is not None:
        text.append(" (set by hand)")
    text.append("  ")
    text.append(case.lane, style=LANE_STYLES.get(case.lane, ""))
    mark, mark_style = VIGILANTE_MARKS.get(case.vigilante, ("", ""))
    if mark:
        text.append("  ")
        text.append(mark, style=mark_style)
    if case.sample:
        text.append("  ")
        text.append(" SAMPLE ", style="black on yellow")
    words, late = ("", "") if case.state in FINISHED else promise(case.due_at, now)
    if words:
        text.append("  ")
        text.append(words, style=late)
    return text


def _standing(case: CaseRow, now: datetime) -> str:
    parts = [safe(case.brand, 40), case.state]
    if case.resolution:
        parts.append(safe(case.resolution, 80))
    if case.owner:
        lease = case.lease_until
        until = f" until {clock(lease, now)}" if lease is not None and lease > now else ""
        parts.append(f"{safe(case.owner, 40)} has it{until}")
    if case.snooze_until is not None and case.snooze_until > now:
        first = f"until {WAKES[case.wakes_on]}, or " if case.wakes_on else "until "
        parts.append(f"sleeps {first}{clock(case.snooze_until, now)}")
    if case.labels:
        parts.append("labels: " + ", ".join(safe(one, 40) for one in case.labels))
    parts.append(f"opened {ago(case.opened_at, now)}")
    return " · ".join(part for part in parts if part)


def _post(console: Console, row: MentionRow, case: CaseRow, now: datetime) -> None:
    from rich.text import Text

    said = row.mention
    who = said.author.handle or said.author.name or "unknown"
    line = Text(f"\n{safe(who, 40)}", style="bold")
    if said.author.followers is not None:
        line.append(f" ({said.author.followers:,} followers)", style="")
    line.append(f" on {source_name(row.source, 40)}, {ago(said.created_at, now)}", style="not bold")
    if len(row.sources) > 1:
        seen = ", ".join(source_name(source, 40) for source in row.sources[:SHOWN_SOURCES])
        more = ", …" if len(row.sources) > SHOWN_SOURCES else ""
        line.append(f"  seen by {seen}{more}", style="not bold dim")
    if row.folded:
        line.append(f"  {copies(row.folded)}", style="not bold cyan")
    if row.id != case.mention:
        line.append("  (later in the same case)", style="not bold dim")
    if row.edited_at is not None:
        line.append(f"  edited {ago(row.edited_at, now)}", style="not bold yellow")
    console.print(line)
    if row.deleted_at is not None:
        console.print(f"  deleted or erased; the text is gone ({clock(row.deleted_at, now)})")
        return
    signals = row.verdict.signals if row.verdict is not None else ()
    console.print(_quoted(highlighted(said.full_text, signals)))
    if said.url:
        console.print(f"  {safe(said.url, 300)}", style="dim", overflow="fold")


def _conversation(console: Console, file: CaseFile, now: datetime) -> None:
    """What was said around the case, in order, and by whom: the customer, others, or us."""
    own = {row.id for row in file.mentions}
    if all(row.id in own for row in file.thread):
        return
    from rich.text import Text

    console.print("\nConversation", style="bold")
    for row in file.thread:
        who = speaker(row, file)
        said = row.mention
        line = Text(f"{who:<{len(ANOTHER)}}", style=SPEAKER_STYLES[who])
        name = safe(said.author.handle or said.author.name or "unknown", 40)
        line.append(f"  {name}, {ago(said.created_at, now)}", style="dim")
        console.print(_quoted(line))
        text = "(deleted or erased)" if row.deleted_at else safe(said.full_text, SHOWN_ANSWER)
        console.print(_quoted(text, 4))


def highlighted(text: str, signals: Sequence[Signal]) -> Text:
    """A post, harmless, with the words of its signals underlined; its line breaks are kept."""
    from rich.text import Text

    shown = Text()
    end = 0
    cut = text[:SHOWN_CHARACTERS]
    for start, stop in spans(signals, len(cut)):
        shown.append(_lines(cut[end:start]))
        shown.append(_lines(cut[start:stop]), style="bold underline")
        end = stop
    shown.append(_lines(cut[end:]))
    if len(text) > len(cut):
        shown.append(f"… ({len(text) - len(cut):,} more characters, see --json)", style="dim")
    return shown


def _lines(text: str) -> str:
    return "\n".join(safe(line) for line in text.split("\n"))


def _quoted(text: str | Text, indent: int = 2) -> object:
    from rich.padding import Padding

    return Padding(text, (0, 0, 0, indent), expand=False)


def _parts(console: Console, file: CaseFile) -> None:
    console.print("\nWhy it is here", style="bold")
    width = max((len(part.name) for part in file.parts), default=5)
    for part in file.parts:
        console.print(_quoted(f"{part.points:+4d}  {part.name:<{width}}  {safe(part.reason, 300)}"))
    total = sum(part.points for part in file.parts)
    console.print(f"  {total:4d}  together")
    if file.case.manual_priority is not None:
        console.print(f"  {file.case.manual_priority:4d}  set by hand, which counts instead")


def _verdict(console: Console, verdict: Verdict) -> None:
    from rich.text import Text

    console.print("\nHow it was read", style="bold")
    feeling = verdict.sentiment
    line = Text()
    line.append(feeling.label, style=SENTIMENT_STYLES.get(feeling.label, ""))
    line.append(
        f" (service reading {feeling.service_compound:+.2f}, VADER {feeling.compound:+.2f})"
    )
    words = [f"{safe(word, 30)} {points:+.1f}" for word, points in feeling.words if points]
    if words:
        more = " …" if len(words) > SHOWN_WORDS else ""
        line.append(f": {', '.join(words[:SHOWN_WORDS])}{more}")
    console.print(_quoted(line))
    read = (
        f"complaint {verdict.complaint.value} ({verdict.complaint_p:.2f}) · severity "
        f"{verdict.severity_band} ({verdict.severity:.1f} of 4) · language {safe(verdict.lang, 12)}"
    )
    console.print(_quoted(read))
    for reason in verdict.reasons:
        if reason.about == ABOUT:  # the reasons below, once more
            continue
        console.print(_quoted(f"{safe(reason.about, 30)}: {safe(reason.text, 300)}"))
    for why in verdict.vigilante_reasons:
        console.print(_quoted(f"vigilante {verdict.vigilante.value}: {safe(why, 300)}"))
    for rule in verdict.muted_by:
        console.print(_quoted(f"muted: {safe(rule, 300)}"))
    console.print(f"  judged by {verdict.version}", style="dim")


def _said(console: Console, file: CaseFile, now: datetime) -> None:
    if not file.replies:
        return
    console.print("\nReplies and notes", style="bold")
    for reply in file.replies:
        state = "" if reply.kind == "note" else f" · {reply.state}"
        head = f"{reply.kind} {reply.id}{state} · {safe(reply.author, 40)}, {ago(reply.at, now)}"
        console.print(f"  {head}", style="dim")
        console.print(_quoted(_lines(reply.text[:SHOWN_CHARACTERS])))


def _log(console: Console, history: Sequence[HistoryRow], now: datetime) -> None:
    if not history:
        return
    console.print("\nActivity, latest first", style="bold")
    for row in history[:SHOWN_MOVES]:
        note = f": {safe(row.note, 120)}" if row.note else ""
        undone = " (undone)" if row.undone_by is not None else ""
        console.print(
            f"  {clock(row.at, now):>12}  {safe(row.actor, 30)} {safe(row.action, 30)}{note}"
            f"{undone}  [{row.id}]"
        )
    if len(history) > SHOWN_MOVES:
        console.print(f"  … and {len(history) - SHOWN_MOVES} earlier", style="dim")


def _next(console: Console, case: CaseRow, link: str) -> None:
    console.print()
    if link:
        console.print(f"Answer in the browser: {safe(link, 300)}", overflow="fold")
    commands = {
        "new": f'listener queue claim {case.id}      listener queue reply {case.id} "…"',
        "resolved": f"listener queue reopen {case.id}",
        "dismissed": f"listener queue reopen {case.id}",
    }
    usual = f'listener queue reply {case.id} "…"      listener queue resolve {case.id}'
    console.print(f"Next:  {commands.get(case.state, usual)}", style="dim")
