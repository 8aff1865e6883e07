"""Replay: how long people would have waited under a policy, had a team worked by it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from triage.priority import CaseFacts, Policy, by_time, matter, prioritise

Work = Callable[[datetime, timedelta], datetime]
Progress = Callable[[int, int], None]
NEVER = datetime.min.replace(tzinfo=UTC)
EVERY = 500  # cases between two signs of life


def around_the_clock(start: datetime, span: timedelta) -> datetime:
    """The moment at which so much work is done, by people who never sleep."""
    return start + span


def silent(done: int, of: int) -> None:
    """No progress."""


@dataclass(frozen=True, slots=True)
class Team:
    """Who answers: so many people, each so long over a case, in the hours that `work` knows.

    `work(start, span)` is the moment at which `span` of working time has passed since `start`.
    """

    agents: int
    each: timedelta
    work: Work = around_the_clock


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it: `waits` in the order of the cases, from arrival until somebody took it up.

    `kept` is the share of promises that were kept, None without any. `overtaken` is by how much later
    than somebody who still waited the latest case came that was taken up before them; `bound` is what
    the policy says that can be at most among cases such as these, None when it says nothing.
    """

    waits: tuple[timedelta, ...]
    kept: float | None
    overtaken: timedelta
    bound: timedelta | None


def replay(
    cases: Sequence[CaseFacts], policy: Policy, team: Team, progress: Progress = silent
) -> Replayed:
    """Answer these cases by priority, each when it has come (`opened_at`); ties go to the earlier.

    Facts are taken as known from the beginning. Deterministic; about linear in the cases and the
    changes of their priorities.
    """
    queue = _Queue(cases, policy)
    free = [(NEVER, agent) for agent in range(team.agents)]
    waits: dict[int, timedelta] = {}
    now, overtaken = NEVER, timedelta()
    while len(waits) < len(cases):
        idle_since, agent = heapq.heappop(free)
        at = max(now, idle_since)
        if not queue.waits_at(at):
            at = queue.next_arrival()
        at = now = team.work(at, timedelta())
        case, oldest = queue.take(at)
        came = cases[case].opened_at
        overtaken = max(overtaken, came - oldest)
        waits[case] = at - came
        heapq.heappush(free, (team.work(at, team.each), agent))
        if len(waits) % EVERY == 0:
            progress(len(waits), len(cases))
    progress(len(cases), len(cases))
    kept = [
        one.opened_at + waits[n] <= one.due_at
        for n, one in enumerate(cases)
        if one.due_at is not None
    ]
    return Replayed(
        tuple([waits[n] for n in range(len(cases))]),
        sum(kept) / len(kept) if kept else None,
        overtaken,
        policy.overtaken_for(spread_of(cases, policy)),
    )


def spread_of(cases: Sequence[CaseFacts], policy: Policy) -> int:
    """By how many points these cases differ at most at any time, their waiting left aside."""
    if not cases:
        return 0
    matters = [matter(prioritise(one, policy, one.opened_at).parts) for one in cases]
    promise = (0, policy.due_soon, policy.overdue, policy.long_overdue)
    return max(matters) - min(matters) + max(promise) - min(promise)


class _Queue:
    """The cases that have come and wait, by priority at the moment."""

    def __init__(self, cases: Sequence[CaseFacts], policy: Policy) -> None:
        self._cases = cases
        self._policy = policy
        self._arrivals = sorted(range(len(cases)), key=lambda n: (cases[n].opened_at, n))
        self._come = 0  # how many of them have
        self._order: list[tuple[int, int, int]] = []  # (−points, arrival, its price's number)
        self._changes: list[tuple[datetime, int]] = []
        self._matters: dict[int, int] = {}  # by arrival: the points that time does not change
        self._price: dict[int, int] = {}  # by arrival; those that wait
        self._oldest = 0  # no arrival before this one waits

    def waits_at(self, at: datetime) -> bool:
        """Whether anybody waits at a moment."""
        self._receive(at)
        return bool(self._price)

    def next_arrival(self) -> datetime:
        """When the next case comes."""
        return self._cases[self._arrivals[self._come]].opened_at

    def take(self, at: datetime) -> tuple[int, datetime]:
        """The case that is first at a moment, and when the one that has waited longest came."""
        self._receive(at)
        while self._changes and self._changes[0][0] <= at:
            _, arrival = heapq.heappop(self._changes)
            if arrival in self._price:
                self._set(arrival, at)
        while self._oldest not in self._price:
            self._oldest += 1
        oldest = self._cases[self._arrivals[self._oldest]].opened_at
        while True:
            _, arrival, number = heapq.heappop(self._order)
            if self._price.get(arrival) == number:
                del self._price[arrival]
                return self._arrivals[arrival], oldest

    def _receive(self, at: datetime) -> None:
        while self._come < len(self._arrivals) and self.next_arrival() <= at:
            self._set(self._come, at)
            self._come += 1

    def _set(self, arrival: int, at: datetime) -> None:
        case = self._arrivals[arrival]
        if arrival not in self._matters:
            self._matters[arrival] = matter(prioritise(self._cases[case], self._policy, at).parts)
        parts, changes_at = by_time(self._cases[case], self._policy, at)
        points = self._matters[arrival] + sum([part.points for part in parts])
        number = self._price[arrival] = self._price.get(arrival, 0) + 1
        heapq.heappush(self._order, (-points, arrival, number))
        if changes_at is not None:
            heapq.heappush(self._changes, (changes_at, arrival))


def quantile(ordered: Sequence[timedelta], share: float) -> timedelta:
    """The smallest of these ascending lengths that at least this share of them does not exceed."""
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def in_order_of_arrival() -> Policy:
    """The policy that knows nothing but who came first: what any other is to be compared with."""
    return Policy(
        lanes={},
        signals={},
        severity=0.0,
        vigilante_likely=0,
        vigilante_possible=0,
        reach=0.0,
        reach_most=0,
        repeated=0.0,
        repeated_most=0,
        issue_level=0,
        issue_most=0,
        ageing=0.0,
        due_soon=0,
        overdue=0,
        long_overdue=0,
    )
