"""The words, colours and marks that stand for numbers and bands; never a colour alone."""

from __future__ import annotations

from collections.abc import Mapping

# From how many points on a priority is called so. Words for people; nothing is decided by them.
_PRIORITIES = ((80, "urgent", "bold red"), (60, "high", "red"), (40, "medium", "yellow"))

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


def priority_word(points: int) -> tuple[str, str]:
    """The word for a priority and its style."""
    for least, word, style in _PRIORITIES:
        if points >= least:
            return word, style
    return "low", ""
