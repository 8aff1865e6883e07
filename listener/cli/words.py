"""The words, colours and marks that stand for numbers and bands; never a colour alone."""

from __future__ import annotations

from collections.abc import Mapping

from listener.store.rows import CaseRow
from listener.urgency import urgency

_STYLES: Mapping[str, str] = {"urgent": "bold red", "high": "red", "medium": "yellow"}

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
WAKES: Mapping[str, str] = {"answer": "they answer", "worse": "it gets worse"}
SENTIMENT_STYLES: Mapping[str, str] = {"negative": "red", "positive": "green", "unknown": "dim"}


def priority_word(case: CaseRow) -> tuple[str, str]:
    """The word for what a case is about, and its style."""
    word = urgency(case.reasons, case.manual_priority)
    return word, _STYLES.get(word, "")
