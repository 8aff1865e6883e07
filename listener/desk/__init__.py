"""What people do with cases: claim, release, assign, snooze, resolve, dismiss, prioritise, undo.

Used alike by the command line, the web and the API. Every method is one conditional move with its
history row, or raises DeskError, Conflict or NotFound and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from listener.config import Config
from listener.desk.casework import Casework
from listener.desk.corrections import CorrectionDesk
from listener.desk.groups import GroupDesk
from listener.desk.issues import IssueDesk
from listener.desk.labels import LabelDesk
from listener.desk.moves import Moves
from listener.desk.people import PeopleDesk
from listener.desk.replies import Replies
from listener.desk.undoing import undo
from listener.errors import Conflict, NotFound
from listener.store.protocol import Store
from listener.store.rows import HistoryRow

__all__ = [
    "Casework",
    "CorrectionDesk",
    "Desk",
    "GroupDesk",
    "IssueDesk",
    "LabelDesk",
    "PeopleDesk",
    "Replies",
]


class Desk:
    """The desk over one store, a part for every noun, and the way back. One thread.

    `cases`, `replies`, `labels`, `people`, `issues`, `groups`, `corrections`.
    """

    def __init__(self, store: Store, config: Config, now: Callable[[], datetime]) -> None:
        """`now` gives aware times in UTC."""
        moves = Moves(store, now)
        self._moves = moves
        self.cases = Casework(moves, config.queue)
        self.replies = Replies(moves, self.cases, config.replies)
        self.labels = LabelDesk(moves)
        self.people = PeopleDesk(moves)
        self.issues = IssueDesk(moves)
        self.groups = GroupDesk(moves, self.issues)
        self.corrections = CorrectionDesk(moves, config)

    def undo(
        self,
        actor: str,
        *,
        case: int | None = None,
        issue: int | None = None,
        history: int | None = None,
    ) -> HistoryRow:
        """Take a move back: the given one, or the actor's latest on this case or issue, or at all.

        Raises Conflict when what it changed has been changed again since, or it was taken back
        already; NotFound when there is no such move.
        """
        done = undo(self._moves, actor, case=case, issue=issue, history=history)
        if done.entity == "mention":
            self.corrections.reprice(done.case)
        return done

    def undo_all(self, actor: str, issue: int) -> list[HistoryRow]:
        """Take back all the actor's moves on an issue, the latest first, up to one that cannot be.

        Raises what `undo` raises when there is none, or when the latest cannot be taken back.
        """
        done = [self.undo(actor, issue=issue)]
        while True:
            try:
                done.append(self.undo(actor, issue=issue))
            except (Conflict, NotFound):
                return done
