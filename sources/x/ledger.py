"""What the cursor of X holds: how far each search has been read, and what was paid for today."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from sources.snowflake import is_snowflake, made_at
from sources.x.search import Trail

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sources.mention import Mention

FORMAT = 1
MOST_CONVERSATIONS = 20
CONVERSATION_AGE = timedelta(days=2)


@dataclass(slots=True)
class Ledger:
    """The place of the search and of each conversation, and the posts read on one UTC day.

    `query` is the fingerprint of the search: another search starts afresh, what was paid for stays.
    `latest` maps a conversation to its newest post, for those that were last heard of.
    """

    query: str
    day: str = ""
    read: int = 0
    search: Trail = field(default_factory=Trail)
    conversations: dict[str, Trail] = field(default_factory=dict)
    latest: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: str | None, query: str) -> Self:
        """Read a cursor; what is missing, foreign or of another search starts afresh."""
        fresh = cls(hashlib.blake2b(query.encode(), digest_size=8).hexdigest())
        try:
            data = json.loads(cursor or "")
            if data["format"] != FORMAT:
                return fresh
            fresh.day, fresh.read = str(data["day"]), max(int(data["read"]), 0)
            if data["query"] != fresh.query:
                return fresh
            named = data["conversations"].items()
            latest = {str(name): abs(int(one)) % (1 << 63) for name, one in data["latest"].items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            return fresh
        fresh.search = Trail.read(data.get("search"))
        fresh.conversations = {str(name): Trail.read(one) for name, one in named}
        fresh.latest = {name: one for name, one in latest.items() if is_snowflake(name)}
        return fresh

    def write(self) -> str:
        """Write the cursor: compact JSON."""
        data = {
            "format": FORMAT,
            "query": self.query,
            "day": self.day,
            "read": self.read,
            "search": self.search.write(),
            "conversations": {name: one.write() for name, one in self.conversations.items()},
            "latest": self.latest,
        }
        return json.dumps(data, separators=(",", ":"))

    def read_on(self, now: datetime) -> int:
        """Return how many posts were read on the UTC day of `now`."""
        today = now.date().isoformat()
        if self.day != today:
            self.day, self.read = today, 0
        return self.read

    def remember(self, mentions: Iterable[Mention], now: datetime) -> None:
        """Note the conversations mentions stand in; keep the 20 liveliest of the last two days."""
        for mention in mentions:
            root = mention.thread.root or mention.external_id
            if is_snowflake(root):
                self.latest[root] = max(int(mention.external_id), self.latest.get(root, 0))
        lively = sorted(self.latest.items(), key=lambda pair: -pair[1])[:MOST_CONVERSATIONS]
        oldest = now - CONVERSATION_AGE
        self.latest = {name: one for name, one in lively if made_at(one) > oldest}
        kept = self.conversations.items()
        self.conversations = {name: one for name, one in kept if name in self.latest}
