"""Logs on stderr: readable on a terminal, JSON lines elsewhere, secrets masked in both.

Only commands call `configure`; importing any module of ours changes nothing about logging.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TextIO

import structlog

from listener.config.environment import wants_colour

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "[secret]"

# Shorter values are words of the language: masking them would garble every line.
SHORTEST = 4

_SECRET_KEY = re.compile(
    r"(?i)(?:^|[_-])(?:password|passwd|secret|token|api_?key|authorization|cookie|credentials?)$"
)
_IN_TEXT = re.compile(
    r"(?i)(\b(?:bearer|basic)\s+|://[^/\s:@]{0,200}:(?=[^/\s@]{1,200}@)"
    r"|\b(?:access_token|api_key|apikey|client_secret|password|token)=)[^\s&@\"']+"
)


# Control characters but tab and line feed, and the marks that turn the direction of writing.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Mask:
    """A step of the log that takes secrets out of every text of an entry, whatever its depth.

    A secret is a value it was told of (`hide`), the value of a key that is named like a secret, and
    what stands behind `Bearer`, `token=` or `user:` in an address.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Begin with these values."""
        self._secrets: tuple[str, ...] = ()
        self.hide(secrets)

    def hide(self, secrets: Iterable[str]) -> None:
        """Also mask these values from now on."""
        known = {secret for secret in secrets if len(secret) >= SHORTEST} | set(self._secrets)
        # The longest first: one secret may be a part of another.
        self._secrets = tuple(sorted(known, key=lambda secret: (-len(secret), secret)))

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """Mask one entry."""
        return {key: self._value(key, value) for key, value in event.items()}

    def text(self, text: str) -> str:
        """Mask one text."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return _IN_TEXT.sub(rf"\1{MASK}", text)

    def _value(self, key: str, value: object) -> object:
        if _SECRET_KEY.search(key) and value:
            return MASK
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {str(name): self._value(str(name), inner) for name, inner in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._value("", inner) for inner in value]
        return self.text(str(value))


def configure(secrets: Iterable[str] = (), *, verbose: bool = False) -> None:
    """Send all logs, structlog's and the standard library's, to stderr; may be called again.

    `secrets` are values to mask wherever they turn up; `verbose` shows debug entries of ours.
    """
    mask = Mask(secrets)
    steps: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask,
    ]
    # Every entry takes one road through the standard library, so that entries of libraries are
    # masked and written like ours.
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder()],
            processors=[
                *steps,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _harmless,
                _renderer(sys.stderr),
            ],
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for package in ("listener", "triage", "sources"):
        logging.getLogger(package).setLevel(logging.DEBUG if verbose else logging.INFO)


def hide(secrets: Iterable[str]) -> None:
    """Mask these values too, in logs that are configured; harmless before."""
    for handler in logging.getLogger().handlers:
        formatter = handler.formatter
        if isinstance(formatter, structlog.stdlib.ProcessorFormatter):
            for step in formatter.processors:
                if isinstance(step, Mask):
                    step.hide(secrets)


def _harmless(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Take escape sequences out: what a platform sent must not steer the operator's terminal."""
    return {
        key: _CONTROL.sub("\ufffd", value) if isinstance(value, str) else value
        for key, value in event.items()
    }


def _renderer(stream: TextIO) -> Processor:
    if stream.isatty():
        plain = structlog.dev.plain_traceback
        return structlog.dev.ConsoleRenderer(colors=wants_colour(stream), exception_formatter=plain)
    return structlog.processors.JSONRenderer(ensure_ascii=False)
