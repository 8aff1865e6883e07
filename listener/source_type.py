"""A type of source: what `type: …` in config.yaml stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sources.protocols import Source
    from sources.settings import SourceSettings


@dataclass(frozen=True, slots=True)
class Services:
    """What the program lends to a source while it runs."""

    now: Callable[[], datetime]  # aware, UTC; a source asks no other clock


@dataclass(frozen=True, slots=True)
class SourceType:
    """One type of source, as a plug-in offers it.

    `name` is what stands behind `type:`, `about` one sentence. `settings` says which keys its
    entries may have; `build` makes a source from checked settings and never reaches out by itself.
    Import client libraries inside `build`: listing the types must stay fast. `can_answer`: its
    sources know where a person answers (`sources.protocols.Responder`). `cost` says what the platform
    charges. `bounded`: whatever its sources do ends in good time, because they ask nobody or ask
    through `sources.http.fetch.Fetcher` alone; all others run in a process that can be ended.
    """

    name: str
    about: str
    settings: type[SourceSettings]
    build: Callable[[SourceSettings, Services], Source]
    needs_key: bool = False
    can_answer: bool = False
    cost: str = "free"
    bounded: bool = False
