"""What was said: a mention, its author and its place in a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it, as the platform tells it.

    `id` is the platform's own stable id (`did:plc:…`, `u/name`, `115887`), empty when the platform
    names nobody; `handle` is what people type to address them; `followers` is None when unknown.
    """

    id: str = ""
    handle: str = ""
    name: str = ""
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """Where in a conversation a mention stands, as external ids of the same platform.

    `root` opened the conversation, `parent` is what was answered; both empty for a post of its own.
    """

    root: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """One public post, comment, review or message, exactly as seen.

    `(kind, external_id)` is its natural key: `kind` names the platform, not the configured source,
    so that two routes to one post meet. `text` is plain text (sources turn markup into text) and
    never None; `created_at` is aware and in UTC. `lang` is what the platform declares (BCP 47),
    not what we detect. `metrics` are numbers of the platform (`likes`, `replies`, `stars`, …).
    `sample` marks invented posts and stays with them everywhere they are shown.
    """

    kind: str
    external_id: str
    text: str
    created_at: datetime
    author: Author = Author()
    url: str = ""
    title: str = ""
    lang: str = ""
    thread: Thread = Thread()
    metrics: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    sample: bool = False

    def __post_init__(self) -> None:
        """Refuse what would break the store's promises: no key, or a time without a zone."""
        if not self.kind or not self.external_id:
            raise ValueError(
                f"a mention needs a kind and an id, got {self.kind!r}, {self.external_id!r}"
            )
        if self.created_at.tzinfo is not UTC:
            if self.created_at.tzinfo is None:
                raise ValueError(f"{self.kind} {self.external_id}: created_at has no time zone")
            object.__setattr__(self, "created_at", self.created_at.astimezone(UTC))

    @property
    def full_text(self) -> str:
        """What is judged and shown: the title, an empty line, the text; spans of signals count in it."""
        if not self.title or self.text.startswith(self.title):
            return self.text
        return f"{self.title}\n\n{self.text}" if self.text else self.title

    @property
    def key(self) -> tuple[str, str]:
        """The natural key: the same post has the same key, whatever route it came by."""
        return self.kind, self.external_id


def utc(moment: datetime) -> str:
    """Write a moment as the store and the exports do: ISO 8601, UTC, seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
