"""What told the judge so, on a terminal: the parts of each figure, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from listener.cli.console import safe

if TYPE_CHECKING:
    from rich.console import Console

    from triage.explanation import Explained

MOST_PARTS = 6
LITTLE = 0.05
HEADS = {"complaint": "complaint", "severity_3": "severity", "sentiment/negative": "bad mood"}
HEADS |= {"any_sentiment/negative": "bad mood"}


def print_told(console: Console, explained: Explained, version: str) -> None:
    """Print the most telling parts of complaint, severity and mood, and what would change them.

    `version` is what made the verdict: more than the judge where corrections moved it.
    """
    before = " before corrections moved it" if version != explained.version else ""
    console.print(f"\nWhat told the judge{before}", style="bold")
    for line in told_lines(explained):
        console.print(f"  {safe(line, 300)}")


def told_lines(explained: Explained) -> Iterator[str]:
    """One line a head, in log-odds; one a change."""
    from triage.explanation import REST, points
    from triage.figures import says_of

    for head, name in HEADS.items():
        parts = [part for part in points(explained, head) if part[0] != REST]
        telling = [
            f"{says_of(said)} {added:+.1f}"
            for said, added in parts[:MOST_PARTS]
            if abs(added) >= LITTLE
        ]
        if telling:
            yield f"{name}: {', '.join(telling)}"
    for lift in explained.lifts:
        yield f"severity: at least {lift.band} by policy, {says_of(lift.name)}: “{lift.words}”"
    for change in explained.changes:
        named = ", ".join(f"“{says_of(part)}”" for part in change.without)
        yield f"{change.about} is {change.was}; without {named} it would be {change.to}"
