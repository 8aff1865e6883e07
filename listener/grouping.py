"""`listener group`: which issue every line of a file would have joined as it came; no store."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from listener.lines import Line, answer, batches
from triage.protocols import Clusterer, Embedder, Placement, Post, Scorer
from triage.verdict import Lane

# The time of lines that tell none. Lines are placed in the order of the file, whatever they tell.
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tools:
    """What places posts; used for one stream."""

    scorer: Scorer
    embedder: Embedder
    clusterer: Clusterer


@dataclass(frozen=True, slots=True)
class Joined:
    """Where a line went. `similarity` is None when it was not grouped, and its issue then its own.

    Not grouped are muted lines and those that say too little; a near copy follows its original.
    """

    issue: int
    similarity: float | None = None
    duplicate_of: int | None = None


def grouped(lines: Iterable[Line], tools: Tools) -> Iterator[tuple[Line, bytes]]:
    """Every line with what `Joined` says of it added, in order."""
    for line, joined in placed(lines, tools):
        if joined is None:
            yield line, answer(line, {})
            continue
        similarity = None if joined.similarity is None else round(joined.similarity, 4)
        added = {
            "issue": joined.issue,
            "similarity": similarity,
            "duplicate_of": joined.duplicate_of,
        }
        yield line, answer(line, added)


def placed(lines: Iterable[Line], tools: Tools) -> Iterator[tuple[Line, Joined | None]]:
    """Every line with where it went, in order; None for one with an error.

    The id of a post is the number of its line.
    """
    numbers = itertools.count(1)
    alone: dict[int, int] = {}  # the issues of lines that were not grouped, for their copies
    for batch in batches(lines):
        placements = _place(batch, tools, lambda: next(numbers))
        for line in batch:
            if line.error:
                yield line, None
                continue
            one = placements.get(line.number)
            copied = one.duplicate_of if one is not None else 0
            if one is not None and one.issue:
                yield line, Joined(one.issue, one.similarity, copied or None)
            else:
                issue = alone[line.number] = alone.get(copied) or next(numbers)
                yield line, Joined(issue, None, copied or None)


def _place(
    batch: Sequence[Line], tools: Tools, new_issue: Callable[[], int]
) -> dict[int, Placement]:
    """The placements of a batch by number of line; muted lines have none."""
    sound = [line for line in batch if not line.error]
    texts = [line.text for line in sound]
    verdicts = tools.scorer.judge(texts)
    vectors = tools.embedder.embed(texts)
    posts = [
        Post(
            id=line.number,
            text=line.text,
            vector=vector,
            lane=verdict.lane,
            created_at=_moment(line.fields.get("created_at")),
            author=_author(line.fields),
        )
        for line, verdict, vector in zip(sound, verdicts, vectors, strict=True)
        if verdict.lane is not Lane.MUTED
    ]
    return {placement.post: placement for placement in tools.clusterer.place(posts, new_issue)}


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else _NO_TIME
    except ValueError:
        return _NO_TIME
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _author(fields: Mapping[str, object]) -> str:
    author = fields.get("author", fields.get("author_id", ""))
    if isinstance(author, dict):
        author = author.get("id") or author.get("handle") or ""
    return str(author) if isinstance(author, str | int) else ""
