"""`listener group`: which issue every line of a file is in once all have come; no store."""

from __future__ import annotations

import itertools
import pickle
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import IO, cast

from listener.lines import Line, answer, batches
from triage.protocols import Embedder, Placement, Post, Refinement, RefiningClusterer, Scorer
from triage.verdict import Lane

# The time of lines that tell none. Lines are placed in the order of the file, whatever they tell.
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tools:
    """What places posts; used for one stream."""

    scorer: Scorer
    embedder: Embedder
    clusterer: RefiningClusterer


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
    """Every line with where it is in the end, in order; None for one with an error.

    The id of a post is the number of its line. Lines are read to the end first, for later ones can
    change where earlier ones belong; meanwhile they wait in a temporary file.
    """
    numbers = itertools.count(1)
    placements: dict[int, Placement] = {}
    repeats: dict[int, list[int]] = defaultdict(list)
    with TemporaryFile() as waiting:
        for batch in batches(lines):
            for line in batch:
                pickle.dump(line, waiting, pickle.HIGHEST_PROTOCOL)
            for one in _place(batch, tools, lambda: next(numbers)):
                placements[one.post] = one
                if one.duplicate_of:
                    repeats[one.duplicate_of].append(one.post)
            for refinement in tools.clusterer.refinements():
                _carry_out(refinement, placements, repeats)
        waiting.seek(0)
        yield from _told(_lines(waiting), placements, lambda: next(numbers))


def _lines(waiting: IO[bytes]) -> Iterator[Line]:
    while True:
        try:
            line = pickle.load(waiting)  # noqa: S301  a file of ours that nobody else sees
        except EOFError:
            return
        yield cast("Line", line)


def _told(
    lines: Iterable[Line], placements: Mapping[int, Placement], new_issue: Callable[[], int]
) -> Iterator[tuple[Line, Joined | None]]:
    alone: dict[int, int] = {}  # the issues of lines that were not grouped, for their copies
    for line in lines:
        if line.error:
            yield line, None
            continue
        one = placements.get(line.number)
        copied = one.duplicate_of if one is not None else 0
        if one is not None and one.issue:
            yield line, Joined(one.issue, one.similarity, copied or None)
        else:
            issue = alone[line.number] = alone.get(copied) or new_issue()
            yield line, Joined(issue, None, copied or None)


def _carry_out(
    refinement: Refinement,
    placements: dict[int, Placement],
    repeats: Mapping[int, Sequence[int]],
) -> None:
    """Change placements as a refinement says; what repeats a post goes with it."""
    into = {one.issue: one.into for one in refinement.absorbed}
    if into:
        for post, placement in placements.items():
            if placement.issue in into:
                placements[post] = placement._replace(issue=into[placement.issue])
    for move in refinement.moves:
        for post in (move.post, *repeats.get(move.post, ())):
            if placements[post].issue == move.source:
                placements[post] = placements[post]._replace(issue=move.target)


def _place(batch: Sequence[Line], tools: Tools, new_issue: Callable[[], int]) -> list[Placement]:
    """The placements of a batch; muted lines have none."""
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
    return tools.clusterer.place(posts, new_issue)


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
