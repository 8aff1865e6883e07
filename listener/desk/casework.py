"""Moves of a case: who has it, until when, and how it ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from listener.desk.moves import Moves, moment
from listener.desk.words import LONGEST_NOTE, actor_name, remark, words
from listener.errors import Conflict, DeskError
from listener.store.rows import CaseRow, HistoryRow
from sources.duration import show_duration
from sources.mention import utc

NEW, ANSWERING, WAITING, SNOOZED = "new", "answering", "waiting", "snoozed"
RESOLVED, DISMISSED = "resolved", "dismissed"
LONGEST_SLEEP = timedelta(days=366)
PRIORITIES = range(-1_000, 1_001)


class Casework:
    """What people do with one case. A claim is a lease: it ends by itself."""

    def __init__(self, moves: Moves, lease: timedelta) -> None:
        """`lease` is how long a claimed case stays with its agent without any move."""
        self._moves = moves
        self._lease = lease

    def claim(self, case: int, actor: str) -> HistoryRow:
        """Take a case for the length of a lease; the owner's own claim extends it.

        Exactly one of several at once wins. Raises Conflict naming owner and end of a live lease.
        """
        who, row = actor_name(actor), self._open(case)
        self.free_for(row, who)
        until = self._moves.now() + self._lease
        action = "extend" if self._leased(row) else "claim"
        change = {
            "state": ANSWERING,
            "owner": who,
            "lease_until": moment(until),
            "snooze_until": None,
        }
        return self._moves.change_case(row, who, action, change)

    def release(self, case: int, actor: str, note: str = "") -> HistoryRow:
        """Give a case back to everybody. Raises Conflict when it isn't the actor's."""
        who, row, why = actor_name(actor), self._open(case), remark(note)
        self.free_for(row, who)
        if not row.owner:
            raise Conflict(f"case {case} is nobody's already", f"listener queue claim {case}")
        change = {"state": _back(row), "owner": "", "lease_until": None}
        return self._moves.change_case(row, who, "release", change, why)

    def assign(self, case: int, actor: str, to: str, note: str = "") -> HistoryRow:
        """Make a case somebody's task, without a lease: it can be claimed by others at need."""
        who, whom, row, why = actor_name(actor), actor_name(to), self._open(case), remark(note)
        if row.owner != whom:
            self.free_for(row, who)
        if row.owner == whom and row.lease_until is None:
            raise Conflict(f"case {case} is {whom}'s already", f"listener queue show {case}")
        change = {"state": _back(row), "owner": whom, "lease_until": None}
        return self._moves.change_case(row, who, "assign", change, why or f"to {whom}")

    def snooze(self, case: int, actor: str, until: datetime, note: str = "") -> HistoryRow:
        """Put a case out of sight until a moment, aware, in the future and within a year."""
        who, row, why = actor_name(actor), self._open(case), remark(note)
        self.free_for(row, who)
        now = self._moves.now()
        if not now < until <= now + LONGEST_SLEEP:
            raise DeskError(
                f"{utc(until)} is not a time to sleep until: it must lie ahead, within a year",
                f"listener queue snooze {case} 2h",
            )
        change = {
            "state": SNOOZED,
            "snooze_until": moment(until),
            "lease_until": None,
        }
        return self._moves.change_case(row, who, "snooze", change, why)

    def resolve(self, case: int, actor: str, outcome: str = "") -> HistoryRow:
        """End a case well; `outcome` says how."""
        who, row, how = actor_name(actor), self._open(case), remark(outcome)
        self.free_for(row, who)
        return self._moves.change_case(row, who, "resolve", _ended(RESOLVED, how), how)

    def dismiss(self, case: int, actor: str, reason: str) -> HistoryRow:
        """End a case that needs no answer; the reason is required."""
        who, row = actor_name(actor), self._open(case)
        why = words(reason, "the reason", LONGEST_NOTE)
        self.free_for(row, who)
        return self._moves.change_case(row, who, "dismiss", _ended(DISMISSED, why), why)

    def prioritise(self, case: int, actor: str, points: int, note: str = "") -> HistoryRow:
        """Set a case's priority by hand; it then no longer changes by itself."""
        who, row, why = actor_name(actor), self._open(case), remark(note)
        if points not in PRIORITIES:
            raise DeskError(
                f"a priority lies between {PRIORITIES[0]} and {PRIORITIES[-1]}, not {points:,}"
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

    def answered(self, case: int, actor: str) -> HistoryRow:
        """The customer has our answer; the case waits for them."""
        who, row = actor_name(actor), self._open(case)
        self.free_for(row, who)
        change = {"state": WAITING, "owner": who, "lease_until": None}
        return self._moves.change_case(row, who, "answer", change)

    def free_for(self, row: CaseRow, who: str) -> None:
        """Raise Conflict, naming owner and end, while somebody else has a live lease on a case."""
        if row.owner != who and self._leased(row) and row.lease_until is not None:
            left = show_duration(
                timedelta(
                    seconds=max(1, int((row.lease_until - self._moves.now()).total_seconds()))
                )
            )
            raise Conflict(
                f"{row.owner} has case {row.id} until {utc(row.lease_until)} (for {left})",
                f'listener queue note {row.id} "…", or try again then',
            )

    def _leased(self, row: CaseRow) -> bool:
        return (
            bool(row.owner) and row.lease_until is not None and row.lease_until > self._moves.now()
        )

    def _open(self, case: int) -> CaseRow:
        file = self._moves.file(case)
        row = file.case
        if row.state not in (RESOLVED, DISMISSED):
            return row
        ended = next((one for one in file.history if one.after.get("state") == row.state), None)
        by = f" by {ended.actor} at {utc(ended.at)}" if ended is not None else ""
        why = f": {row.resolution}" if row.resolution else ""
        raise Conflict(f"case {case} was {row.state}{by}{why}", f"listener queue undo {case}")


def _back(row: CaseRow) -> str:
    """The state a case falls back to when nobody answers it now."""
    keep = (WAITING, SNOOZED)
    return row.state if row.state in keep else NEW


def _ended(state: str, resolution: str) -> dict[str, str | None]:
    return {
        "state": state,
        "resolution": resolution,
        "lease_until": None,
        "snooze_until": None,
    }
