"""What is said to a customer, and noted among us: drafted, approved, marked as sent."""

from __future__ import annotations

from listener.config import RepliesConfig
from listener.desk.casework import Casework
from listener.desk.moves import Moves
from listener.desk.words import LONGEST_TEXT, actor_name, words
from listener.errors import Conflict, DeskError, NotFound
from listener.store.rows import CaseFile, HistoryRow, ReplyRow
from sources.mention import Mention
from sources.protocols import Responder

REPLY, NOTE = "reply", "note"
DRAFT, APPROVED, SENT, KEPT = "draft", "approved", "sent", "kept"


class Replies:
    """Replies and notes of cases. A reply is never sent from here: a person does, and says so."""

    def __init__(self, moves: Moves, cases: Casework, config: RepliesConfig) -> None:
        """Work on the store behind `moves` under the house's rules for replies."""
        self._moves = moves
        self._cases = cases
        self._config = config

    def draft(self, case: int, actor: str, text: str) -> HistoryRow:
        """Keep a draft of an answer.

        Raises Conflict when somebody else is answering, DeskError for an empty or endless text, and
        NotFound.
        """
        who, said = actor_name(actor), words(text, "the reply", LONGEST_TEXT)
        self._cases.free_for(case, who)
        return self._keep(case, REPLY, said, DRAFT, who)

    def note(self, case: int, actor: str, text: str) -> HistoryRow:
        """Keep a note for colleagues; anybody may at any time, it never leaves the house."""
        who, said = actor_name(actor), words(text, "the note", LONGEST_TEXT)
        self._moves.case(case)
        return self._keep(case, NOTE, said, KEPT, who)

    def approve(self, case: int, actor: str, reply: int | None = None) -> HistoryRow:
        """Let a draft go out: the given one, or the latest. Raises DeskError and its kinds."""
        who, row = actor_name(actor), self._reply(case, reply, (DRAFT,), "to approve")
        return self._move(row, who, "approve reply", APPROVED)

    def sent(self, case: int, actor: str, reply: int | None = None) -> HistoryRow:
        """Record that a person has sent a reply by hand; the case then waits for the customer.

        Both happen together or not at all: of several who answer at once, one does. Returns the
        reply's move. Where replies need approval, only an approved one can have been sent.
        """
        who = actor_name(actor)
        ready = (APPROVED,) if self._config.approval == "lead" else (DRAFT, APPROVED)
        row = self._reply(case, reply, ready, "to mark as sent")
        self._cases.free_for(case, who)
        sending = self._moves.reply_move(row, who, "reply sent", {"state": SENT}, "sent by hand")
        return self._cases.answered(case, who, sending)

    def link(self, case: int, responder: Responder | None = None) -> str:
        """Where a person answers in a browser: as the source knows, or the post's address."""
        file = self._moves.file(case)
        mention = _first_mention(file)
        link = responder.reply_link(mention) if responder is not None else ""
        if not (link or mention.url):
            raise DeskError(
                f"case {case} has no address: its platform gives none",
                f"listener queue show {case}",
            )
        return link or mention.url

    def _keep(self, case: int, kind: str, text: str, state: str, who: str) -> HistoryRow:
        return self._moves.store.add_reply(
            ReplyRow(0, case, kind, text, state, who, self._moves.now()), who
        )

    def _reply(self, case: int, reply: int | None, states: tuple[str, ...], to_do: str) -> ReplyRow:
        self._moves.case(case)
        rows = [one for one in self._moves.store.replies(case) if one.kind == REPLY]
        if reply is not None:
            rows = [one for one in rows if one.id == reply]
            if not rows:
                raise NotFound(f"case {case} has no reply {reply}", f"listener queue show {case}")
        ready = [one for one in rows if one.state in states]
        if ready:
            return ready[-1]
        if not rows:
            raise DeskError(
                f"case {case} has no reply {to_do}", f'listener queue reply {case} "what you say"'
            )
        last = rows[-1]
        hint = f"listener queue reply {case} --approve" if last.state == DRAFT else ""
        raise Conflict(
            f"reply {last.id} of case {case} by {last.author} is {last.state}, "
            f"not {' or '.join(states)}",
            hint or f"listener queue show {case}",
        )

    def _move(self, row: ReplyRow, who: str, action: str, state: str, note: str = "") -> HistoryRow:
        return self._moves.change_reply(row, who, action, {"state": state}, note)


def _first_mention(file: CaseFile) -> Mention:
    return next(row.mention for row in file.mentions if row.id == file.case.mention)
