"""What a server is asked to learn, preview or offer: the order, what came of it, and the work itself.

The work is done in a process of its own (`listener.learning.classroom`): a thousand corrections take
half a minute of thinking, during which pages must stay quick.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Literal

from listener.errors import ListenerError
from listener.learning.effect import JudgedAnew, effect
from listener.learning.labels import offer
from listener.learning.teaching import Lesson, Teaching
from listener.store.rows import Span
from triage.guard import Figure

if TYPE_CHECKING:
    from listener.config import Config
    from listener.stages.progress import Progress
    from listener.store.protocol import Store

What = Literal["preview", "apply", "offer"]
MOST_CHANGES = 100  # of a preview that are handed on; all are counted
POLITENESS = 10  # how far the work stands back behind the pages, as `nice` counts
EVERY = 25  # steps between two words of progress


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done for a brand, by whose wish, and when that was.

    `preview` learns and judges the posts of the last `days` by it; `apply` learns and uses it,
    with `force` also when it makes things worse; `offer` looks among those posts for `count` to be
    answered for, in respect of `label`, or without one of being a complaint.
    """

    what: What
    brand: str
    actor: str
    at: datetime
    days: int = 30
    force: bool = False
    note: str = ""
    label: str = ""
    count: int = 11


@dataclass(frozen=True, slots=True)
class Taught:
    """What corrections teach: from how many, how well it does, and why it should not be used, if so."""

    version: str
    corrections: int
    audit: int
    figures: tuple[Figure, ...]
    refused: str
    in_use: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """A post whose answer would teach the most, chosen as top, unsure or random."""

    mention: int
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of an order: what was learnt, what it would change, the move, or the posts offered.

    `changed` of `looked_at` posts would be judged otherwise; `changes` are the newest of them.
    `problem` says why it was not done, "" when it was; `hint` what to do about it.
    """

    taught: Taught | None = None
    looked_at: int = 0
    changed: int = 0
    changes: tuple[JudgedAnew, ...] = ()
    move: int | None = None
    offered: tuple[Offered, ...] = ()
    problem: str = ""
    hint: str = ""


def work_apart(line: Connection, config: Config, order: Order) -> None:
    """Carry out an order in a process of its own, which stands back behind the pages."""
    os.nice(POLITENESS)
    work(line, config, order)


def work(line: Connection, config: Config, order: Order) -> None:
    """Carry out an order: progress through the line, the outcome last."""
    from listener.store import open_store

    told = [0]

    def progress(stage: str, done: int, total: int) -> None:
        told[0] += 1
        if told[0] % EVERY == 1 or done == total:
            line.send((stage, done, total))

    try:
        with line, open_store(config.store) as store:
            line.send(carried_out(store, config, order, progress))
    except BrokenPipeError:
        pass  # nobody waits for it any more


def carried_out(store: Store, config: Config, order: Order, progress: Progress) -> Findings:
    """Do what an order says. Never raises for what a person can mend: the outcome says it."""
    teaching = Teaching(store, config, order.brand, lambda: order.at)
    span = Span(since=order.at - timedelta(days=order.days), brand=order.brand)
    try:
        if order.what == "offer":
            return _offered(store, teaching, order, span, progress)
        lesson = teaching.learn(progress)
        if order.what == "apply":
            done = teaching.apply(lesson, order.actor, force=order.force, note=order.note)
            return Findings(_taught(lesson), move=done.id)
        found = effect(store, teaching, lesson, span, progress)
    except ListenerError as error:
        return Findings(problem=str(error), hint=error.hint)
    return Findings(
        _taught(lesson), found.looked_at, len(found.changes), found.changes[:MOST_CHANGES]
    )


def _offered(
    store: Store, teaching: Teaching, order: Order, span: Span, progress: Progress
) -> Findings:
    picks = offer(store, teaching, order.label, span, order.count, progress)
    return Findings(
        offered=tuple([Offered(one.candidate.id, one.why, one.candidate.text) for one in picks])
    )


def _taught(lesson: Lesson) -> Taught:
    return Taught(
        version=lesson.learnt.id,
        corrections=len(lesson.answers.learnt_from),
        audit=len(lesson.answers.audit),
        figures=lesson.figures,
        refused=lesson.refused,
        in_use=lesson.known,
    )
