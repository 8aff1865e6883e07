"""What triage keeps in memory for one brand: its query, what judging must know, its groups."""

from __future__ import annotations

from collections.abc import Sequence

from listener.config import BrandConfig
from listener.store.protocol import Store, TriageScope
from sources.mention import Mention
from triage.clustering import OnlineClusterer
from triage.protocols import BrandContext, Clusterer
from triage.query import Document, Query

LIVE = (
    50_000  # posts a brand's clusterer remembers; older issues are found through their newer posts
)


class BrandRoom:
    """One brand's query, context and groups. Belongs to one thread."""

    def __init__(self, config: BrandConfig) -> None:
        self.config = config
        self.name = config.name
        self.query = Query.parse(config.query) if config.query else None
        handles = tuple(handle for handle in config.handles.values() if handle)
        self.context = BrandContext(config.name, handles, tuple(config.languages))
        self._own = frozenset(handle.casefold().lstrip("@") for handle in handles)
        self._clusterer: Clusterer = OnlineClusterer()
        self._epoch: int | None = None

    def matches(self, mention: Mention, source: str) -> str | None:
        """Which words of the brand's query the mention matches; "" without a query, None for none."""
        if self.query is None:
            return ""
        match = self.query.matches(Document.of(mention, source))
        return None if match is None else match.explain()

    def is_ours(self, mention: Mention) -> bool:
        """Whether the brand itself wrote it."""
        return mention.author.handle.casefold().lstrip("@") in self._own if self._own else False

    def clusterer(self, store: Store, scope: TriageScope) -> Clusterer:
        """The brand's groups as they are now: relearnt when somebody else has changed them."""
        if self._epoch is None or scope.grouping_epoch(self.name) != self._epoch:
            self._clusterer = OnlineClusterer()
            self._clusterer.restore(store.placed(self.name, LIVE))
        return self._clusterer

    def keep(self, epoch: int) -> None:
        """The groups in memory are those of this epoch."""
        self._epoch = epoch

    def forget(self) -> None:
        """What is in memory was not committed; relearn it before the next use."""
        self._epoch = None


def rooms(brands: Sequence[BrandConfig]) -> dict[str, BrandRoom]:
    """A room for every configured brand, by name."""
    return {brand.name: BrandRoom(brand) for brand in brands}
