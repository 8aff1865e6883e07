"""Replays of stored cases: the facts as a policy would have found them, and the waits in groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from listener.config import Config, QueueConfig
from listener.pricing import case_facts, customer_groups
from listener.store.rows import PastCase
from triage.priority import CaseFacts, Policy
from triage.replay import Progress, Replayed, Team, quantile, replay, silent
from triage.severity import SEVERE

EVERYBODY = ("all", "")
BANDS = ("critical", "high", "medium", "low", "none")
LANES = ("complaint", "question", "idea", "praise", "other")


@dataclass(frozen=True, slots=True)
class Waits:
    """How long people waited: half of them no longer than `p50`, 19 of 20 no longer than `p95`."""

    p50: timedelta
    p95: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Group:
    """The cases of one lane and severity under each policy; lane "all" is everybody.

    `really` is what happened, as far as it has happened.
    """

    lane: str
    severity: str
    cases: int
    before: Waits
    after: Waits
    answered: int
    really: Waits | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two policies on the same cases with the same team."""

    groups: tuple[Group, ...]
    before: Replayed
    after: Replayed


def compare(
    past: Sequence[PastCase],
    config: Config,
    before: tuple[QueueConfig, Policy],
    after: tuple[QueueConfig, Policy],
    team: Team,
    progress: Progress = silent,
) -> Comparison:
    """Replay all of `past`, which must not be empty, under two policies with their promises."""
    both = len(past) * 2
    first = replay(
        facts_of(past, config, before[0]), before[1], team, lambda done, _: progress(done, both)
    )
    second = replay(
        facts_of(past, config, after[0]),
        after[1],
        team,
        lambda done, _: progress(len(past) + done, both),
    )
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, one in enumerate(past):
        members[one.facts.lane, one.facts.severity_band].append(number)
    order = sorted(members, key=_place)
    groups = [(EVERYBODY, list(range(len(past)))), *((key, members[key]) for key in order)]
    return Comparison(
        tuple([_group(key, inside, past, first, second) for key, inside in groups]), first, second
    )


def facts_of(past: Iterable[PastCase], config: Config, queue: QueueConfig) -> list[CaseFacts]:
    """The facts of cases as if all had been listened to from the first, with these promises."""
    groups: Mapping[tuple[str, str], tuple[tuple[str, int], ...]] = customer_groups(config)
    found = []
    for row in (one.facts for one in past):
        severe = row.severity_band in SEVERE
        facts = case_facts(row, groups.get((row.brand, f"{row.kind}:{row.author_id}"), ()))
        due = queue.due_at(row.lane, severe, row.opened_at)
        found.append(facts._replace(due_at=due, waits_from=None, paused_at=None))
    return found


def _group(
    key: tuple[str, str],
    inside: Sequence[int],
    past: Sequence[PastCase],
    first: Replayed,
    second: Replayed,
) -> Group:
    really = [
        past[n].answered_at - past[n].facts.opened_at  # type: ignore[operator]
        for n in inside
        if past[n].answered_at is not None
    ]
    return Group(
        *key,
        len(inside),
        _waits([first.waits[n] for n in inside]),
        _waits([second.waits[n] for n in inside]),
        len(really),
        _waits(really) if really else None,
    )


def _waits(lengths: Sequence[timedelta]) -> Waits:
    ordered = sorted(lengths)
    return Waits(quantile(ordered, 0.5), quantile(ordered, 0.95), ordered[-1])


def _place(key: tuple[str, str]) -> tuple[int, int, str, str]:
    lane, band = key
    return (
        LANES.index(lane) if lane in LANES else len(LANES),
        BANDS.index(band) if band in BANDS else len(BANDS),
        lane,
        band,
    )
