"""What triage keeps in memory for one brand: its query, what judging must know, its groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from listener.config import BrandConfig
from listener.stages.group_room import GroupRoom
from listener.stages.own_handles import OwnHandles
from sources.mention import Mention
from sources.settings import SourceSettings
from triage.protocols import BrandContext
from triage.query import Document, Query
from triage.query_filter import BrandFilter
from triage.space import space_of
from triage.titles import telling_words


class BrandRoom:
    """One brand's query, context and groups. Belongs to one thread."""

    def __init__(self, config: BrandConfig) -> None:
        self.config = config
        self.name = config.name
        self.query = Query.parse(config.query) if config.query else None
        handles = tuple(handle for handle in config.handles.values() if handle)
        self.context = BrandContext(
            config.name,
            handles,
            tuple(config.languages),
            quality=config.tier == "quality",
            vigilante=config.vigilante.differing(),
            severe=config.severe.differing(),
        )
        self._own = OwnHandles(config.handles)
        self.words = frozenset(telling_words(config.name))
        self.space = space_of(quality=self.context.quality)
        self.groups = GroupRoom(config.name, self.space)

    def is_ours(self, mention: Mention) -> bool:
        """Whether the brand itself wrote it."""
        return self._own.wrote(mention)


class Hearing:
    """Which brands a mention is about: the queries of all that listen to its source, at once."""

    def __init__(self, rooms: Mapping[str, BrandRoom], sources: Sequence[SourceSettings]) -> None:
        self._rooms = rooms
        self._listens = {source.name: tuple(source.brands) for source in sources if source.brands}
        self._everyone = tuple(rooms)
        self._filters: dict[tuple[str, ...], BrandFilter] = {}

    def brands(self, mention: Mention, source: str) -> Iterator[tuple[str, str]]:
        """The brands in order, each with the words of its query that match; "" without a query.

        What a brand's own account writes is the brand's, whatever its words.
        """
        names = self._listens.get(source, self._everyone)
        matched = dict(self._filter(names).matches(Document.of(mention, source)))
        for name in names:
            if self._rooms[name].query is None:
                yield name, ""
            elif name in matched:
                yield name, matched[name].explain()
            elif self._rooms[name].is_ours(mention):
                yield name, "our own account wrote it"

    def _filter(self, names: tuple[str, ...]) -> BrandFilter:
        if names not in self._filters:
            self._filters[names] = BrandFilter({name: self._rooms[name].query for name in names})
        return self._filters[names]


def rooms(brands: Sequence[BrandConfig]) -> dict[str, BrandRoom]:
    """A room for every configured brand, by name."""
    return {brand.name: BrandRoom(brand) for brand in brands}
