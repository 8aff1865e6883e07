"""Reads the `queue:` section of a file by itself: a policy to be tried before it is adopted."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from listener.config.document import read_document
from listener.config.mistakes import Mistaken
from listener.config.queue import QueueConfig
from listener.config.validation import Checked
from listener.errors import ConfigError


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    queue: QueueConfig


def load_queue(path: Path) -> QueueConfig:
    """The `queue:` section of a YAML file; other sections are not looked at.

    Raises ConfigError with one line per mistake, as `load` does. Variables are not expanded.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", f"ls -ld {path}") from None
    return read_queue(raw, str(path))


def read_queue(raw: bytes, name: str) -> QueueConfig:
    """The same from bytes; `name` stands before the line of every mistake."""
    try:
        document = read_document(raw)
        checked = Checked(document, {}, {})
        data = {name: value for name, value in document.data.items() if name == "queue"}
        section = checked.build(_Section, data, ())
        if section is None:
            raise Mistaken(checked.mistakes)
    except Mistaken as mistaken:
        lines = [mistake.line(name) for mistake in mistaken.mistakes]
        raise ConfigError("\n".join(lines), "docs/configuration.md, section queue") from None
    return section.queue
