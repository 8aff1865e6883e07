"""What a visitor may not do, each with the status that says so.

Refusal (a ListenerError)
├── NotSignedIn     401   nobody is signed in, or the key is unknown
├── NotAllowed      403   the role or the token's scope does not cover it
├── Forged          403   the request does not come from our own pages
├── TooMany         429   wait `after`, then try again
├── TooBusy         503   wait `after`, then try again
└── Unfit           422   a field does not fit; `field` names it
"""

from __future__ import annotations

from datetime import timedelta

from listener.errors import (
    Conflict,
    DeskError,
    ListenerError,
    NotFound,
    StoreBusy,
    StoreError,
    UsageError,
)


class Refusal(ListenerError):
    """A visitor may not do this; nothing was changed."""

    status = 403

    @property
    def after(self) -> int:
        """How many seconds to wait before trying again; 0 when that would not help."""
        return 0


class NotSignedIn(Refusal):
    """Nobody is signed in."""

    status = 401


class NotAllowed(Refusal):
    """The person's role, or the token's scope, does not cover this."""


class Forged(Refusal):
    """Another site's page asked for this in the visitor's name."""


class TooMany(Refusal):
    """Too many attempts; trying again helps only later."""

    status = 429

    def __init__(self, message: str, wait: timedelta, hint: str = "") -> None:
        """Take how long to wait beside the sentence."""
        super().__init__(message, hint)
        self.wait = wait

    @property
    def after(self) -> int:
        """How many seconds to wait, at least one."""
        return max(1, -(-self.wait // timedelta(seconds=1)))


class TooBusy(TooMany):
    """The server has too much to do at this moment."""

    status = 503


class Unfit(Refusal):
    """A value that somebody sent does not fit."""

    status = 422

    def __init__(self, message: str, field: str, hint: str = "") -> None:
        """Take the field's name beside the sentence."""
        super().__init__(message, hint)
        self.field = field


def status_of(error: ListenerError) -> int:
    """The HTTP status that tells of an error."""
    if isinstance(error, Refusal):
        return error.status
    for kind, status in (
        (NotFound, 404),
        (Conflict, 409),
        (DeskError, 422),
        (UsageError, 422),
        (StoreBusy, 503),
        (StoreError, 503),
    ):
        if isinstance(error, kind):
            return status
    return 500


def retry_after(error: ListenerError) -> int:
    """Seconds to wait before trying again; 0 when that would not help."""
    if isinstance(error, Refusal):
        return error.after
    return 5 if isinstance(error, StoreError) else 0
