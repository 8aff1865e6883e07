"""The export that says why each mention is in its issue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from listener.exports.cells import Cell
from listener.exports.wanted import Wanted
from listener.store.protocol import Store
from listener.store.rows import MentionRow

MOST_WORDS = 8


def belonging_rows(store: Store, wanted: Wanted) -> Iterator[Sequence[Cell]]:
    """In order of posting, every mention that is in an issue, once for every brand."""
    titles: dict[int, str] = {}
    for row in store.mentions(wanted.span):
        if row.issue is None or row.deleted_at is not None:
            continue
        if row.issue not in titles:
            named = store.issue(row.issue)
            titles[row.issue] = named.title if named is not None else ""
        yield _belonging(row, titles[row.issue], wanted)


def _belonging(row: MentionRow, title: str, wanted: Wanted) -> Sequence[Cell]:
    told = wanted.explain(row) if wanted.explain is not None else None
    ties = told.ties if told is not None else ()
    return (
        row.id,
        row.brand,
        row.issue,
        title,
        told.rule if told is not None else "",
        told.shares.get(row.issue or 0) if told is not None else None,
        row.similarity,
        told.needed if told is not None else None,
        ties[0].mention if ties else None,
        ties[0].words[:MOST_WORDS] if ties else (),
        tuple([f"{one.similarity:.2f} mention {one.mention} of issue {one.issue}" for one in ties]),
        row.duplicate_of,
        row.mention.full_text,
    )
