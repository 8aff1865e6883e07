"""Taking a move back: a move of its own, which can be taken back too."""

from __future__ import annotations

from collections.abc import Iterable

from listener.desk.moves import Moves
from listener.desk.words import actor_name
from listener.errors import Conflict, NotFound
from listener.store.rows import HistoryRow
from sources.mention import utc

# How far back a person's latest move is looked for when only the case or the issue is named.
LOOK_BACK = 10_000


def undo(
    moves: Moves, actor: str, *, case: int | None, issue: int | None, history: int | None
) -> HistoryRow:
    """See `Desk.undo`."""
    who = actor_name(actor)
    if case is not None:
        moves.case(case)
    if issue is not None:
        moves.issue(issue)
    rows = moves.store.history(case, LOOK_BACK, by_people=history is None)
    look = _moves_of(case, issue)
    chosen = _latest(rows, who, case, issue) if history is None else _named(rows, history, look)
    if chosen.undone_by is not None:
        raise Conflict(f"move {chosen.id} ({_said(chosen)}) was taken back already", look)
    done = moves.store.undo(chosen.id, who, moves.now())
    if done is None:
        raise Conflict(
            f"move {chosen.id} ({_said(chosen)}) can't be taken back: what it changed has been "
            f"changed again since{_later(rows, chosen)}",
            look,
        )
    accepted = _acceptance(moves, rows, chosen)
    if accepted is not None:
        moves.store.undo(accepted.id, who, moves.now())
    return done


def _acceptance(moves: Moves, rows: Iterable[HistoryRow], chosen: HistoryRow) -> HistoryRow | None:
    """The decision on the suggestion that a merge or split has carried out; it is open again then."""
    if chosen.entity != "issue" or chosen.action not in ("merge", "split"):
        return None
    later = [row for row in rows if row.id > chosen.id and row.undone_by is None]
    for row in reversed(later):
        if (row.entity, row.action, row.actor) != ("suggestion", "accept", chosen.actor):
            continue
        known = [one for one in moves.store.suggestions("", "accepted") if one.id == row.entity_id]
        if known and known[0].issue in _issues(chosen):
            return row
    return None


def _named(rows: Iterable[HistoryRow], history: int, look: str) -> HistoryRow:
    for row in rows:
        if row.id == history:
            return row
    raise NotFound(f"there is no move {history} here", look)


def _moves_of(case: int | None, issue: int | None) -> str:
    """The command that lists the moves one may take back."""
    if issue is not None:
        return f"listener issues show {issue} --json"
    return "listener queue list --view all" if case is None else f"listener queue show {case}"


def _latest(
    rows: Iterable[HistoryRow], who: str, case: int | None, issue: int | None
) -> HistoryRow:
    for row in rows:
        if row.actor != who or row.undone_by is not None or row.undoes is not None:
            continue
        if issue is None or (row.entity == "issue" and issue in _issues(row)):
            return row
    where = f" on case {case}" if case is not None else f" on issue {issue}" if issue else ""
    raise NotFound(
        f"{who} has made no move{where} that could be taken back", _moves_of(case, issue)
    )


def _issues(row: HistoryRow) -> tuple[object, ...]:
    """The issues a move was about: a merge and a split are about two."""
    return row.entity_id, row.after.get("merged_into"), row.before.get("issue")


def _later(rows: Iterable[HistoryRow], chosen: HistoryRow) -> str:
    """Who changed it since, as a part of a sentence."""
    for row in rows:
        same = (row.entity, row.entity_id) == (chosen.entity, chosen.entity_id)
        if same and row.id > chosen.id and row.undone_by is None:
            return f" by {row.actor} ({row.action} at {utc(row.at)}); take move {row.id} back first"
    return ""


def _said(row: HistoryRow) -> str:
    return f"“{row.action}” by {row.actor} at {utc(row.at)}"
