"""Moves of a case: who has it, until when, and how it ends. `triage.cases` says which are legal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from listener.config import QueueConfig
from listener.desk.moves import Moves, moment
from listener.desk.words import LONGEST_NOTE, actor_name, remark, words
from listener.errors import Conflict, DeskError
from listener.pricing import resume
from listener.store.rows import CaseFile, CaseRow, HistoryRow, Move, Value
from sources.duration import show_duration
from sources.mention import utc
from triage.cases import DONE, NOT_OUR_TURN, CaseMove, CaseState, IllegalMove, after
from triage.priority import matter
from triage.severity import SEVERE
from triage.worsening import Standing

LONGEST_SLEEP = timedelta(days=366)
PATIENCE = timedelta(days=30)  # how long a sleep without a time of its own lasts at the most
AWAKE: Mapping[str, Value] = {"snooze_until": None, "wakes_on": "", "asleep": ""}
PRIORITIES = range(-1_000, 1_001)


class WakesOn(StrEnum):
    """What ends a sleep before its time, beside the customer's writing in the conversation."""

    TIME = ""
    ANSWER = "answer"
    WORSE = "worse"


SAID: Mapping[WakesOn, str] = {
    WakesOn.TIME: "",
    WakesOn.ANSWER: "until they answer",
    WakesOn.WORSE: "until it gets worse",
}


class Casework:
    """What people do with one case. A claim is a lease: it ends by itself.

    Every move raises Conflict, naming owner and end, while somebody else holds a live lease.
    """

    def __init__(self, moves: Moves, queue: QueueConfig) -> None:
        """`queue` says how long a lease is, and what is promised."""
        self._moves = moves
        self._queue = queue

    def claim(self, case: int, actor: str) -> HistoryRow:
        """Take a case for the length of a lease; the owner's own claim extends it.

        Exactly one of several at once wins.
        """
        who, row = actor_name(actor), self._open(case)
        move = CaseMove.EXTEND if row.owner == who and self._leased(row) else CaseMove.CLAIM
        until = self._moves.now() + self._queue.lease
        return self._move(row, who, move, owner=who, lease_until=moment(until))

    def release(self, case: int, actor: str, note: str = "") -> HistoryRow:
        """Give a case back to everybody. Raises Conflict when it is nobody's."""
        who, row, why = actor_name(actor), self._open(case), remark(note)
        if not row.owner:
            raise Conflict(f"case {case} is nobody's already", f"listener queue claim {case}")
        # A task that was assigned but never claimed is given back by assigning it to nobody.
        answering = row.state == CaseState.ANSWERING
        move = CaseMove.RELEASE if answering else CaseMove.ASSIGN
        return self._move(row, who, move, why, action="release", owner="", lease_until=None)

    def assign(self, case: int, actor: str, to: str, note: str = "") -> HistoryRow:
        """Make a case somebody's task, without a lease: others may claim it at need."""
        who, whom, row, why = actor_name(actor), actor_name(to), self._open(case), remark(note)
        if row.owner == whom and row.lease_until is None:
            raise Conflict(f"case {case} is {whom}'s already", f"listener queue show {case}")
        return self._move(
            row, who, CaseMove.ASSIGN, why or f"to {whom}", owner=whom, lease_until=None
        )

    def snooze(
        self,
        case: int,
        actor: str,
        until: datetime | None = None,
        note: str = "",
        wakes_on: WakesOn = WakesOn.TIME,
    ) -> HistoryRow:
        """Put a case out of sight until a moment, aware, in the future and within a year.

        It wakes earlier when the customer writes in its conversation; with WORSE also when
        `triage.worsening` says so, the same person complains elsewhere, or its issue spikes. With
        ANSWER and WORSE the moment may be left out: then it is `PATIENCE` from now.
        """
        who, row, why = actor_name(actor), self._open(case), remark(note)
        now = self._moves.now()
        if until is None and wakes_on is not WakesOn.TIME:
            until = now + PATIENCE
        if until is None or not now < until <= now + LONGEST_SLEEP:
            said = "nothing" if until is None else utc(until)
            raise DeskError(
                f"{said} is not a time to sleep until: it must lie ahead, within a year",
                f"listener queue snooze {case} 2h",
            )
        asleep = ""
        if wakes_on is WakesOn.WORSE:
            then = Standing(matter(row.reasons), row.issue or 0, row.people)
            asleep = json.dumps(list(then))
        return self._move(
            row,
            who,
            CaseMove.SNOOZE,
            why or SAID[wakes_on],
            snooze_until=moment(until),
            wakes_on=wakes_on.value,
            asleep=asleep,
            lease_until=None,
        )

    def resolve(self, case: int, actor: str, outcome: str = "") -> HistoryRow:
        """End a case well; `outcome` says how."""
        who, row, how = actor_name(actor), self._open(case), remark(outcome)
        return self._move(row, who, CaseMove.RESOLVE, how, resolution=how, lease_until=None)

    def dismiss(self, case: int, actor: str, reason: str) -> HistoryRow:
        """End a case that needs no answer; the reason is required."""
        who, row = actor_name(actor), self._open(case)
        why = words(reason, "the reason", LONGEST_NOTE)
        return self._move(row, who, CaseMove.DISMISS, why, resolution=why, lease_until=None)

    def reopen(self, case: int, actor: str, note: str = "") -> HistoryRow:
        """Put a case that has ended back into the queue."""
        who, row, why = actor_name(actor), self._moves.case(case), remark(note)
        if row.state not in DONE:
            raise Conflict(f"case {case} is open: {row.state}", f"listener queue show {case}")
        return self._move(row, who, CaseMove.REOPEN, why, owner="", resolution="")

    def prioritise(self, case: int, actor: str, points: int, note: str = "") -> HistoryRow:
        """Set a case's priority by hand; it then no longer changes by itself."""
        who, row, why = actor_name(actor), self._open(case), remark(note)
        if points not in PRIORITIES:
            raise DeskError(
                f"a priority lies between {PRIORITIES[0]} and {PRIORITIES[-1]}, not {points:,}",
                f"listener queue priority {case} 90",
            )
        change = {"manual_priority": points}
        return self._moves.change_case(row, who, "set priority", change, why)

    def unprioritise(self, case: int, actor: str) -> HistoryRow:
        """Give a case's priority back to the sum of its parts."""
        who, row = actor_name(actor), self._open(case)
        if row.manual_priority is None:
            raise Conflict(
                f"the priority of case {case} was not set by hand", f"listener queue show {case}"
            )
        return self._moves.change_case(row, who, "clear priority", {"manual_priority": None})

    def answered(self, case: int, actor: str, reply: Move) -> HistoryRow:
        """The customer has our answer; the case waits for them.

        `reply` is the move that marks the answer as sent: both are made, or neither.
        """
        who, row = actor_name(actor), self._open(case)
        return self._move(
            row,
            who,
            CaseMove.ANSWER,
            also=reply,
            owner=who,
            lease_until=None,
        )

    def free_for(self, case: int, actor: str) -> None:
        """Raise Conflict when the actor may not answer a case now: it ended, or is another's."""
        self._free(self._open(case), actor)

    def _free(self, row: CaseRow, who: str) -> None:
        if row.owner == who or not self._leased(row) or row.lease_until is None:
            return
        left = timedelta(seconds=(row.lease_until - self._moves.now()) // timedelta(seconds=1))
        still = f" (for {show_duration(left)})" if left else ""
        raise Conflict(
            f"{row.owner} has case {row.id} until {utc(row.lease_until)}{still}",
            f'listener queue note {row.id} "…", or try again then',
        )

    def _leased(self, row: CaseRow) -> bool:
        return (
            bool(row.owner) and row.lease_until is not None and row.lease_until > self._moves.now()
        )

    def _open(self, case: int) -> CaseRow:
        """The case, if it has not ended; says who ended it."""
        file = self._moves.file(case)
        if file.case.state in DONE:
            raise Conflict(f"case {case} was {_ending(file)}", f"listener queue undo {case}")
        return file.case

    def _move(
        self,
        row: CaseRow,
        who: str,
        move: CaseMove,
        note: str = "",
        *,
        action: str = "",
        also: Move | None = None,
        **change: Value,
    ) -> HistoryRow:
        """Make a legal move: its new state beside the columns it changes."""
        self._free(row, who)
        try:
            state = after(CaseState(row.state), move)
        except IllegalMove as error:
            raise Conflict(f"case {row.id}: {error}", f"listener queue show {row.id}") from error
        awake = AWAKE if row.state == CaseState.SNOOZED else {}
        changed = {"state": state.value, **awake, **change, **self._clock(row, state)}
        return self._moves.change_case(row, who, action or move.value, changed, note, also)

    def _clock(self, row: CaseRow, state: CaseState) -> dict[str, Value]:
        """What stops the case's clock, or lets it go on."""
        now = self._moves.now()
        if row.paused_at is None:
            return {"paused_at": moment(now)} if state in NOT_OUR_TURN else {}
        if state in NOT_OUR_TURN:
            return {}
        at = max(now, row.paused_at)
        clock = resume(self._queue, row, row.paused_at, at, row.severity_band in SEVERE)
        return {name: moment(value) for name, value in clock._asdict().items()}


def _ending(file: CaseFile) -> str:
    """How and by whom a case was ended."""
    row = file.case
    ended = next((one for one in file.history if one.after.get("state") == row.state), None)
    by = f" by {ended.actor} at {utc(ended.at)}" if ended is not None else ""
    return f"{row.state}{by}{f': {row.resolution}' if row.resolution else ''}"
