"""What sends a message, and what can come of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from listener.notifiers.message import Message


class Fate(StrEnum):
    """What became of a message: it arrived, it certainly did not, it never will, or nobody knows."""

    SENT = "sent"
    NOT_SENT = "not sent"
    REFUSED = "refused"
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one message. `answer` holds no secret; `retry_at` is when the other side asks
    to be tried again.
    """

    fate: Fate
    answer: str = ""
    retry_at: datetime | None = None


class Notifier(Protocol):
    """Sends messages to one target.

    `send` tries once, within a bounded time, and never raises: what goes wrong is a `Sent`. It says
    NOT_SENT or REFUSED only when the message certainly did not arrive; after any other trouble it is
    IN_DOUBT. Used by one thread at a time, which need not be the one that made it.
    """

    kind: str

    def send(self, message: Message) -> Sent:
        """Send a message once."""
        ...
