"""The life of a case and its only legal moves, and when a mention opens or joins one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from triage.verdict import Lane

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sources.mention import Mention, Thread


class CaseState(StrEnum):
    """Where a case stands.

    new → answering (claimed, under a lease) → waiting (for the customer) → resolved; snoozed sleeps
    until a moment or until the customer writes; dismissed needs no answer.
    """

    NEW = "new"
    ANSWERING = "answering"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class CaseMove(StrEnum):
    """What can happen to a case; lapse, wake and hear happen by themselves."""

    CLAIM = "claim"
    EXTEND = "extend"
    RELEASE = "release"
    ASSIGN = "assign"
    ANSWER = "answer"
    SNOOZE = "snooze"
    RESOLVE = "resolve"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    LAPSE = "lapse"
    WAKE = "wake"
    HEAR = "hear"


OPEN = frozenset({CaseState.NEW, CaseState.ANSWERING, CaseState.WAITING, CaseState.SNOOZED})
NOT_OUR_TURN = frozenset({CaseState.WAITING, CaseState.RESOLVED, CaseState.DISMISSED})
"""Where the clock stands still: neither promises nor ageing count what is the customer's time."""

DONE = frozenset({CaseState.RESOLVED, CaseState.DISMISSED})
OPENING_LANES = frozenset({Lane.COMPLAINT, Lane.QUESTION, Lane.IDEA})
SAME_TALK = timedelta(days=3)

# (from these states, to this one; None: the state stays)
MOVES: dict[CaseMove, tuple[frozenset[CaseState], CaseState | None]] = {
    CaseMove.CLAIM: (OPEN, CaseState.ANSWERING),
    CaseMove.EXTEND: (frozenset({CaseState.ANSWERING}), CaseState.ANSWERING),
    CaseMove.RELEASE: (frozenset({CaseState.ANSWERING}), CaseState.NEW),
    CaseMove.ASSIGN: (frozenset({CaseState.NEW, CaseState.ANSWERING}), CaseState.NEW),
    CaseMove.ANSWER: (OPEN, CaseState.WAITING),
    CaseMove.SNOOZE: (OPEN, CaseState.SNOOZED),
    CaseMove.RESOLVE: (OPEN, CaseState.RESOLVED),
    CaseMove.DISMISS: (OPEN, CaseState.DISMISSED),
    CaseMove.REOPEN: (DONE, CaseState.NEW),
    CaseMove.LAPSE: (frozenset({CaseState.ANSWERING}), CaseState.NEW),
    CaseMove.WAKE: (frozenset({CaseState.SNOOZED}), CaseState.NEW),
    CaseMove.HEAR: (OPEN, None),
}
WAKENED_BY_CUSTOMER = frozenset({CaseState.WAITING, CaseState.SNOOZED})


class IllegalMove(ValueError):
    """A move that a case's state does not allow; the message names those that it does."""

    def __init__(self, state: CaseState, move: CaseMove) -> None:
        """Name the state, the move and the legal ones."""
        self.state, self.move = state, move
        legal = ", ".join(sorted(legal_moves(state)))
        super().__init__(f"a case that is {state.value} cannot take {move.value}; it can: {legal}")


def legal_moves(state: CaseState) -> frozenset[CaseMove]:
    """What can happen to a case in this state."""
    return frozenset({move for move, (states, _) in MOVES.items() if state in states})


def after(state: CaseState, move: CaseMove) -> CaseState:
    """The state after a move. Raises IllegalMove."""
    states, to = MOVES[move]
    if state not in states:
        raise IllegalMove(state, move)
    if move is CaseMove.HEAR:
        return CaseState.NEW if state in WAKENED_BY_CUSTOMER else state
    return state if to is None else to


def opens_case(lane: Lane) -> bool:
    """Whether a mention in this lane needs somebody's answer."""
    return lane in OPENING_LANES


@dataclass(frozen=True, slots=True)
class OpenTalk:
    """An open case as the next mention of its person sees it.

    `ids` are the external ids of its mentions and of their threads (roots and parents);
    `last_at` is when its last mention was written; `started` of its mentions answer nobody.
    """

    case: int
    kind: str
    author: str
    ids: frozenset[str]
    last_at: datetime
    started: int = 0


def joins(mention: Mention, talks: Iterable[OpenTalk]) -> OpenTalk | None:
    """The open case that a mention continues, the latest if several, or None.

    The same person on the same platform continues a case in the same conversation, or, answering
    somebody in a conversation we do not hold, within three days of the case's last mention.
    """
    if not mention.author.id:
        return None
    own = [t for t in talks if (t.kind, t.author) == (mention.kind, mention.author.id)]
    ids = thread_ids(mention.external_id, mention.thread)
    known = [talk for talk in own if not ids.isdisjoint(talk.ids)]
    near = [talk for talk in own if mention.thread.parent and _near(mention.created_at, talk)]
    return max(known or near, key=lambda talk: (talk.last_at, talk.case), default=None)


def thread_ids(external_id: str, thread: Thread) -> frozenset[str]:
    """The ids by which a mention is known to belong to a conversation."""
    ids: Collection[str] = (external_id, thread.root, thread.parent)
    return frozenset(filter(None, ids))


def _near(at: datetime, talk: OpenTalk) -> bool:
    """Whether a moment is within the time in which people still talk about the same thing."""
    return abs(at - talk.last_at) <= SAME_TALK
