"""What people do with issues: name, merge, split, mark fixed, and see who must be told."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from listener.desk.moves import Moves, moment
from listener.desk.words import LONGEST_NOTE, LONGEST_TITLE, actor_name, words
from listener.errors import Conflict, DeskError
from listener.store.rows import HistoryRow, IssueRow, LoopRow, Span


class IssueDesk:
    """Moves of issues. What a person has named, merged or split, grouping leaves as it is."""

    def __init__(self, moves: Moves) -> None:
        """Work on the store behind `moves`."""
        self._moves = moves

    def rename(self, issue: int, actor: str, title: str) -> HistoryRow:
        """Give an issue a name that stays."""
        who, row = actor_name(actor), self._moves.issue(issue)
        name = " ".join(words(title, "the title", LONGEST_TITLE).split())
        if (name, who) == (row.title, row.titled_by):
            raise Conflict(
                f"issue {row.id} has that title already", f"listener issues show {row.id}"
            )
        change = {"title": name, "titled_by": who}
        return self._moves.change_issue(row, who, "rename", change)

    def merge(self, source: int, target: int, actor: str) -> HistoryRow:
        """Make one issue a part of another; its number stays as another name of that."""
        who = actor_name(actor)
        one, other = self._moves.issue(source), self._moves.issue(target)
        if one.id == other.id:
            raise Conflict(
                f"issues {source} and {target} are one already: {one.id}",
                f"listener issues show {one.id}",
            )
        if one.brand != other.brand:
            raise DeskError(
                f"issue {source} is about {one.brand}, issue {target} about {other.brand}; "
                "issues of different brands stay apart",
                f"listener issues list --brand {shlex.quote(one.brand)}",
            )
        return self._moves.store.merge(one.id, other.id, who, self._moves.now())

    def split(self, issue: int, mentions: Sequence[int], actor: str) -> HistoryRow:
        """Make a part of an issue's mentions an issue of its own, which stays apart."""
        who, row = actor_name(actor), self._moves.issue(issue)
        wanted = sorted(set(mentions))
        if not wanted:
            raise DeskError("which mentions?", f"listener issues show {row.id}")
        inside = {one.id for one in self._moves.store.mentions(Span(brand=row.brand), row.id)}
        strangers = [mention for mention in wanted if mention not in inside]
        if strangers:
            listed = ", ".join(map(str, strangers[:5])) + (", …" if len(strangers) > 5 else "")
            raise DeskError(
                f"not in issue {row.id}: mention {listed}", f"listener issues show {row.id}"
            )
        if len(wanted) == len(inside):
            raise DeskError(
                f"these are all {len(inside)} mentions of issue {row.id}; some must stay",
                f'listener issues rename {row.id} "…"',
            )
        return self._moves.store.split(row.id, wanted, who, self._moves.now())

    def fix(self, issue: int, actor: str, note: str) -> HistoryRow:
        """Mark the cause as mended; `note` is what the people who complained will be told.

        The same complaint afterwards opens the issue again.
        """
        who, row = actor_name(actor), self._moves.issue(issue)
        said = words(note, "the note", LONGEST_NOTE)
        if row.state != "open":
            raise Conflict(
                f"issue {row.id} is {row.state} already", f"listener issues loop {row.id}"
            )
        change = {
            "state": "fixed",
            "fixed_at": moment(self._moves.now()),
            "fix_note": said,
        }
        return self._moves.change_issue(row, who, "fix", change, said)

    def close(self, issue: int, actor: str, reason: str = "") -> HistoryRow:
        """Close an issue. While people are untold this needs a reason, which history keeps.

        Raises Conflict saying how many are untold, when no reason is given.
        """
        who, row = actor_name(actor), self._moves.issue(issue)
        if row.state == "closed":
            raise Conflict(f"issue {row.id} is closed already", f"listener issues reopen {row.id}")
        untold = sum(person.status == "untold" for person in self._moves.store.loop(row.id))
        why = words(reason, "the reason", LONGEST_NOTE) if reason.strip() else ""
        if untold and not why:
            raise Conflict(
                f"{untold:,} people who complained about issue {row.id} have not been told",
                f'listener issues loop {row.id}, or close it with --anyway "why"',
            )
        note = f"{why} ({untold:,} untold)" if untold else why
        return self._moves.change_issue(row, who, "close", {"state": "closed"}, note)

    def reopen(self, issue: int, actor: str, note: str = "") -> HistoryRow:
        """Open a fixed or closed issue again."""
        who, row = actor_name(actor), self._moves.issue(issue)
        if row.state == "open":
            raise Conflict(f"issue {row.id} is open", f"listener issues show {row.id}")
        change = {"state": "open", "fixed_at": None}
        return self._moves.change_issue(row, who, "reopen", change, note.strip()[:LONGEST_NOTE])

    def issue(self, issue: int) -> IssueRow:
        """An issue; a merged one is followed to where it went. Raises NotFound."""
        return self._moves.issue(issue)

    def loop(self, issue: int) -> list[LoopRow]:
        """Everyone who complained, and whether they were told."""
        return self._moves.store.loop(self._moves.issue(issue).id)

    def notice(self, issue: IssueRow, person: LoopRow) -> str:
        """A draft of what one person would be told; empty when there is nothing to tell."""
        return notice_text(issue, person) if issue.fix_note and person.status == "untold" else ""


def notice_text(issue: IssueRow, person: LoopRow) -> str:
    """A plain, honest first draft; a person reads it before anybody else does."""
    greeting = f"Hi {person.handle}, " if person.handle else "Hi, "
    return (
        f"{greeting}you told us about this ({issue.title}) on {person.first_at:%d %B %Y}. "
        f"It is fixed: {issue.fix_note} Thank you for telling us, and sorry for the trouble."
    )
