"""What people type at the desk, checked: names, texts, reasons."""

from __future__ import annotations

from listener.errors import DeskError

LONGEST_NAME = 100
LONGEST_NOTE = 2_000
LONGEST_TITLE = 200
LONGEST_TEXT = 10_000


def actor_name(name: str) -> str:
    """The name of who acts, trimmed. Raises DeskError unless it is one line of fair length."""
    clean = name.strip()
    if not clean:
        raise DeskError("who are you? a move needs a name", "the same command with --as NAME")
    if len(clean) > LONGEST_NAME or not clean.isprintable():
        raise DeskError(
            f"a name is one line of at most {LONGEST_NAME} characters",
            "the same command with --as NAME",
        )
    return clean


def words(text: str, what: str, longest: int = LONGEST_TEXT) -> str:
    """A text somebody typed, trimmed. Raises DeskError when nothing or too much is left of it."""
    clean = text.replace("\x00", "").strip()
    if not any(character.isprintable() and not character.isspace() for character in clean):
        raise DeskError(f"{what} is empty", f"the same command with {what} in quotes")
    if len(clean) > longest:
        raise DeskError(
            f"{what} has {len(clean):,} characters, at most {longest:,} are kept",
            "the same command with less",
        )
    return clean


def remark(text: str) -> str:
    """A text that may be left out; bounded all the same."""
    return words(text, "the remark", LONGEST_NOTE) if text.strip() else ""
