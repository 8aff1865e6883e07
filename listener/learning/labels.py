"""A team's own labels: which posts to label next, and the posts ranked by a label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from listener.errors import NotFound
from listener.learning.effect import AT_ONCE
from listener.learning.examples import Answers, answers
from listener.learning.teaching import Teaching
from listener.stages.progress import Progress, silent
from listener.store.protocol import Store
from listener.store.rows import MentionRow, Span
from triage.audit import sampled
from triage.correction import LABEL, YES
from triage.decisions import likelihood, log_odds
from triage.learning import PostReader, Seen, learn
from triage.learnt_judge import Reviser
from triage.sampling import Candidate, Pick, mixed

COMPLAINTS = "complaint"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A post with how likely a label is, 0…1, and the words that speak for it with their points."""

    mention: int
    text: str
    p: float
    words: tuple[tuple[str, float], ...]
    answer: str


def names(said: Answers) -> dict[str, tuple[int, int]]:
    """The labels that were ever given, with how many posts have them and how many do not."""
    found: dict[str, list[int]] = {}
    for one in (*said.learnt_from, *said.audit):
        if one.field.startswith(LABEL):
            found.setdefault(one.field.removeprefix(LABEL), [0, 0])[one.value != YES] += 1
    return {name: (counts[0], counts[1]) for name, counts in sorted(found.items())}


def offer(
    store: Store, teaching: Teaching, name: str, span: Span, count: int, progress: Progress = silent
) -> list[Pick]:
    """The posts whose answers would teach a label the most; without a name, what is a complaint.

    Only posts that nobody has answered for, in that respect. Raises NotFound for a label that was
    never given.
    """
    said = answers(store, teaching.brand)
    field = f"{LABEL}{name}" if name else COMPLAINTS
    taught = _taught(teaching, said, name)
    fields = {field} if name else {COMPLAINTS, "lane", "relevant"}
    done = {one.key for one in (*said.learnt_from, *said.audit) if one.field in fields}
    found = []
    for row, _, score in _scored(store, teaching, taught, field, span, progress):
        key = f"{row.mention.kind}\0{row.mention.external_id}"
        if key not in done:
            audit = sampled(row.mention.kind, row.mention.external_id)
            found.append(Candidate(row.id, row.mention.full_text, score, audit))
    return mixed(found, count)


def rank(
    store: Store, teaching: Teaching, name: str, span: Span, count: int, progress: Progress = silent
) -> list[Ranked]:
    """The posts for which a label is likeliest, with what was answered about them."""
    said = answers(store, teaching.brand)
    taught = _taught(teaching, said, name)
    assert taught is not None
    field = f"{LABEL}{name}"
    given = {one.key: one.value for one in said.about(field)}
    found = sorted(
        _scored(store, teaching, taught, field, span, progress),
        key=lambda one: (-one[2], one[0].id),
    )[:count]
    return [
        Ranked(
            row.id,
            row.mention.full_text,
            round(likelihood(score), 3),
            tuple(taught.words(seen, field)),
            given.get(f"{row.mention.kind}\0{row.mention.external_id}", ""),
        )
        for row, seen, score in found
    ]


def _taught(teaching: Teaching, said: Answers, name: str) -> Reviser | None:
    """What the answers about a label teach, and nothing else: quick, and never in use."""
    if not name:
        learnt = teaching.in_use()[1]
        return None if learnt is None else Reviser(learnt, teaching.meanings)
    known = names(said)
    if name not in known:
        raise NotFound(
            f"nobody has given the label {name!r} yet; there are: {', '.join(known) or 'none'}",
            f"listener learn label {name} mention:ID --yes --new",
        )
    mine = [one for one in said.learnt_from if one.field == f"{LABEL}{name}"]
    return Reviser(
        learn(mine or said.about(f"{LABEL}{name}"), teaching.judge, teaching.meanings),
        teaching.meanings,
    )


def _scored(
    store: Store,
    teaching: Teaching,
    taught: Reviser | None,
    field: str,
    span: Span,
    progress: Progress,
) -> Iterator[tuple[MentionRow, Seen, float]]:
    """The stored posts of a span with their score: of the label, or of being a complaint."""
    reader, done = PostReader(), 0
    rows = (
        row
        for row in store.mentions(span)
        if row.verdict is not None and row.brand and row.deleted_at is None
    )
    while batch := list(islice(rows, AT_ONCE)):
        texts = [row.mention.full_text for row in batch]
        seen = list(map(reader.read, texts, teaching.judge.judge(texts)))
        yield from zip(batch, seen, _scores(taught, seen, field), strict=True)
        done += len(batch)
        progress("reading stored posts", done, 0)


def _scores(taught: Reviser | None, seen: Sequence[Seen], field: str) -> list[float]:
    if taught is not None and field != COMPLAINTS:
        return taught.scores(seen, field)
    verdicts = taught.revise(seen) if taught is not None else [one.verdict for one in seen]
    return [log_odds(one.complaint_p) for one in verdicts]
