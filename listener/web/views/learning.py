"""Learning as its page shows it: corrections, what is in use, what a preview found, what to answer next."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from listener.learning.classroom import Classroom, Job
from listener.learning.standing import Standing
from listener.learning.study import Taught
from listener.store.corrections import CorrectionRow
from listener.store.protocol import Store
from listener.web.views.times import When, when
from sources.text import clean_line
from triage.correction import LABEL
from triage.guard import Figure

LATEST, CONFLICTS, CONTRADICTIONS, CHANGES = 12, 5, 5, 25
EXCERPT = 180
COMPLAINT_FIELDS = frozenset({"complaint", "lane", "relevant"})


@dataclass(frozen=True, slots=True)
class Said:
    """One correction: what it was and is now, who said so, and the move that takes it back."""

    history: int
    mention: int
    field: str
    was: str
    now: str
    who: str
    at: When
    text: str
    audit: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """How many of `asked` were right before and after, and how that is to be read."""

    field: str
    sample: str
    asked: int
    before: int
    after: int
    tone: str


@dataclass(frozen=True, slots=True)
class Used:
    """What is in use."""

    version: str
    at: When
    who: str
    corrections: int
    problem: str
    figures: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class Going:
    """An order that is being carried out; `percent` is None where nobody knows how much there is."""

    what: str
    stage: str
    done: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A stored post that would be judged otherwise: (field, before, after), and by which words."""

    mention: int
    text: str
    fields: tuple[tuple[str, str, str], ...]
    why: str


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a preview found, or why there is none."""

    at: When
    who: str
    problem: str
    version: str
    corrections: int
    figures: tuple[Measured, ...]
    refused: str
    in_use: bool
    looked_at: int
    changed: int
    changes: tuple[Changed, ...]
    days: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Posts to be answered for; `label` is "" for being a complaint."""

    label: str
    problem: str
    posts: tuple[tuple[int, str, str], ...]
    answered: int


@dataclass(frozen=True, slots=True)
class LearningPage:
    """Everything about one brand's learning. `refusal` is why the latest application was not made."""

    brand: str
    fields: tuple[tuple[str, int], ...]
    audit: int
    new: int
    labels: tuple[tuple[str, int, int], ...]
    used: Used | None
    latest: tuple[Said, ...]
    conflicts: tuple[tuple[Said, ...], ...]
    conflicts_in_all: int
    contradictions: tuple[tuple[tuple[str, str, str], ...], ...]
    contradictions_in_all: int
    going: Going | None
    preview: Previewed | None
    refusal: str
    offer: Offer | None


def learning_page(
    store: Store, classroom: Classroom, stands: Standing, now: datetime
) -> LearningPage:
    """How learning stands for a brand, and what this server was asked to learn of late."""
    brand = stands.brand
    held = deque(store.corrections(brand), maxlen=LATEST)
    apply = classroom.latest(brand, "apply")
    failed = apply is not None and apply.outcome is not None and apply.outcome.problem
    previewed = classroom.latest(brand, "preview")
    return LearningPage(
        brand=brand,
        fields=tuple(stands.fields.items()),
        audit=stands.audit,
        new=stands.new,
        labels=tuple((clean_line(name, 60), *counts) for name, counts in stands.labels.items()),
        used=_used(stands, now),
        latest=tuple(_said(row, now) for row in reversed(held)),
        conflicts=tuple(
            tuple(_said(row, now) for row in group) for group in store.conflicts(brand, CONFLICTS)
        ),
        conflicts_in_all=stands.conflicts,
        contradictions=tuple(
            tuple((one.field, one.value, clean_line(one.text, EXCERPT)) for one in group)
            for group in stands.contradictions[:CONTRADICTIONS]
        ),
        contradictions_in_all=len(stands.contradictions),
        going=_going(classroom.running(brand)),
        preview=None if previewed is None else _previewed(previewed, now),
        refusal=clean_line(failed, 300) if failed else "",
        offer=_offer(store, classroom.latest(brand, "offer")),
    )


def _used(stands: Standing, now: datetime) -> Used | None:
    one = stands.in_use
    if one is None:
        return None
    return Used(
        version=one.version,
        at=when(one.at, now),
        who=clean_line(one.actor, 60),
        corrections=one.corrections,
        problem=clean_line(one.problem, 200),
        figures=_measured(one.figures),
    )


def _said(row: CorrectionRow, now: datetime) -> Said:
    return Said(
        history=row.history,
        mention=row.mention.id,
        field=clean_line(row.field.removeprefix(LABEL), 60),
        was=clean_line(row.was, 40),
        now=clean_line(row.is_now, 40),
        who=clean_line(row.actor, 60),
        at=when(row.at, now),
        text=clean_line(row.mention.mention.full_text, EXCERPT),
        audit=row.audit,
    )


def _measured(figures: Sequence[Figure]) -> tuple[Measured, ...]:
    return tuple(
        Measured(
            clean_line(one.field, 60),
            one.sample,
            one.asked,
            one.before,
            one.after,
            "urgent" if one.worse else "good" if one.after > one.before else "soft",
        )
        for one in figures
    )


def _going(job: Job | None) -> Going | None:
    if job is None:
        return None
    percent = min(100, 100 * job.done // job.total) if job.total else None
    return Going(job.order.what, job.stage, job.done, percent)


def _previewed(job: Job, now: datetime) -> Previewed | None:
    found = job.outcome
    if found is None:
        return None
    taught = found.taught or Taught("", 0, 0, (), "", False)
    return Previewed(
        at=when(job.order.at, now),
        who=clean_line(job.order.actor, 60),
        problem=clean_line(found.problem, 300),
        version=taught.version,
        corrections=taught.corrections,
        figures=_measured(taught.figures),
        refused=clean_line(taught.refused, 300),
        in_use=taught.in_use,
        looked_at=found.looked_at,
        changed=found.changed,
        changes=tuple(
            Changed(
                one.mention,
                clean_line(one.text, EXCERPT),
                one.fields,
                clean_line("; ".join(one.why), 200),
            )
            for one in found.changes[:CHANGES]
        ),
        days=job.order.days,
    )


def _offer(store: Store, job: Job | None) -> Offer | None:
    if job is None or job.outcome is None:
        return None
    label = job.order.label
    about = {f"{LABEL}{label}"} if label else COMPLAINT_FIELDS
    known = {row.mention.id for row in store.corrections(job.order.brand) if row.field in about}
    posts = [one for one in job.outcome.offered if one.mention not in known]
    return Offer(
        label=clean_line(label, 60),
        problem=clean_line(job.outcome.problem, 300),
        posts=tuple((one.mention, one.why, clean_line(one.text, 2 * EXCERPT)) for one in posts),
        answered=len(job.outcome.offered) - len(posts),
    )
