"""Alarms and deliveries on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from listener.ages import ago, clock
from listener.cli.console import cell, table
from listener.store.alarms import AlarmRow, DeliveryRow

if TYPE_CHECKING:
    from rich.console import Console

STATE_STYLES = {"sent": "green", "failed": "bold red", "in doubt": "bold yellow"}


def print_alarms(console: Console, alarms: Sequence[AlarmRow], now: datetime) -> None:
    """What was noticed, each with its reasons."""
    if not alarms:
        console.print("Nothing unusual was noticed yet.")
        return
    drawn = table("noticed", "what", "issue", "why")
    for alarm in alarms:
        why = cell(alarm.title or "(no title yet)", "bold", limit=100)
        for reason in alarm.reasons:
            why.append_text(cell(f"\n{reason}", "not bold", limit=200))
        drawn.add_row(cell(ago(alarm.at, now)), cell(alarm.what), cell(str(alarm.issue)), why)
    console.print(drawn)


def print_alarms_of(console: Console, alarms: Sequence[AlarmRow], now: datetime) -> None:
    """What was noticed of one issue; nothing when there was nothing."""
    if alarms:
        console.print("\nNoticed", style="bold")
    for alarm in alarms:
        said = "; ".join(alarm.reasons)
        console.print(cell(f"  {ago(alarm.at, now)}  {alarm.what}: {said}", limit=300))


def print_deliveries(console: Console, rows: Sequence[DeliveryRow], now: datetime) -> None:
    """What was, or is to be, told to whom."""
    if not rows:
        console.print("Nothing was to be told yet.")
        return
    drawn = table("no.", "to", "what", "state", "tries", "when", "answer")
    for row in rows:
        when = row.sent_at or (row.not_before if row.state == "waiting" else None)
        named = row.alarm.title or " ".join(row.alarm.reasons[:1])
        drawn.add_row(
            cell(str(row.id)),
            cell(row.target, limit=30),
            cell(f"{row.alarm.what}: {named}", limit=80),
            cell(row.state, STATE_STYLES.get(row.state, "")),
            cell(str(row.attempts)),
            cell(clock(when, now) if when else ""),
            cell(row.answer, limit=100),
        )
    console.print(drawn)
    if any(row.state in ("failed", "in doubt") for row in rows):
        console.print("Send one again:  listener notify retry NUMBER", style="dim")
