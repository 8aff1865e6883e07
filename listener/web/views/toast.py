"""What has just been done, in one sentence, with the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from listener.store.protocol import Store
from listener.store.rows import HistoryRow
from listener.web.phrases import Phrase, phrase
from sources.text import clean_line

MOST = 50  # moves that one address names
LOOK_BACK = 400  # moves of everybody among which the latest are looked for

# "case 12 resolved": how a move is told to who made it.
DONE = {
    "claim": "claimed",
    "extend": "yours for longer",
    "release": "everybody's again",
    "assign": "assigned",
    "answer": "waits for the customer",
    "snooze": "snoozed",
    "resolve": "resolved",
    "dismiss": "dismissed",
    "reopen": "open again",
    "set priority": "given a priority by hand",
    "clear priority": "prioritised by itself again",
    "draft": "draft kept",
    "reply": "draft kept",
    "note": "note kept",
    "approve reply": "reply approved",
    "reply sent": "recorded as posted",
    "label": "labelled",
    "unlabel": "label taken off",
    "correct": "corrected",
    "undo": "taken back",
    "merge": "merged",
    "split": "split off",
    "move": "posts moved here",
    "together": "always together",
    "apart": "never together",
    "learn": "in use",
    "rename": "renamed",
    "fix": "marked as fixed",
    "close": "closed",
}


@dataclass(frozen=True, slots=True)
class Toast:
    """One sentence; `undo` are the moves that the button takes back; `back` is where to go then."""

    said: str
    undo: tuple[int, ...]
    back: str


def toast(store: Store, done: str, back: str) -> Toast | None:
    """What the moves named in an address did; None for none, and for what is not there."""
    ids = [int(one) for one in done.split(",")[:MOST] if one.isascii() and one.isdecimal()]
    if not ids:
        return None
    wanted = set(ids)
    rows = [row for row in store.history(None, LOOK_BACK) if row.id in wanted]
    if not rows:
        return None
    undo = tuple(row.id for row in rows if row.undoes is None and row.undone_by is None)
    return Toast(told(rows), undo, back)


def told(rows: Sequence[HistoryRow]) -> Phrase:
    """What moves did, in words."""
    first = rows[0]
    if len(rows) > 1 and len({row.case for row in rows}) > 1:
        return phrase("%(n)s cases %(did)s", n=len(rows), did=_did(first))
    if first.case is not None:
        return phrase("Case %(id)s: %(did)s", id=first.case, did=_did(first))
    what = phrase(first.entity.capitalize())
    return phrase("%(what)s %(id)s: %(did)s", what=what, id=first.entity_id, did=_did(first))


def _did(row: HistoryRow) -> str:
    if row.undoes is not None:
        return phrase("taken back")
    said = DONE.get(row.action)
    return clean_line(row.action, 80) if said is None else phrase(said)
