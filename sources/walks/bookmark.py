"""How far a feed has been read: what goes into the cursor of a feed."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

FORMAT = 1
MOST_SEEN = 10_000
LONGEST_VALIDATOR = 500
TRUST_UNCHANGED = timedelta(days=1)


def fingerprint(text: str, size: int = 6) -> str:
    """Return a short hash for comparing, 4 characters for 3 bytes; the text is not in it."""
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=size).digest()
    return urlsafe_b64encode(digest).decode("ascii").rstrip("=")


@dataclass(frozen=True, slots=True)
class Bookmark:
    """What is remembered of a feed between two visits; no secret is in it.

    `feed` is the fingerprint of the configured address: another address starts afresh. `moved` is
    where a permanent redirect led, if that address cannot hold a secret. `etag` and `modified` are
    the validators of the last complete answer, read at `full`. `seen` maps the fingerprint of an
    entry's id to that of its content, for the entries of the last answer; `count` is how many that
    held, `newest` the latest date, `top` the fingerprint of the entry that has it. `hubless` says
    that it named no hub to be pushed from. From `owed_from` to `owed_to` entries were missed that
    older pages of the feed may show; `tries` counts the visits that have looked for them.
    """

    feed: str
    moved: str = ""
    etag: str = ""
    modified: str = ""
    full: str = ""
    count: int = 0
    newest: str = ""
    top: str = ""
    hubless: bool = False
    owed_from: str = ""
    owed_to: str = ""
    tries: int = 0
    seen: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str | None, url: str) -> Bookmark:
        """Read a cursor; one that is missing, foreign or of another address starts afresh."""
        fresh = cls(feed=fingerprint(url, 12))
        try:
            data = json.loads(cursor or "")
            if data.pop("format") != FORMAT:
                return fresh
            found = cls(**data)
            sound = all(isinstance(found.seen[name], str) for name in found.seen)
            if found.owed_from:
                sound &= found.owed()[0] <= found.owed()[1] and found.tries >= 0
        except (ValueError, TypeError, KeyError, AttributeError):
            return fresh
        return found if sound and found.feed == fresh.feed else fresh

    def write(self) -> str:
        """Write the cursor: compact JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, separators=(",", ":"))

    def may_ask_conditionally(self, now: datetime) -> bool:
        """Whether "unchanged" would be believed.

        Some servers say so for ever; once a day the whole feed is asked for, so that a quiet feed
        is never a blind one.
        """
        if not self.etag and not self.modified:
            return False
        try:
            age = now - datetime.fromisoformat(self.full)
        except (ValueError, TypeError):
            return False
        return timedelta(0) <= age < TRUST_UNCHANGED

    def owing(self, start: datetime, end: datetime) -> Bookmark:
        """Return the bookmark with one more stretch to look for; neighbours become one."""
        first = min(filter(None, (self.owed_from, start.isoformat())))
        last = max(self.owed_to, end.isoformat())
        return replace(self, owed_from=first, owed_to=last, tries=0)

    def owed(self) -> tuple[datetime, datetime]:
        """Return the stretch to look for; there must be one."""
        return datetime.fromisoformat(self.owed_from), datetime.fromisoformat(self.owed_to)

    def newest_moment(self) -> datetime | None:
        """Return the date of the newest entry seen so far."""
        try:
            return datetime.fromisoformat(self.newest) if self.newest else None
        except ValueError:
            return None


def validator(value: str) -> str:
    """Return a validator that is fit to be sent back, "" for one that is not."""
    fit = len(value) <= LONGEST_VALIDATOR and value.isascii() and value.isprintable()
    return value if fit else ""
