"""Every error a person can meet, and the exit code it ends with.

ListenerError               1   it failed; the message says what and what to type next
├── UsageError              2   the command was not understood
├── ConfigError             3   the configuration is wrong (file:line:column, "did you mean")
├── PartialFailure          4   some sources failed, the others went through
├── StoreError              1   the store could not be used
│   ├── StoreNewer          1   written by a newer version; upgrade
│   └── StoreBusy          75   another run holds the lock
│       └── LeaseLost      75   another worker has taken over what this one was doing
└── DeskError               1   a move that is not possible now
    ├── NotFound            1   no such case, issue, …
    └── Conflict            1   somebody was faster; says who and what
"""

from __future__ import annotations


class ListenerError(Exception):
    """Something failed; `str()` is one sentence, `hint` the next command to type."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        """Take the sentence and, where there is one, what to type next."""
        super().__init__(message)
        self.hint = hint


class UsageError(ListenerError):
    """The command was not understood."""

    exit_code = 2


class ConfigError(ListenerError):
    """The configuration is wrong; the message holds one line per mistake."""

    exit_code = 3


class PartialFailure(ListenerError):
    """Some sources failed; what the others brought is stored."""

    exit_code = 4


class StoreError(ListenerError):
    """The store could not be read or written; nothing was half done."""


class StoreNewer(StoreError):
    """The store was written by a newer version of the program."""


class StoreBusy(StoreError):
    """Another run holds the store's lock."""

    exit_code = 75


class LeaseLost(StoreBusy):
    """Another worker has taken over; nothing of this one's last transaction was kept."""


class DeskError(ListenerError):
    """A move that is not possible now; nothing was changed."""


class NotFound(DeskError):
    """There is no such case, issue, mention or person."""


class Conflict(DeskError):
    """Somebody was faster; the message says who did what."""
