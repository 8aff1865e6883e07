"""What something learnt would change in the posts that are stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from listener.learning.teaching import Lesson, Teaching
from listener.stages.progress import Progress, silent
from listener.store.protocol import Store
from listener.store.rows import MentionRow, Span
from triage.correction import FIELDS, LABEL, value_of
from triage.learning import PostReader
from triage.learnt import Learnt
from triage.learnt_judge import Reviser
from triage.relevance import OURS
from triage.verdict import Verdict

AT_ONCE = 256
WATCHED = tuple([field for field in FIELDS if field != "complaint"])


@dataclass(frozen=True, slots=True)
class JudgedAnew:
    """One stored post that would be judged otherwise: (field, before, after), and why in words."""

    mention: int
    text: str
    fields: tuple[tuple[str, str, str], ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """The posts that were judged with both, and those that would change, the newest first."""

    looked_at: int
    changes: tuple[JudgedAnew, ...]


def effect(
    store: Store, teaching: Teaching, lesson: Lesson, span: Span, progress: Progress = silent
) -> Effect:
    """Judge the stored posts of a span with what is in use and with what was learnt.

    Posts that people have corrected keep their word, our own are not judged by what they say, and
    what no query matches is not judged at all: these are left out. Writes nothing.
    """
    _, now, _ = teaching.in_use()
    before, after = _reviser(teaching, now), _reviser(teaching, lesson.learnt)
    labels = [name for name in lesson.learnt.heads if name.startswith(LABEL)]
    reader, found, done = PostReader(), list[JudgedAnew](), 0
    rows = _judged(store.mentions(span), lesson.answers.mentions)
    while batch := list(islice(rows, AT_ONCE)):
        texts = [row.mention.full_text for row in batch]
        seen = list(map(reader.read, texts, teaching.judge.judge(texts)))
        was = before.revise(seen) if before is not None else [one.verdict for one in seen]
        would_be = after.revise(seen) if after is not None else [one.verdict for one in seen]
        for row, old, new in zip(batch, was, would_be, strict=True):
            fields = _differing(old, new, [*WATCHED, *labels])
            if fields:
                found.append(JudgedAnew(row.id, row.mention.full_text, fields, _why(old, new)))
        done += len(batch)
        progress("looking at stored posts", done, 0)
    return Effect(done, tuple(reversed(found)))


def _reviser(teaching: Teaching, learnt: Learnt | None) -> Reviser | None:
    if learnt is None:
        return None
    return Reviser(learnt, teaching.meanings, teaching.context.severe)


def _judged(rows: Iterable[MentionRow], corrected: frozenset[int]) -> Iterator[MentionRow]:
    for row in rows:
        if row.verdict is None or not row.brand or row.deleted_at is not None:
            continue
        if row.id not in corrected and OURS not in row.verdict.muted_by:
            yield row


def _differing(
    old: Verdict, new: Verdict, fields: Sequence[str]
) -> tuple[tuple[str, str, str], ...]:
    values = [(field, value_of(old, field), value_of(new, field)) for field in fields]
    return tuple([one for one in values if one[1] != one[2]])


def _why(old: Verdict, new: Verdict) -> tuple[str, ...]:
    """The reasons that are new."""
    return tuple([one.text for one in new.reasons if one not in old.reasons])
