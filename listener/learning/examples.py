"""A brand's corrections as examples to learn from, and those to measure with."""

from __future__ import annotations

from dataclasses import dataclass

from listener.store.corrections import CorrectionRow
from listener.store.protocol import Store
from triage.learning import Example


@dataclass(frozen=True, slots=True)
class Answers:
    """What people said of a brand's posts: the latest word on each field of each mention.

    `audit` answers the audit sample: chosen by nobody, measured with, never learnt from.
    `said` counts all corrections behind them, confirmations included.
    """

    learnt_from: tuple[Example, ...]
    audit: tuple[Example, ...]
    mentions: frozenset[int]
    said: int

    def about(self, field: str) -> list[Example]:
        """All that was said about one field."""
        return [one for one in (*self.learnt_from, *self.audit) if one.field == field]


def answers(store: Store, brand: str) -> Answers:
    """The corrections of a brand that hold, whatever their order in the store."""
    latest: dict[tuple[int, str], CorrectionRow] = {}
    said = 0
    for row in store.corrections(brand):
        said += 1
        key = row.mention.id, row.field
        known = latest.get(key)
        if known is None or (row.at, row.id) > (known.at, known.id):
            latest[key] = row
    found = [(_example(row), row.audit) for row in latest.values()]
    return Answers(
        learnt_from=tuple([one for one, audit in found if not audit]),
        audit=tuple([one for one, audit in found if audit]),
        mentions=frozenset([mention for mention, _ in latest]),
        said=said,
    )


def _example(row: CorrectionRow) -> Example:
    mention = row.mention.mention
    key = f"{mention.kind}\0{mention.external_id}"
    return Example(key, mention.full_text, row.field, row.is_now)
