"""What people decide about groups beside merging and splitting: moves, links, and suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from listener.desk.issues import IssueDesk
from listener.desk.moves import Moves, moment
from listener.desk.words import actor_name
from listener.errors import Conflict, DeskError, NotFound
from listener.store.grouping import SuggestionRow
from listener.store.looking import PostQuery
from listener.store.rows import HistoryRow, IssueRow, MentionRow, Move, Span

EXAMPLES = 3
HINT = "listener issues suggestions --all"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a suggestion: phrases of both, people in both, and posts to read."""

    suggestion: SuggestionRow
    title: str
    other_title: str
    phrases: tuple[str, ...]
    people_in_both: int
    examples: tuple[str, ...]
    other_examples: tuple[str, ...]


class GroupDesk:
    """Moves of mentions between issues, links between them, and decisions on suggestions.

    Grouping leaves all of it as it is, and it outlives another model, a new calibration and a replay.
    """

    def __init__(self, moves: Moves, issues: IssueDesk) -> None:
        """Work on the store behind `moves`."""
        self._moves = moves
        self._issues = issues

    def move(self, issue: int, mentions: Sequence[int], into: int, actor: str) -> HistoryRow:
        """Put mentions of one issue into another one; they stay there."""
        who = actor_name(actor)
        source, target = self._moves.issue(issue), self._moves.issue(into)
        if not mentions:
            raise DeskError("which mentions?", f"listener issues show {source.id}")
        return self._moves.store.regroup(mentions, source.id, target.id, who, self._moves.now())

    def link(self, one: int, other: int, actor: str, *, together: bool) -> HistoryRow:
        """Say of two mentions that they always belong together, or never do.

        Grouping follows with its next look, except in issues that people have touched.
        """
        who = actor_name(actor)
        if one == other:
            raise DeskError(
                f"mention {one} can't be linked with itself", f"listener issues why {one}"
            )
        brand = self._brand_of(one)
        rule = "must" if together else "cannot"
        return self._moves.store.link(rule, brand, one, other, who, self._moves.now())

    def link_issues(self, one: int, other: int, actor: str, *, together: bool) -> HistoryRow:
        """Say of two issues that they are one (a merge), or never will be."""
        if together:
            return self._issues.merge(one, other, actor)
        first, second = self._moves.issue(one), self._moves.issue(other)
        if first.id == second.id:
            raise Conflict(
                f"issues {one} and {other} are one: {first.id}; split it first",
                f"listener issues show {first.id}",
            )
        return self.link(self._typical(first), self._typical(second), actor, together=False)

    def suggestions(
        self, brand: str = "", state: str = "open", *, after: int = 0, limit: int | None = None
    ) -> list[Evidence]:
        """What grouping would change in issues that people touched, with what speaks for it.

        In order of id, those after one; without a `state` decided ones too.
        """
        rows = [one for one in self._moves.store.suggestions(brand, state) if one.id > after]
        return [self._evidence(one) for one in rows[:limit]]

    def suggestions_about(self, issue: int) -> list[Evidence]:
        """The open ones that an issue would be merged, or split, by."""
        row = self._moves.issue(issue)
        rows = self._moves.store.suggestions(row.brand)
        return [self._evidence(one) for one in rows if row.id in self._ends(one)]

    def accept(self, suggestion: int, actor: str) -> HistoryRow:
        """Do what a suggestion says: merge, or split. Returns that move; undoing it opens both again.

        Raises NotFound, also when its issues are gone since, and Conflict when it was decided already
        or its posts have been moved.
        """
        who, row = actor_name(actor), self._open(suggestion)
        if row.rule == "merge":
            done = self._issues.merge(row.issue, row.other, who)
        else:
            inside = {one.id for one in self._posts(row.issue)}
            still = [mention for mention in row.mentions if mention in inside]
            if not still or len(still) == len(inside):
                raise Conflict(
                    f"the posts of suggestion {suggestion} have been moved since it was made; "
                    "nothing was done",
                    HINT,
                )
            done = self._issues.split(row.issue, still, who)
        self._decide(row, "accept", "accepted", who)
        return done

    def dismiss(self, suggestion: int, actor: str) -> HistoryRow:
        """Turn a suggestion down for good; undoing that puts it back."""
        return self._decide(self._open(suggestion), "dismiss", "dismissed", actor_name(actor))

    def _decide(self, row: SuggestionRow, action: str, state: str, who: str) -> HistoryRow:
        now = self._moves.now()
        change = {"state": state, "actor": who, "decided_at": moment(now)}
        expect = {"state": row.state}
        done = self._moves.store.move(
            Move(who, action, "suggestion", row.id, expect, change, now, row.reason)
        )
        if done is None:
            raise Conflict(
                f"suggestion {row.id} has been decided meanwhile", "listener issues suggestions"
            )
        return done

    def _open(self, suggestion: int) -> SuggestionRow:
        for row in self._moves.store.suggestions("", "open"):
            if row.id == suggestion:
                return row
        for row in self._moves.store.suggestions("", ""):
            if row.id == suggestion:
                raise Conflict(
                    f"suggestion {suggestion} was {row.state} already by {row.actor}", HINT
                )
        raise NotFound(
            f"there is no suggestion {suggestion}, or its issues have changed since it was made",
            HINT,
        )

    def _evidence(self, row: SuggestionRow) -> Evidence:
        issue, other = self._moves.issue(row.issue), None
        if row.other:
            other = self._moves.issue(row.other)
        people = self._people(issue) & self._people(other) if other is not None else frozenset()
        parted = self._texts_of(row.mentions[-EXAMPLES:])
        return Evidence(
            row,
            issue.title,
            "" if other is None else other.title,
            () if other is None else tuple(sorted({*issue.phrases} & {*other.phrases})),
            len(people),
            self._latest(issue.id, frozenset(row.mentions)),
            parted if other is None else self._latest(other.id),
        )

    def _ends(self, row: SuggestionRow) -> set[int]:
        """What the issues of a suggestion are called today."""
        found = [self._moves.store.issue(issue) for issue in (row.issue, row.other) if issue]
        return {one.id for one in found if one is not None}

    def _latest(self, issue: int, but: frozenset[int] = frozenset()) -> tuple[str, ...]:
        """The texts of the latest posts of an issue that are not among these, oldest first."""
        rows = self._moves.store.posts(PostQuery(issue=issue, limit=EXAMPLES + len(but)))
        texts = [one.mention.full_text for one in rows if one.id not in but]
        return tuple(reversed(texts[:EXAMPLES]))

    def _texts_of(self, mentions: Sequence[int]) -> tuple[str, ...]:
        found = [self._moves.store.readings(mention) for mention in mentions]
        return tuple([rows[0].mention.full_text for rows in found if rows])

    def _typical(self, issue: IssueRow) -> int:
        """The most central mention of an issue, or its first when that one has left it."""
        inside = [one.id for one in self._posts(issue.id)]
        if not inside:
            raise DeskError(f"issue {issue.id} has no mentions", "listener issues list")
        return issue.central if issue.central in inside else min(inside)

    def _people(self, issue: IssueRow) -> frozenset[tuple[str, str]]:
        rows = self._moves.store.loop(issue.id)
        return frozenset((one.kind, one.author_id) for one in rows if one.author_id)

    def _posts(self, issue: int) -> list[MentionRow]:
        return list(self._moves.store.mentions(Span(), issue))

    def _brand_of(self, mention: int) -> str:
        rows = self._moves.store.readings(mention)
        if not rows:
            raise NotFound(f"there is no mention {mention}", "listener issues list")
        grouped = [one.brand for one in rows if one.issue is not None]
        if not grouped:
            raise DeskError(f"mention {mention} is in no issue", "listener issues list")
        return grouped[0]
