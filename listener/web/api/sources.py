"""`/api/v1/sources` and `/coverage`: where mentions come from, how it is there, and what was missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi.responses import Response
from pydantic import Field

from listener.checkup import Checkup, check_sources
from listener.plugins import Services
from listener.store.rows import GapRow, Rejection, RunRow, SourceState
from listener.web.actor import Lead, Viewer
from listener.web.api.bodies import Body
from listener.web.api.cursors import Limit, Word
from listener.web.api.noun import READING, WRITING, noun
from listener.web.api.shapes import answer, answer_page, page_of, shape
from listener.web.borrowed import OpenStore, OurParts

router = noun("sources")


@dataclass(frozen=True, slots=True)
class SourceDetail:
    """A configured source; `state` is null before its first run. `every` is in seconds."""

    source: str
    type: str
    every: float
    brands: tuple[str, ...]
    state: SourceState | None


class Which(Body):
    """The name of a source."""

    source: Annotated[str, Field(min_length=1, max_length=200)]


@router.get("/sources", response_model=page_of(SourceDetail), responses=READING)
def list_sources(actor: Viewer, store: OpenStore, parts: OurParts) -> Response:
    """The configured sources and how they are."""
    states = {state.source: state for state in store.health()}
    found = [
        SourceDetail(
            own.name,
            own.type,
            own.every.total_seconds(),
            tuple(own.brands),
            states.get(own.name),
        )
        for own in parts.config.sources
    ]
    return answer_page(found, None)


@router.post("/sources/check", response_model=shape(Checkup), responses=WRITING)
def check(body: Which, actor: Lead, parts: OurParts) -> Response:
    """Try a source now, without storing anything; it may ask the platform."""
    found = check_sources(parts.config, parts.plugins, Services(parts.now), [body.source])
    return answer(next(found))


@router.get("/coverage", response_model=page_of(RunRow), responses=READING)
def coverage(actor: Viewer, store: OpenStore, source: Word = "", limit: Limit = 50) -> Response:
    """The latest runs, newest first: what each source saw, and the overlap with the run before."""
    return answer_page(store.runs(source, limit), None)


@router.get("/gaps", response_model=page_of(GapRow), responses=READING)
def gaps(actor: Viewer, store: OpenStore, source: Word = "") -> Response:
    """The stretches that sources could not see, newest first; closed ones too."""
    return answer_page(store.gaps(source), None)


@router.get("/rejections", response_model=page_of(Rejection), responses=READING)
def rejections(actor: Viewer, store: OpenStore, source: Word = "", limit: Limit = 50) -> Response:
    """Items that could not be read, latest first."""
    return answer_page(store.rejections(source, limit), None)
