"""Exports about the crowd: who helps others, and what people wish for.

First definitions, in plain words in docs/exports.md; both are sums over the mentions of the span.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from listener.exports.cells import Cell
from listener.exports.wanted import Wanted
from listener.store.protocol import Store
from listener.store.rows import MentionRow
from triage.verdict import Lane

Row = Sequence[Cell]

_IN_NEED = (Lane.COMPLAINT, Lane.QUESTION)
_NO_HELP = (*_IN_NEED, Lane.MUTED)


@dataclass(slots=True)
class _Crowd:
    """What is summed up per helper or per idea; a few fields of its posts, never all of them."""

    last: MentionRow
    first: MentionRow
    people: set[str] = field(default_factory=set)
    posts: int = 0
    sample: bool = True

    def add(self, row: MentionRow, person: str) -> None:
        self.people.add(person)
        self.posts += 1
        self.sample = self.sample and row.mention.sample
        if row.mention.created_at >= self.last.mention.created_at:
            self.last = row


def evangelist_rows(store: Store, wanted: Wanted) -> Iterator[Row]:
    """People who answered somebody else's complaint or question without complaining or asking.

    The post that was answered (or that opened the conversation) must be stored and in the lane
    complaint or question. Answers to oneself, by nobody and by the brand's own handles don't count.
    """
    helpers: dict[tuple[str, str, str], _Crowd] = {}
    for row in store.mentions(wanted.span):
        author = row.mention.author
        if not author.id or row.verdict is None or row.verdict.lane in _NO_HELP:
            continue
        if {author.id.casefold(), author.handle.lstrip("@").casefold()} & wanted.own_handles:
            continue
        helped = _helped(store, row)
        if helped:
            key = (row.brand, row.mention.kind, author.id)
            helpers.setdefault(key, _Crowd(row, row)).add(row, helped)
    order = sorted(helpers.items(), key=lambda one: (-len(one[1].people), -one[1].posts, one[0]))
    for (brand, kind, author_id), crowd in order:
        said = crowd.last.mention
        yield (
            brand,
            kind,
            author_id,
            said.author.handle,
            len(crowd.people),
            crowd.posts,
            crowd.first.mention.created_at,
            said.created_at,
            said.url,
            said.text,
            crowd.sample,
        )


def _helped(store: Store, row: MentionRow) -> str:
    """The author of the complaint or question that a post answers, "" when there is none."""
    said = row.mention
    for external_id in dict.fromkeys((said.thread.parent, said.thread.root)):
        if not external_id or external_id == said.external_id:
            continue
        asked = store.mention(said.kind, external_id)
        if asked is None or asked.verdict is None or asked.verdict.lane not in _IN_NEED:
            continue
        if asked.mention.author.id and asked.mention.author.id != said.author.id:
            return asked.mention.author.id
    return ""


def idea_rows(store: Store, wanted: Wanted) -> Iterator[Row]:
    """The mentions in the lane idea, summed up by issue; those in no issue stand alone."""
    ideas: dict[tuple[str, int, int], _Crowd] = {}
    for row in store.mentions(wanted.span):
        if row.verdict is None or row.verdict.lane is not Lane.IDEA:
            continue
        key = (row.brand, row.issue or 0, 0 if row.issue else row.id)
        person = f"{row.mention.kind} {row.mention.author.id or row.mention.external_id}"
        ideas.setdefault(key, _Crowd(row, row)).add(row, person)
    return _ideas_in_order(store, ideas.items())


def _ideas_in_order(
    store: Store, ideas: Iterable[tuple[tuple[str, int, int], _Crowd]]
) -> Iterator[Row]:
    order = sorted(ideas, key=lambda one: (-len(one[1].people), -one[1].posts, one[0]))
    for (brand, issue, _), crowd in order:
        named = store.issue(issue) if issue else None
        said = crowd.last.mention
        yield (
            issue or None,
            brand,
            named.title if named is not None else "",
            len(crowd.people),
            crowd.posts,
            crowd.first.mention.created_at,
            said.created_at,
            said.url,
            said.text,
            crowd.sample,
        )
