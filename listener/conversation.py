"""Who speaks in a case's conversation, and which of their words carry signals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from listener.store.rows import CaseFile, MentionRow
from triage.relevance import OURS
from triage.verdict import Signal

CUSTOMER, ANOTHER, US = "customer", "another customer", "us"


def first_mention(file: CaseFile) -> MentionRow | None:
    """The mention that opened a case; None when it is about no brand any more."""
    return next((row for row in file.mentions if row.id == file.case.mention), None)


def speaker(row: MentionRow, file: CaseFile) -> str:
    """Who speaks in a case's conversation: the customer, another customer, or us."""
    if row.verdict is not None and OURS in row.verdict.muted_by:
        return US
    if any(row.id == one.id for one in file.mentions):
        return CUSTOMER
    first, author = first_mention(file), row.mention.author.id
    if first is not None and author and author == first.mention.author.id:
        return CUSTOMER
    return ANOTHER


def spans(signals: Sequence[Signal], length: int) -> Iterator[tuple[int, int]]:
    """The signals' spans within a text of that length in order, those that overlap as one."""
    start = stop = -1
    for one in sorted((signal.start, min(signal.end, length)) for signal in signals):
        if one[0] >= one[1]:
            continue
        if one[0] > stop:
            if stop > start:
                yield start, stop
            start, stop = one
        else:
            stop = max(stop, one[1])
    if stop > start:
        yield start, stop
