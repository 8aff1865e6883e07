"""`listener group`: which issue every line of a file would have joined as it came; no store."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
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


def grouped(lines: Iterable[Line], tools: Tools) -> Iterator[tuple[Line, bytes]]:
    """Every line with its issue added, in order.

    `issue` is null for a muted line, as muted mentions are not grouped. `similarity` is the cosine
    to what it joined, `duplicate_of` the number of the line it repeats, or null.
    """
    for line, placement in placed(lines, tools):
        if placement is None:
            added: dict[str, object] = {"issue": None, "similarity": None, "duplicate_of": None}
        else:
            added = {
                "issue": placement.issue,
                "similarity": round(placement.similarity, 4),
                "duplicate_of": placement.duplicate_of or None,
            }
        yield line, answer(line, added)


def placed(lines: Iterable[Line], tools: Tools) -> Iterator[tuple[Line, Placement | None]]:
    """Every line with its placement; None for a muted one and for one with an error.

    The id of a post is the number of its line.
    """
    numbers = itertools.count(1)
    for batch in batches(lines):
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
        placements = tools.clusterer.place(posts, lambda: next(numbers))
        of_line = {placement.post: placement for placement in placements}
        for line in batch:
            yield line, of_line.get(line.number)


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
