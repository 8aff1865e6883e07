"""What goes into the store and what comes out: frozen values, no SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from listener.store.coverage import Collected as Collected
from listener.store.coverage import Counted as Counted
from listener.store.coverage import GapRow as GapRow
from listener.store.coverage import Hour as Hour
from listener.store.coverage import Rejection as Rejection
from listener.store.coverage import RunRow as RunRow
from listener.store.coverage import SourceState as SourceState
from listener.store.span import Span as Span
from listener.store.span import Totals as Totals
from sources.mention import Mention
from triage.protocols import Label, Placement, Refinement
from triage.verdict import Priority, PriorityPart, Verdict

Value = str | int | float | None

# ── triage ──────────────────────────────────────────────────────────────────────────────────────


class Pending(NamedTuple):
    """A stored mention that lacks a current verdict.

    `brand` is the brand it is bound to, "" when the queries decide. `again` says that it had a
    verdict before: it was edited, or is judged anew.
    """

    id: int
    source: str
    mention: Mention
    brand: str = ""
    again: bool = False


class NewCase(NamedTuple):
    """The case a mention opens, or the open case it joins.

    Cases are named by the mention that opened them, so that one batch can open and join the same
    case: `joins` is that mention's id, 0 when this mention opens its own. `waits_from` is the moment
    from which waiting counts when that is not `opened_at`.
    """

    joins: int
    lane: str
    opened_at: datetime
    due_at: datetime | None
    waits_from: datetime | None = None


class Judged(NamedTuple):
    """All that one mention brings for one brand ("" when no brand's query matched).

    `placement` None leaves the mention where it was grouped before, or ungrouped. `case` None opens
    none; a case that exists already for the mention and brand is kept and follows the new verdict,
    except that an untouched one whose lane needs no answer any more is dismissed by "listener".
    `matched` says which words of the query matched.
    """

    mention: int
    brand: str
    verdict: Verdict
    vector: bytes = b""
    placement: Placement | None = None
    case: NewCase | None = None
    matched: str = ""


@dataclass(frozen=True, slots=True)
class Triaged:
    """What one triage batch writes, in one transaction."""

    judged: Sequence[Judged]
    labels: Sequence[tuple[str, Label]]  # (brand, label)
    at: datetime
    model: str  # of the vectors, but for those of brands in `models`
    refinements: Sequence[tuple[str, Refinement]] = ()  # (brand, what placing has changed besides)
    kept: Sequence[tuple[str, int, bytes]] = ()  # (brand, last mention, the clusterer's memory)
    models: Mapping[str, str] = field(default_factory=dict)  # of brands grouped by other vectors

    def model_of(self, brand: str) -> str:
        """What made the vectors of a brand."""
        return self.models.get(brand, self.model)


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What deciding about a later mention must know of the same person's open case.

    `mention` is the one that opened it; `threads` are the roots, parents and ids of its mentions,
    `started` of which answer nobody.
    """

    id: int
    mention: int
    brand: str
    kind: str
    author_id: str
    threads: frozenset[str]
    last_at: datetime
    started: int = 0


@dataclass(frozen=True, slots=True)
class Article:
    """A mention that is an article, by its canonical address `story`."""

    mention: int
    story: str
    source: str
    url: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoryRow:
    """An article that was placed before.

    `original` is the mention it repeats, itself when it is the first; `issue` is 0 for none, merged
    ones resolved.
    """

    article: Article
    original: int
    issue: int


class CaseFactsRow(NamedTuple):
    """Stored facts from which the priority of a case is computed; see `triage.priority.CaseFacts`."""

    id: int
    brand: str
    lane: str
    severity: float
    severity_band: str
    vigilante: str
    signals: tuple[str, ...]
    followers: int | None
    kind: str
    author_id: str
    mentions: int
    issue_people: int
    opened_at: datetime
    due_at: datetime | None
    state: str = "new"
    last_at: datetime | None = None  # of the latest mention
    waits_from: datetime | None = None
    paused_at: datetime | None = None


class PastCase(NamedTuple):
    """A case with the facts of its priority, and when somebody first answered or resolved it."""

    facts: CaseFactsRow
    answered_at: datetime | None


class CaseClock(NamedTuple):
    """The clock of a case: from when waiting counts, since when it stands still, what is promised."""

    waits_from: datetime | None
    paused_at: datetime | None
    due_at: datetime | None


class Priced(NamedTuple):
    """A newly computed priority of a case; with a `clock` where that had to be set, too."""

    case: int
    priority: Priority
    clock: CaseClock | None = None


# ── the desk ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a person on one row: applied only while `expect` still holds, then written down.

    `entity` is "case", "issue", "reply", "user" or "link"; `change` maps columns to new values and
    `expect` columns to the values they must still have. `case` is the case whose activity log shows it.
    """

    actor: str
    action: str
    entity: str
    entity_id: int
    expect: Mapping[str, Value]
    change: Mapping[str, Value]
    at: datetime
    note: str = ""
    case: int | None = None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One move: who, when, what, before and after. `undone_by` names the move that took it back."""

    id: int
    at: datetime
    actor: str
    action: str
    entity: str
    entity_id: int
    case: int | None
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    note: str
    undoes: int | None = None
    undone_by: int | None = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as the queue lists it, with its first mention's outside.

    `state` is a state of `triage.cases`; `lease_until` belongs to `owner`; `posts` counts the mentions in the
    case, `people` those with the same issue. `version` grows with every change. `sources` are all that brought
    the mention, the first in front; `folded` counts its copies: the brand's other mentions that repeat it.
    Waiting counts from `waits_from`, or `opened_at` without it; `paused_at` is since when it is not our turn.
    A snoozed case wakes at `snooze_until` at the latest; `wakes_on` is also "answer" or "worse", or empty.
    """

    id: int
    brand: str
    mention: int
    lane: str
    vigilante: str
    severity_band: str
    state: str
    priority: int
    manual_priority: int | None
    owner: str
    lease_until: datetime | None
    opened_at: datetime
    due_at: datetime | None
    snooze_until: datetime | None
    resolution: str
    issue: int | None
    issue_title: str
    people: int
    posts: int
    source: str
    kind: str
    author: str
    text: str
    title: str
    url: str
    lang: str
    sample: bool
    reasons: tuple[PriorityPart, ...]
    version: int
    sources: tuple[str, ...] = ()
    folded: int = 0
    waits_from: datetime | None = None
    paused_at: datetime | None = None
    wakes_on: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MentionRow:
    """One stored mention with its verdict for one brand, as shown and exported.

    `bound` is the brand it was taken in for, "" when the queries decide. `sources` are all that
    brought it, the first in front; `folded` counts the brand's other mentions that repeat it.
    """

    id: int
    source: str
    mention: Mention
    seen_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    brand: str
    verdict: Verdict | None
    issue: int | None
    duplicate_of: int | None
    similarity: float | None
    bound: str = ""
    sources: tuple[str, ...] = ()
    folded: int = 0


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """What we say to one person (`reply`) or to ourselves (`note`)."""

    id: int
    case: int
    kind: str
    text: str
    state: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with everything known about it, for one look.

    `thread` is the conversation around it, whoever spoke; see `Store.thread`.
    """

    case: CaseRow
    mentions: tuple[MentionRow, ...]
    edits: tuple[tuple[int, datetime, str], ...]  # (mention, when replaced, the earlier text)
    parts: tuple[PriorityPart, ...]
    replies: tuple[ReplyRow, ...]
    history: tuple[HistoryRow, ...]
    thread: tuple[MentionRow, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What the queue is asked for. `view` is open, mine, waiting, snoozed, done or all.

    open: nobody is answering (new, or at `at` the lease of who answered has run out); mine: the open, waiting
    and snoozed cases of `owner`; done: resolved or dismissed. `search` are words that must all occur in one of
    the case's mentions, the last one may be unfinished. escalating: the person wrote again, or at `at` a
    promise is broken; before: opened before that moment.
    """

    brand: str = ""
    view: str = "open"
    lane: str = ""
    vigilante: str = ""
    owner: str = ""
    issue: int | None = None
    source: str = ""
    label: str = ""
    search: str = ""
    escalating: bool = False
    before: datetime | None = None
    any_of: tuple[str, ...] = ()  # searches, one of which at least must match
    limit: int = 50
    after: tuple[int, int] | None = None  # (priority, id) of the last row seen
    at: datetime | None = None  # now; without it every lease counts as running


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue: a cluster of mentions about the same problem, question or idea."""

    id: int
    brand: str
    title: str
    titled_by: str
    phrases: tuple[str, ...]
    lane: str
    state: str
    mentions: int
    people: int
    first_seen: datetime
    last_seen: datetime
    central: int
    example: str
    merged_into: int | None
    fixed_at: datetime | None
    fix_note: str
    sources: tuple[str, ...] = ()
    open_cases: int = 0
    life: str = "new"  # see `triage.issues.Life`


@dataclass(frozen=True, slots=True)
class LoopRow:
    """One person who complained about an issue, and whether they have been told.

    `status` is told, untold, unreachable or erased.
    """

    issue: int
    kind: str
    author_id: str
    handle: str
    mention: int
    url: str
    first_at: datetime
    posts: int
    status: str
    told_at: datetime | None
