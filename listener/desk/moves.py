"""How the desk changes anything: look, decide, one conditional move, or say who was faster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from listener.errors import Conflict, NotFound
from listener.store.protocol import Store
from listener.store.rows import (
    CaseFile,
    CaseRow,
    HistoryRow,
    IssueRow,
    Move,
    ReplyRow,
    Value,
)
from sources.mention import utc


class Moves:
    """Rows of the store as they are now, and conditional changes to them."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        """`now` gives aware times in UTC."""
        self.store = store
        self.now = now

    def file(self, case: int) -> CaseFile:
        """A case with everything known about it. Raises NotFound."""
        found = self.store.case(case)
        if found is None:
            raise NotFound(f"there is no case {case}", "listener queue list --view all")
        return found

    def case(self, case: int) -> CaseRow:
        """A case as the queue lists it. Raises NotFound."""
        return self.file(case).case

    def issue(self, issue: int) -> IssueRow:
        """An issue; a merged one is followed to where it went. Raises NotFound."""
        found = self.store.issue(issue)
        if found is None:
            raise NotFound(f"there is no issue {issue}", "listener issues list")
        return found

    def change_case(
        self,
        row: CaseRow,
        who: str,
        action: str,
        change: Mapping[str, Value],
        note: str = "",
        also: Move | None = None,
    ) -> HistoryRow:
        """Change a case if its state and owner are still those that were looked at.

        `also` is a move that belongs to it: both are made, or neither, and it is the one returned.
        Raises Conflict when somebody was faster, saying who.
        """
        expect: dict[str, Value] = {
            "state": row.state,
            "owner": row.owner,
            "lease_until": moment(row.lease_until),
        }
        return self._apply(
            Move(who, action, "case", row.id, expect, change, self.now(), note, row.id),
            f"case {row.id}",
            f"listener queue show {row.id}",
            also,
        )

    def change_reply(
        self, row: ReplyRow, who: str, action: str, change: Mapping[str, Value], note: str
    ) -> HistoryRow:
        """Change a reply if its state is still the one that was looked at. Raises Conflict."""
        return self._apply(
            self.reply_move(row, who, action, change, note),
            f"reply {row.id}",
            f"listener queue show {row.case}",
        )

    def reply_move(
        self, row: ReplyRow, who: str, action: str, change: Mapping[str, Value], note: str
    ) -> Move:
        """The move that changes a reply, to be made with another one."""
        expect: dict[str, Value] = {"state": row.state}
        return Move(who, action, "reply", row.id, expect, change, self.now(), note, row.case)

    def change_issue(
        self, row: IssueRow, who: str, action: str, change: Mapping[str, Value], note: str = ""
    ) -> HistoryRow:
        """Change an issue if its state and name are still those looked at. Raises Conflict."""
        expect: dict[str, Value] = {"state": row.state, "titled_by": row.titled_by}
        return self._apply(
            Move(who, action, "issue", row.id, expect, change, self.now(), note),
            f"issue {row.id}",
            f"listener issues show {row.id}",
        )

    def _apply(self, move: Move, what: str, hint: str, also: Move | None = None) -> HistoryRow:
        done = self.store.move_all((move,) if also is None else (also, move))
        if done is not None:
            return done[0]
        raise Conflict(f"{what} has changed meanwhile{self._faster(move)}; nothing was done", hint)

    def _faster(self, move: Move) -> str:
        """Who moved it last, as a part of a sentence."""
        for row in self.store.history(move.case):
            if (row.entity, row.entity_id) == (move.entity, move.entity_id):
                return f": {row.actor} made the move “{row.action}” at {utc(row.at)}"
        return ""


def moment(at: datetime | None) -> str | None:
    """A time as the store's columns hold it."""
    return None if at is None else utc(at)
