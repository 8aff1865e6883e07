"""Finds the plug-ins, asks them what they offer, and keeps a broken one away from the others."""

from __future__ import annotations

import importlib.metadata
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pluggy

from listener import builtin, hookspecs
from listener.source_type import Services, SourceType
from sources.errors import SourceError
from sources.protocols import Batch, Check
from sources.settings import SourceSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sources.protocols import Source

__all__ = ["Plugins", "Problem", "Services", "SourceType", "load_plugins"]

GROUP = hookspecs.PROJECT
BUILT_IN = "built in"

_TYPE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Problem:
    """A plug-in that does not work: which distribution brought it, its name, what is wrong."""

    distribution: str
    plugin: str
    message: str

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"plug-in {self.plugin} of {self.distribution}: {self.message}"


@dataclass(frozen=True, slots=True)
class Offer:
    """A type of source and the distribution that brought it."""

    source_type: SourceType
    distribution: str


class Plugins:
    """All that works of what is installed, and what does not."""

    def __init__(self, offers: Mapping[str, Offer], problems: Sequence[Problem]) -> None:
        """Keep both; `load_plugins` is the usual way here."""
        self._offers = dict(offers)
        self.problems = tuple(problems)

    def offers(self) -> tuple[Offer, ...]:
        """All types of source with their origin, built-ins first, then by name."""
        return tuple(self._offers.values())

    def source_types(self) -> Mapping[str, SourceType]:
        """All types of source by name."""
        return {name: offer.source_type for name, offer in self._offers.items()}

    def source_settings(self) -> Mapping[str, type[SourceSettings]]:
        """The settings class of every type of source, by name."""
        return {name: offer.source_type.settings for name, offer in self._offers.items()}

    def build(self, settings: SourceSettings, services: Services) -> Source:
        """Build one source from its checked settings.

        A type that fails to build one gives a source that says so in `check` and `collect`, so that
        the other sources go on.
        """
        offer = self._offers[settings.type]
        try:
            return offer.source_type.build(settings, services)
        except Exception as error:  # noqa: BLE001  a stranger's code again
            said = f"cannot build a source: {_said(error)}"
            problem = Problem(offer.distribution, settings.type, said)
            return _Unbuilt(settings.name, settings.type, str(problem))


class _Unbuilt:
    """Stands where a source should be that its plug-in could not build."""

    def __init__(self, name: str, kind: str, problem: str) -> None:
        self.name = name
        self.kind = kind
        self._problem = problem

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Fail as the source's run, not as the program."""
        raise SourceError(self._problem)

    def check(self) -> Check:
        """Say what happened."""
        return Check(False, self._problem, "type")


def load_plugins() -> Plugins:
    """Load the built-ins and every installed plug-in; a broken one becomes a Problem, not an error.

    A type that two plug-ins offer goes to the built-in, else to the first distribution by name.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    offers: dict[str, Offer] = {}
    problems: list[Problem] = []
    for name, distribution, plugin in _found(problems):
        try:
            manager.register(plugin, f"{distribution}:{name}")
            manager.check_pending()
            offered = _ask(manager, plugin)
        except Exception as error:  # noqa: BLE001  whatever a stranger's code raises stays theirs
            if manager.is_registered(plugin):
                manager.unregister(plugin)
            problems.append(Problem(distribution, name, _said(error)))
            continue
        for kind in offered:
            wrong = _wrong(kind, offers)
            if wrong:
                problems.append(Problem(distribution, name, wrong))
            else:
                offers[kind.name] = Offer(kind, distribution)
    return Plugins(offers, problems)


def _found(problems: list[Problem]) -> Iterator[tuple[str, str, object]]:
    """Every plug-in that can be imported, as (name, distribution, plug-in); built-ins first."""
    yield "builtin", BUILT_IN, builtin
    points = importlib.metadata.entry_points(group=GROUP)
    for point in sorted(
        points, key=lambda point: (point.dist.name if point.dist else "", point.name)
    ):
        distribution = point.dist.name if point.dist else "unknown"
        try:
            plugin = point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001  as above, at import time
            problems.append(Problem(distribution, point.name, f"cannot be loaded: {_said(error)}"))
            continue
        yield point.name, distribution, plugin


def _ask(manager: pluggy.PluginManager, plugin: object) -> list[SourceType]:
    """What one plug-in offers, asked alone so that its failure is its own."""
    others = [other for other in manager.get_plugins() if other is not plugin]
    answers = manager.subset_hook_caller("listener_sources", others)()
    return [kind for answer in answers for kind in answer]


def _wrong(kind: object, offers: Mapping[str, Offer]) -> str:
    """What is wrong with an offered type; empty when it can be taken."""
    if not isinstance(kind, SourceType):
        return f"offers a {type(kind).__name__} where a SourceType is needed"
    if not _TYPE_NAME.fullmatch(kind.name):
        return f"the type {kind.name!r} needs a name of small letters, digits, - and _"
    settings: object = kind.settings
    if not (isinstance(settings, type) and issubclass(settings, SourceSettings)):
        return f"the settings of {kind.name!r} must be a subclass of SourceSettings"
    if kind.name in offers:
        return f"the type {kind.name!r} is offered by {offers[kind.name].distribution} already"
    return ""


def _said(error: BaseException) -> str:
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said[:300]}" if said else type(error).__name__
