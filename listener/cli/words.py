"""The words, colours and marks that stand for numbers and bands; never a colour alone."""

from __future__ import annotations

from collections.abc import Mapping

from listener.store.rows import CaseRow
from triage.priority import matter

# From how many points on a matter is called so. Words for people; nothing is decided by them.
_PRIORITIES = ((55, "urgent", "bold red"), (45, "high", "red"), (30, "medium", "yellow"))

LANE_STYLES: Mapping[str, str] = {
    "complaint": "red",
    "question": "cyan",
    "idea": "magenta",
    "praise": "green",
    "muted": "dim",
}
VIGILANTE_MARKS: Mapping[str, tuple[str, str]] = {
    "likely": ("▲ vigilante", "bold red"),
    "possible": ("△ vigilante?", "yellow"),
}
SENTIMENT_STYLES: Mapping[str, str] = {"negative": "red", "positive": "green", "unknown": "dim"}


def priority_word(case: CaseRow) -> tuple[str, str]:
    """The word for what a case is about, and its style.

    Waiting and broken promises are left out: they move a case up, and its promise is shown by
    itself, but they do not make a small matter urgent. A number set by hand is taken at its word.
    """
    points = matter(case.reasons) if case.manual_priority is None else case.manual_priority
    for least, word, style in _PRIORITIES:
        if points >= least:
            return word, style
    return "low", ""
