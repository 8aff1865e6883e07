"""What pages and figures ask the store: counts that end early, posts behind a number, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from listener.store.rows import CaseRow, IssueRow, MentionRow, QueueQuery


@dataclass(frozen=True, slots=True)
class PostQuery:
    """Which posts are looked for. `since` and `until` bound [since, until) when they were written.

    `lane` is the lane of the verdict; `person` is an id of `people`; `search` are words that must
    all occur, the last one may be unfinished. `after` is (time, id) of the last row seen.
    """

    brand: str = ""
    lane: str = ""
    source: str = ""
    issue: int | None = None
    person: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str = ""
    limit: int = 50
    after: tuple[datetime, int] | None = None


class Volume(NamedTuple):
    """How many posts of one lane a source brought that were written in the hour from `start` on."""

    start: datetime
    source: str
    lane: str
    posts: int


class Wait(NamedTuple):
    """How long a case has waited: `answered_at` is when somebody first answered or resolved it."""

    case: int
    opened_at: datetime
    answered_at: datetime | None
    due_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class HandleRow:
    """One handle that is known to be a person's."""

    kind: str
    author_id: str
    handle: str
    name: str
    followers: int | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person and the handles known to be theirs, with how much they have written."""

    id: int
    name: str
    first_seen_at: datetime
    handles: tuple[HandleRow, ...]
    posts: int
    open_cases: int
    last_at: datetime | None


class Words(NamedTuple):
    """What the post that opened a case says, and where: all that a query can ask about."""

    case: int
    priority: int
    text: str
    title: str
    author: str
    url: str
    source: str
    kind: str
    lang: str


class Looking(Protocol):
    """The store's verbs for pages: they change nothing."""

    def waiting_since(self) -> datetime | None:
        """When the mention that is next to be judged was taken in, or had its last edit; None without."""
        ...

    def count(self, query: QueueQuery, most: int = 1_000) -> int:
        """How many cases a view holds; counting ends at `most`. Its `limit` and `after` are ignored."""
        ...

    def counts(self, asked: Sequence[tuple[QueueQuery | PostQuery, int]]) -> list[int]:
        """How many cases or posts each holds, all at one moment; counting ends at its number."""
        ...

    def posts(self, query: PostQuery) -> list[MentionRow]:
        """Posts, the latest first, each with its verdict for one brand. Erased ones are left out."""
        ...

    def count_posts(self, query: PostQuery, most: int = 1_000) -> int:
        """How many posts `posts` would list without its limit; counting ends at `most`."""
        ...

    def hourly(self, since: datetime) -> Mapping[str, int]:
        """Posts written in each UTC hour ("2026-11-20T09") since then, whatever they are about."""
        ...

    def volumes(self, brand: str, since: datetime, until: datetime) -> list[Volume]:
        """Posts by hour, source and lane, in order of time; those about no brand are left out."""
        ...

    def waits(self, brand: str, since: datetime, until: datetime) -> list[Wait]:
        """How long the cases opened in [since, until) have waited, in order of opening.

        Dismissed ones needed no answer and are left out.
        """
        ...

    def issue_days(self, issues: Sequence[int], since: datetime) -> Mapping[int, Mapping[str, int]]:
        """Posts of these issues by UTC day ("2026-11-20"), from `since` on; silent days are left out."""
        ...

    def words(self, query: QueueQuery) -> list[Words]:
        """What the cases say that `queue` would list, in its order: many are looked at for a few."""
        ...

    def cases(self, cases: Sequence[int]) -> list[CaseRow]:
        """These cases in the order given; those that there are not are left out."""
        ...

    def person(self, person: int) -> PersonRow | None:
        """One person by id."""
        ...

    def person_of(self, kind: str, author_id: str) -> PersonRow | None:
        """Whose handle this is."""
        ...

    def people(self, search: str = "", limit: int = 50) -> list[PersonRow]:
        """People whose name or handle contains the text, those with most posts first."""
        ...

    def cases_of_person(self, person: int, limit: int = 50) -> list[CaseRow]:
        """All cases of a person, the latest first."""
        ...

    def issues_like(self, issue: int, limit: int = 5) -> list[IssueRow]:
        """Open issues of the same brand that share phrases with this one, most shared first."""
        ...
