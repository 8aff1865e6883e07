"""`/api/v1/trials`: what other settings would have done with what is stored. Nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi.responses import Response
from pydantic import Field

from listener.config.lines import macro_lines, query_lines, queue_lines
from listener.query_change import Example
from listener.replaying import Group
from listener.trials import LONGEST_DAYS, TeamSize, try_query, try_queue, with_macro
from listener.web.actor import Lead, Viewer
from listener.web.api.bodies import Body
from listener.web.api.noun import WRITING, noun
from listener.web.api.shapes import answer, shape
from listener.web.borrowed import OpenStore, OurParts

router = noun("trials")

Days = Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
Long = Annotated[str, Field(min_length=1, max_length=20_000)]


class QueryTrial(Body):
    """Another query for a brand, over the stored posts of the last days."""

    brand: Annotated[str, Field(max_length=200)] = ""
    query: Long
    days: Days = 7


class QueueTrial(Body):
    """A `queue:` section as config.yaml would have it, and a team to answer the cases of the last days."""

    text: Long
    days: Days = 7
    agents: Annotated[int, Field(ge=1, le=1_000)] = 2
    per_hour: Annotated[float, Field(ge=0.1, le=1_000, allow_inf_nan=False)] = 10.0


class MacroTrial(Body):
    """A prepared answer; without a text the one of that name is taken away."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(max_length=10_000)] = ""


@dataclass(frozen=True, slots=True)
class MovedPost:
    """A post that would come in or go, and why."""

    source: str
    author: str
    url: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class QueryTried:
    """Of `seen` posts how many would come in, go, and stay, with the latest; and the lines for config.yaml."""

    brand: str
    query: str
    seen: int
    entering: int
    leaving: int
    stays: int
    enters: tuple[MovedPost, ...]
    leaves: tuple[MovedPost, ...]
    lines: str


@dataclass(frozen=True, slots=True)
class QueueTried:
    """How long people would have waited, the shares of promises kept, and the lines for config.yaml."""

    groups: tuple[Group, ...]
    kept: float | None
    kept_then: float | None
    lines: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines for config.yaml, which take the place of those that are there."""

    lines: str


@router.post("/trials/query", response_model=shape(QueryTried), responses=WRITING)
def query(body: QueryTrial, actor: Viewer, store: OpenStore, parts: OurParts) -> Response:
    """What another query of a brand would have let in, and let go."""
    found = try_query(store, parts.config, body.brand, body.query, body.days, parts.now())
    return answer(
        QueryTried(
            brand=found.brand,
            query=found.after,
            seen=found.seen,
            entering=found.entering,
            leaving=found.leaving,
            stays=found.stays,
            enters=tuple(map(_moved, found.entering_examples)),
            leaves=tuple(map(_moved, found.leaving_examples)),
            lines=query_lines(found.brand, body.query.strip()),
        )
    )


@router.post("/trials/queue", response_model=shape(QueueTried), responses=WRITING)
def queue(body: QueueTrial, actor: Lead, store: OpenStore, parts: OurParts) -> Response:
    """How long people would have waited with other promises and points."""
    team = TeamSize(body.agents, body.per_hour)
    read, found = try_queue(store, parts.config, body.text, team, body.days, parts.now())
    return answer(QueueTried(found.groups, found.before.kept, found.after.kept, queue_lines(read)))


@router.post("/trials/macros", response_model=shape(Lines), responses=WRITING)
def macros(body: MacroTrial, actor: Lead, parts: OurParts) -> Response:
    """The prepared answers with one more, with another text for one, or less one."""
    changed = with_macro(parts.config.replies.macros, body.name, body.text)
    return answer(Lines(macro_lines(changed)))


def _moved(one: Example) -> MovedPost:
    said = one.mention
    return MovedPost(one.source, said.author.handle, said.url, said.full_text, one.after)
