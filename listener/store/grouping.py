"""What grouping keeps in the store, and the verbs with which machine and people change groups."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from listener.store.rows import HistoryRow
from triage.protocols import Decided, Remembered


@dataclass(frozen=True, slots=True)
class Grouping:
    """A clusterer's memory after the mention `through`, made of vectors of this model.

    Its words are those of posts: the state is empty after one of them was erased.
    """

    brand: str
    model: str
    through: int
    state: bytes


class WhereNow(NamedTuple):
    """Where posts are today, and what ids of issues mean today.

    `issues` has the issue (0: none) of every placed mention that is not erased; `ends` has only the
    ids that have become aliases.
    """

    issues: Mapping[int, int]
    ends: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class LinkRow:
    """Two mentions of which a person said that they belong together ("must") or not ("cannot")."""

    id: int
    brand: str
    rule: str
    mention: int
    other: int
    actor: str
    at: datetime
    history: int


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """What grouping would change in issues that people touched, for a person to decide.

    `rule` is "merge" (`issue` would become a part of `other`) or "split" (`mentions` would leave
    `issue`; `other` is 0). `state` is open, accepted or dismissed.
    """

    id: int
    brand: str
    rule: str
    issue: int
    other: int
    mentions: tuple[int, ...]
    reason: str
    state: str
    at: datetime
    actor: str
    decided_at: datetime | None


class GroupingScope(Protocol):
    """The part of a triage transaction that is about groups."""

    def grouping_epoch(self, brand: str) -> int:
        """A number that grows whenever anybody changes the brand's groups.

        Writing makes it grow too: whoever keeps groups in memory asks again after writing.
        """
        ...

    def grouping(self, brand: str, known: int = -1) -> Grouping | None:
        """The clusterer's memory that was written last with a batch; None when there is none.

        Its state is left out when it reaches through the mention `known`.
        """
        ...

    def decided(self, brand: str) -> Decided:
        """What people decided about the brand's issues: no grouping may change that.

        Touched are issues that a person named, merged, split, moved posts of, fixed or closed, or
        in which somebody was replied to, unless all of that was taken back. The strictness is that
        of the grouping calibration in use, 1 without one.
        """
        ...

    def where_now(self, brand: str, known: Remembered) -> WhereNow:
        """What became of the posts and issues that a clusterer remembers."""
        ...


class Groupings(Protocol):
    """The store's verbs for groups, beside merge and split."""

    def groups(self) -> AbstractContextManager[GroupingScope]:
        """Look at what grouping knows, in one consistent state; no writer waits for it."""
        ...

    def regroup(
        self, mentions: Sequence[int], source: int, target: int, actor: str, at: datetime
    ) -> HistoryRow:
        """Move mentions from one issue into another one, which keeps them; undone as a merge is.

        Must-links tie them to what is there, cannot-links keep them from what they left. Raises
        NotFound for an unknown issue, DeskError when either is merged, of another brand or the same,
        when a mention is not in the first, or when none would stay there (that is a merge).
        """
        ...

    def link(
        self, rule: str, brand: str, one: int, other: int, actor: str, at: datetime
    ) -> HistoryRow:
        """Write down that two mentions belong together ("must") or never do ("cannot").

        Nothing is moved by it. The row's entity is the link; undoing it takes the link away. Raises
        Conflict when that was said before, DeskError when a mention is in no issue of the brand.
        """
        ...

    def links(self, brand: str = "") -> list[LinkRow]:
        """The links that hold, oldest first."""
        ...

    def suggest(self, suggestions: Sequence[SuggestionRow]) -> int:
        """Keep suggestions (their ids are ignored); returns how many are new.

        One that was made before, whatever became of it, is not made again.
        """
        ...

    def suggestions(self, brand: str = "", state: str = "open") -> list[SuggestionRow]:
        """Suggestions in order of id; of open ones only those both of whose issues still stand."""
        ...

    def foreign_vectors(
        self, brand: str, model: str, limit: int, after: int = 0
    ) -> list[tuple[int, str]]:
        """Placed mentions of a brand without a vector of this model, with the words that placed them.

        In order of id, those after the mention `after`.
        """
        ...

    def count_foreign_vectors(self, brand: str, model: str) -> int:
        """How many such mentions there are."""
        ...

    def renew_vectors(self, vectors: Sequence[tuple[int, bytes]], model: str) -> None:
        """Give these mentions vectors of a model; what grouping kept of their brands goes."""
        ...

    def drop_vectors(self, models: Collection[str], limit: int, after: int = 0) -> int:
        """Forget vectors that none of these models made, of the next mentions after `after`.

        At most so many rows are looked at; returns the last mention among them, 0 when there is none.
        """
        ...
