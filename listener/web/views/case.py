"""One case with everything known about it: what was said, why it is here, what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.config import Config
from listener.conversation import first_mention
from listener.store.looking import PersonRow, PostQuery
from listener.store.protocol import Store
from listener.store.rows import CaseFile, HistoryRow, ReplyRow
from listener.web.phrases import phrase
from listener.web.views.curves import Curve, daily
from listener.web.views.limits import limit_of
from listener.web.views.posts import Said, conversation
from listener.web.views.rows import PostRow, Row, case_row, person_name, post_row, source_name
from listener.web.views.times import When, hour, when
from sources.http.link import host_of, safe_link
from sources.text import clean_line
from triage.cases import DONE, CaseState, legal_moves
from triage.priority import TIME
from triage.verdict import Verdict
from triage.vigilante import ABOUT

DAYS = 21
MOVES_SHOWN = 30
FOR_GOOD = ("hear", "erase")  # what cannot be taken back
# What can be said to be wrong about a part of a priority; the others are facts.
CORRECTED_AS: Mapping[str, str] = {"lane": "lane", "severity": "severity", "vigilante": "reading"}


@dataclass(frozen=True, slots=True)
class Part:
    """One signed part of the priority; `wrong` is what a correction of it is about."""

    points: str
    said: str
    name: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How the post was read, and what a correction starts from."""

    sentiment: str
    service: str
    vader: str
    words: tuple[tuple[str, str], ...]
    complaint: str
    lane: str
    severity: str
    lang: str
    reasons: tuple[str, ...]
    vigilante: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Written:
    """A draft, reply or note. `state` is draft, approved, sent, kept or cancelled."""

    id: int
    kind: str
    state: str
    author: str
    text: str
    at: When


@dataclass(frozen=True, slots=True)
class IssueCard:
    """The issue beside a case."""

    id: int
    title: str
    state: str
    people: int
    posts: int
    open_cases: int
    curve: Curve
    like: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Who wrote, what else they wrote, and how they stand with us."""

    id: int | None
    name: str
    handles: tuple[str, ...]
    followers: int | None
    posts: int
    cases: tuple[Row, ...]
    others: tuple[PostRow, ...]
    groups: tuple[str, ...]
    since: When | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the activity log; `undoable` as far as can be told without trying."""

    id: int
    at: When
    actor: str
    action: str
    note: str
    undoable: bool
    undone: bool


@dataclass(frozen=True, slots=True)
class Macro:
    """A prepared text with the customer's name filled in."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class CasePanel:
    """Everything the second and third columns show. `seen` is the latest move somebody knows of."""

    row: Row
    brand: str
    host: str
    link: str
    said: tuple[Said, ...]
    written: tuple[Written, ...]
    limit: int
    parts: tuple[Part, ...]
    total: int
    by_hand: int | None
    reading: Reading | None
    issue: IssueCard | None
    person: PersonCard
    log: tuple[Line, ...]
    can: frozenset[str]
    lease: When | None
    snoozed: When | None
    wakes_on: str
    resolution: str
    macros: tuple[Macro, ...]
    mentions: tuple[int, ...]
    done: bool
    seen: int

    @property
    def drafts(self) -> tuple[Written, ...]:
        """What waits to be approved or sent."""
        return tuple(one for one in self.written if one.state in ("draft", "approved"))


def case_panel(
    store: Store,
    config: Config,
    file: CaseFile,
    me: str,
    now: datetime,
    link: str = "",
    looking: Mapping[int, Sequence[str]] | None = None,
) -> CasePanel:
    """A case as somebody sees it now; `link` is where a person answers, when the source knows."""
    case = file.case
    answer = safe_link(link) or safe_link(case.url)
    first = first_mention(file)
    lease = case.lease_until
    return CasePanel(
        row=case_row(case, now, me, looking),
        brand=case.brand,
        host=host_of(answer),
        link=answer,
        said=conversation(file, now),
        written=tuple(_written(one, now) for one in file.replies),
        limit=limit_of(case.kind),
        parts=tuple(
            Part(f"{one.points:+d}", clean_line(one.reason, 300), one.name, _wrong(one.name))
            for one in file.parts
        ),
        total=sum(one.points for one in file.parts),
        by_hand=case.manual_priority,
        reading=None if first is None or first.verdict is None else _reading(first.verdict),
        issue=_issue(store, case.issue, now),
        person=_person(store, config, file, me, now),
        log=tuple(line(one, now) for one in file.history[:MOVES_SHOWN]),
        can=frozenset(move.value for move in legal_moves(CaseState(case.state))),
        lease=hour(lease, now) if lease is not None and lease > now else None,
        snoozed=None if case.snooze_until is None else hour(case.snooze_until, now),
        wakes_on=case.wakes_on,
        resolution=clean_line(case.resolution, 200),
        macros=_macros(config, person_name(case.author), case.brand),
        mentions=tuple(row.id for row in file.mentions),
        done=case.state in DONE,
        seen=file.history[0].id if file.history else 0,
    )


def line(row: HistoryRow, now: datetime) -> Line:
    """One move of the history."""
    return Line(
        id=row.id,
        at=when(row.at, now),
        actor=clean_line(row.actor, 60),
        action=row.action,
        note=clean_line(row.note, 300),
        undoable=row.undone_by is None and row.undoes is None and row.action not in FOR_GOOD,
        undone=row.undone_by is not None,
    )


def _written(row: ReplyRow, now: datetime) -> Written:
    return Written(
        row.id, row.kind, row.state, clean_line(row.author, 60), row.text, when(row.at, now)
    )


def _wrong(name: str) -> str:
    if name in CORRECTED_AS:
        return CORRECTED_AS[name]
    if name == "issue":
        return "issue"
    return "priority" if name in (*TIME, "reach", "person", "group") else "reading"


def _reading(verdict: Verdict) -> Reading:
    feeling = verdict.sentiment
    return Reading(
        sentiment=feeling.label,
        service=f"{feeling.service_compound:+.2f}",
        vader=f"{feeling.compound:+.2f}",
        words=tuple(
            (clean_line(word, 30), f"{points:+.1f}") for word, points in feeling.words if points
        )[:12],
        complaint=phrase(
            "%(band)s (%(p)s)",
            band=phrase(verdict.complaint.value),
            p=f"{verdict.complaint_p:.2f}",
        ),
        lane=verdict.lane.value,
        severity=verdict.severity_band,
        lang=verdict.lang,
        # The vigilante's stand below, in fewer words.
        reasons=tuple(clean_line(one.text, 300) for one in verdict.reasons if one.about != ABOUT),
        vigilante=tuple(clean_line(one, 300) for one in verdict.vigilante_reasons),
        version=verdict.version,
    )


def _issue(store: Store, issue: int | None, now: datetime) -> IssueCard | None:
    found = None if issue is None else store.issue(issue)
    if found is None:
        return None
    days = store.issue_days([found.id], now - timedelta(days=DAYS))
    return IssueCard(
        id=found.id,
        title=clean_line(found.title, 160) or f"issue {found.id}",
        state=found.state,
        people=found.people,
        posts=found.mentions,
        open_cases=found.open_cases,
        curve=daily(days[found.id], now, DAYS),
        like=tuple((one.id, clean_line(one.title, 80)) for one in store.issues_like(found.id)),
    )


def _person(store: Store, config: Config, file: CaseFile, me: str, now: datetime) -> PersonCard:
    case, first = file.case, first_mention(file)
    author = first.mention.author if first is not None else None
    key = f"{case.kind}:{author.id}" if author is not None and author.id else ""
    known = store.person_of(case.kind, author.id) if author is not None and key else None
    brand = next((one for one in config.brands if one.name == case.brand), None)
    own = {row.id for row in file.mentions}
    return PersonCard(
        id=None if known is None else known.id,
        name=person_name(case.author) or "unknown",
        handles=() if known is None else handles(known),
        followers=None if author is None else author.followers,
        posts=len(file.mentions) if known is None else known.posts,
        cases=()
        if known is None
        else tuple(
            case_row(one, now, me)
            for one in store.cases_of_person(known.id, 6)
            if one.id != case.id
        ),
        others=()
        if known is None
        else tuple(
            post_row(one, now)
            for one in store.posts(PostQuery(brand=case.brand, person=known.id, limit=8))
            if one.id not in own
        )[:3],
        groups=() if brand is None else tuple(g.name for g in brand.groups if key in g.people),
        since=None if known is None else when(known.first_seen_at, now),
    )


def handles(person: PersonRow) -> tuple[str, ...]:
    """The handles of a person, each with its platform."""
    return tuple(
        f"{person_name(one.handle or one.name or one.author_id)} · {source_name(one.kind)}"
        for one in person.handles
    )


def _macros(config: Config, author: str, brand: str) -> tuple[Macro, ...]:
    return tuple(
        Macro(one.name, one.text.replace("{author}", author).replace("{brand}", brand))
        for one in config.replies.macros
    )
