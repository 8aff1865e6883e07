"""What the scripts say, so that it can be translated: the pages bring it along."""

from __future__ import annotations

SCRIPT_WORDS = (
    "Next case",
    "Case before",
    "Open the first",
    "Choose for several at once",
    "Claim",
    "Write a reply",
    "Write a note",
    "Snooze",
    "Resolve",
    "Dismiss",
    "Assign",
    "Approve the draft",
    "Label",
    "Undo",
    "Search",
    "These keys",
    "Go to %s",
    "Theme: %s",
    "light",
    "dark",
    "system",
    "Search the queue for “%s”",
    "%s characters too long",
    "%s characters left",
    "The server does not answer. Nothing was done.",
)
