"""The store's promises: everything that is kept goes through these verbs, and no SQL leaks out.

Every writing verb is one transaction: it happens whole or not at all, also under `kill -9`.
Repeating a write is harmless: mentions are unique by (kind, external id), verdicts by (mention,
brand), moves are conditional. Reading verbs see a consistent state. One instance may be used by
one thread at a time; several instances, also in several processes, may use one store.

Raises `listener.errors.StoreError` and its kinds: a full disk, a locked, missing or newer store.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from listener.store.alarms import Alarms
from listener.store.calibrations import Calibrations
from listener.store.corrections import Corrections
from listener.store.following import Following
from listener.store.forgetting import Forgetting
from listener.store.grouping import Groupings, GroupingScope
from listener.store.labels import Labels
from listener.store.looking import Looking
from listener.store.rows import (
    Article,
    CaseFactsRow,
    CaseFile,
    CaseRow,
    Collected,
    Counted,
    GapRow,
    HistoryRow,
    Hour,
    IssueRow,
    LoopRow,
    MentionRow,
    Move,
    OpenCase,
    PastCase,
    Pending,
    Priced,
    QueueQuery,
    Rejection,
    ReplyRow,
    RunRow,
    SourceState,
    Span,
    StoryRow,
    Totals,
    Triaged,
)
from listener.store.verification import Verifying
from triage.protocols import Placement, Post


class TriageScope(GroupingScope, Protocol):
    """One triage batch's transaction: what is read here cannot change before it is written."""

    def still_pending(self, mentions: Sequence[int]) -> frozenset[int]:
        """Of these mentions, those that nobody else has judged meanwhile."""
        ...

    def new_issue(self) -> int:
        """Reserve the id of a new issue: the next integer, never given twice."""
        ...

    def grouped(self, brand: str, mentions: Sequence[int]) -> frozenset[int]:
        """Of these mentions, those that are in an issue of the brand already."""
        ...

    def open_cases(self, brand: str, people: Sequence[tuple[str, str]]) -> list[OpenCase]:
        """The open cases of these people, given as (kind, author id)."""
        ...

    def stories(
        self, brand: str, articles: Sequence[Article], within: timedelta
    ) -> dict[int, StoryRow]:
        """For each of these articles the earliest placed mention of the same story, by mention.

        Only mentions of the brand with a smaller id, written within that time before or after.
        """
        ...

    def with_case(self, brand: str, originals: Collection[int]) -> frozenset[int]:
        """Of these mentions, those that have opened a case, themselves or by a copy of them."""
        ...

    def corrected(
        self, mentions: Sequence[int]
    ) -> Mapping[tuple[int, str], Sequence[tuple[str, str]]]:
        """What people have corrected about these mentions, by (mention, brand): (field, value)."""
        ...

    def write(self, batch: Triaged) -> list[int]:
        """Write verdicts, signals, vectors, memberships, issues, labels and cases; clear pending.

        Replaces what an earlier version had written for the same mention and brand. Returns the ids
        of the cases whose priority must be computed anew (opened, joined, or their issue has grown a
        level of `triage.priority`). Then it carries out the refinements: posts move with what repeats
        them, absorbed issues become aliases, every change is a history row by "listener" with its
        reason, undone as a person's would be. The batch must hold everything there is to say about
        each of its mentions: a brand that a mention was judged for earlier, and is not in the batch,
        loses it. An open case that a person writes to again is new again when it was waiting or
        snoozed, as are those that sleep until they get worse and have (see `triage.worsening`); a
        fixed issue that gets a complaint written after the fix is open again.
        """
        ...

    def case_facts(self, cases: Sequence[int]) -> list[CaseFactsRow]:
        """The facts behind the priority of these cases, in order of id."""
        ...

    def price(self, priced: Sequence[Priced], at: datetime | None = None) -> None:
        """Replace the parts and totals of these cases; a manual priority keeps its total.

        With `at`, wake those that sleep until they get worse and have; see `triage.worsening`.
        """
        ...


class Store(
    Corrections,
    Calibrations,
    Looking,
    Alarms,
    Following,
    Groupings,
    Forgetting,
    Labels,
    Verifying,
    Protocol,
):
    """Where everything is kept."""

    def close(self) -> None:
        """Give the files back; a closed store can't be used."""
        ...

    def __enter__(self) -> Self:
        """Use it in a `with` block."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        ...

    # collecting

    def cursor(self, source: str) -> str | None:
        """How far the source got; None before its first batch."""
        ...

    def open_run(self, source: str, at: datetime) -> int:
        """Begin a run in the coverage ledger; returns its id.

        Earlier unfinished runs of the source become interrupted.
        """
        ...

    def collect(self, batch: Collected) -> Counted:
        """Write mentions, tombstones, cursor, gap and counts together.

        That the source has brought a mention is kept with it, also when another one was first.
        A known mention with another text, title or rating is an edit: the newer text is kept, the
        earlier one goes to the edits, and the mention becomes pending again; its author and time
        stay as first seen. A text it has had before is an old copy on a slow route: known, no edit.
        Several versions in one batch are edits in their order, and the last one stays. A tombstone
        erases the text everywhere, for good, and closes its case, unless the person's other posts
        in it still wait; then the case goes on with the earliest of them.
        """
        ...

    def close_run(self, run: int, outcome: str, note: str, at: datetime) -> None:
        """End a run: outcome ok, stopped or failed."""
        ...

    def set_health(self, state: SourceState) -> None:
        """Write how a source is."""
        ...

    def health(self, source: str = "") -> list[SourceState]:
        """How every source is, by name; or one, when it has run."""
        ...

    def runs(self, source: str = "", limit: int = 100) -> list[RunRow]:
        """The latest runs, newest first."""
        ...

    def brought(self, source: str, since: datetime) -> int:
        """How many mentions the runs that began since then brought: new ones and edits."""
        ...

    def listened_since(self, source: str) -> datetime | None:
        """When the source's first run began; None before it."""
        ...

    def hours(self, source: str, since: datetime) -> list[Hour]:
        """What the runs that began since then brought, hour by hour, oldest first.

        What a run brought that failed or was stopped counts to the next one that went through; the
        source's first such run tells nothing about its rhythm and is left out.
        """
        ...

    def gaps(self, source: str = "") -> list[GapRow]:
        """All gaps, newest first."""
        ...

    def rejections(self, source: str = "", limit: int = 100) -> list[Rejection]:
        """Items that could not be read, latest first."""
        ...

    # triage

    def pending(self, limit: int) -> list[Pending]:
        """Mentions waiting to be judged, in order of arrival."""
        ...

    def talks(self, mentions: Sequence[Pending]) -> dict[int, tuple[str, ...]]:
        """The brands that these people talk about already, by mention, each by name.

        Those for which an earlier mention of the same person was judged that a mention answers, or
        that opened its thread or stands in it.
        """
        ...

    def triage(self) -> AbstractContextManager[TriageScope]:
        """Open a triage transaction as a context manager; leaving it commits, an error undoes all."""
        ...

    def placed(
        self, brand: str, limit: int, model: str = "", after: int = 0
    ) -> Iterator[tuple[Post, Placement]]:
        """The brand's latest `limit` placed posts in order of id, merged issues resolved.

        Only those with a larger id than `after`. Ungrouped ones have issue 0; erased ones are left
        out. Vectors are those of `model`, and empty where there is none of it.
        """
        ...

    def cases_to_price(self, at: datetime, limit: int) -> list[int]:
        """Open cases one of whose parts changes by `at`, the longest overdue first.

        Leases and snoozes that are over by then are ended before: those cases are new again, with a
        history row by "listener", and are among those returned.
        """
        ...

    # the desk

    def queue(self, query: QueueQuery) -> list[CaseRow]:
        """Cases by priority, highest first, then oldest."""
        ...

    def case(self, case: int) -> CaseFile | None:
        """One case with everything known about it."""
        ...

    def thread(self, case: int) -> list[MentionRow]:
        """The conversations a case is part of, in order of time, whoever spoke in them.

        What the case's mentions answer, what opened their threads, and the answers to these, down
        to answers to answers; of the same platform, at most 100, the nearest to the case first.
        Each mention once, with its verdict for the case's brand if it has one. Empty without the
        case.
        """
        ...

    def move(self, move: Move) -> HistoryRow | None:
        """Apply one conditional move with its history row; None when `expect` no longer holds.

        Times among the values are written as `sources.mention.utc` does. A change of
        `manual_priority` changes `priority` with it. A move on an entity that is kept elsewhere
        (a user) is only written down. Raises NotFound without the row, ValueError for a column that
        no move may change.
        """
        ...

    def add_reply(self, reply: ReplyRow, actor: str) -> HistoryRow:
        """Keep a draft or note (its `id` is ignored) with a history row."""
        ...

    def replies(self, case: int) -> list[ReplyRow]:
        """Drafts, replies and notes of a case in order."""
        ...

    def history(
        self, case: int | None = None, limit: int = 100, *, by_people: bool = False
    ) -> list[HistoryRow]:
        """Moves, newest first; of one case or of all, of the machine too or of people alone."""
        ...

    def undo(self, history: int, actor: str, at: datetime) -> HistoryRow | None:
        """Take one move back; None when what it changed has been changed again since.

        Merges and splits too, exactly; a draft or note is cancelled, not deleted. Raises NotFound for
        an unknown move, Conflict for one taken back already, DeskError for an undo and for what the
        author of a post did.
        """
        ...

    # issues

    def issues(self, brand: str = "", state: str = "", limit: int = 100) -> list[IssueRow]:
        """Issues that are not merged into others, by number of people, largest first."""
        ...

    def issue(self, issue: int) -> IssueRow | None:
        """One issue; a merged one is followed to where it went."""
        ...

    def merge(self, source: int, target: int, actor: str, at: datetime) -> HistoryRow:
        """Move all of one issue into another; its id stays as an alias and a must-link is kept.

        Raises NotFound for an unknown issue, DeskError when either is merged already, when they are
        the same, or of two brands.
        """
        ...

    def split(self, issue: int, mentions: Sequence[int], actor: str, at: datetime) -> HistoryRow:
        """Move these mentions of an issue into a new one; cannot-links are kept.

        The row's `entity_id` is the new issue. Raises NotFound for an unknown issue, DeskError when
        it is merged, a mention is not in it, or none would move or stay.
        """
        ...

    def loop(self, issue: int) -> list[LoopRow]:
        """Everyone who complained about an issue, and whether they were told."""
        ...

    # looking and exporting

    def mention(self, kind: str, external_id: str) -> MentionRow | None:
        """One mention by natural key."""
        ...

    def mentions(self, span: Span, issue: int | None = None) -> Iterator[MentionRow]:
        """Mentions in order of time, streamed."""
        ...

    def all_cases(self, span: Span) -> Iterator[CaseRow]:
        """Cases in order of opening, streamed."""
        ...

    def past_cases(self, span: Span) -> Iterator[PastCase]:
        """Cases that needed an answer, in order of arrival, streamed; the span is of their opening."""
        ...

    def all_issues(self, span: Span) -> Iterator[IssueRow]:
        """Issues that have a mention in the span, in order of id, streamed; counts are of the span."""
        ...

    def totals(self, brand: str = "") -> Totals:
        """Counts for headers and health."""
        ...

    def backup(self, path: str, progress: Callable[[int, int], None] | None = None) -> None:
        """Write a consistent copy while in use, and verify it by opening it.

        `progress` gets (pages done, pages in all). The copy appears under its name only when it is
        whole; raises StoreError when there is a file of that name already.
        """
        ...
