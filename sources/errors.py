"""What can go wrong at a source.

    SourceError                 the run of one source failed; the others go on
    ├── Transient               try again: network, 5xx, truncated body
    │   └── RateLimited         try again, not before `until`
    ├── Unreadable              it answered, but not with what it should (HTML instead of a feed)
    ├── CredentialsRejected     tell the operator: a key or token is wrong or has expired
    ├── Gone                    tell the operator: it will not come back (410, deleted, renamed)
    └── Blocked                 refused by us: the address is not public, too large, too slow

`Transient` and `RateLimited` are the runner's business; the rest needs a person.
Messages name the source's address and what would have been right; they never hold a secret.
"""

from __future__ import annotations

from datetime import datetime


class SourceError(Exception):
    """The run of one source failed; what it yielded before is kept."""


class Transient(SourceError):
    """Worth another try later, with back-off."""


class RateLimited(Transient):
    """The platform asked for patience; nothing may be asked before `until` (aware, UTC)."""

    def __init__(self, message: str, until: datetime | None = None) -> None:
        """Take the platform's own moment; None when it named none."""
        super().__init__(message)
        self.until = until


class Unreadable(SourceError):
    """It answered, but not in the format it should: never to be read as "no news"."""


class CredentialsRejected(SourceError):
    """A key, token or password was refused; only a person can mend that."""


class Gone(SourceError):
    """The address has been given up for good."""


class Blocked(SourceError):
    """We refused to fetch: a non-public address, or an answer over a cap of size or time.

    `private` says that `allow_private` would let it through.
    """

    def __init__(self, message: str, *, private: bool = False) -> None:
        """Take the reason; `private` for an address of this machine or a private network."""
        super().__init__(message)
        self.private = private

    def to_mend(self, setting: str) -> str:
        """The setting to mend: `allow_private` where that would help, otherwise the one given."""
        return "allow_private" if self.private else setting
