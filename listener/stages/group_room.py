"""One brand's groups in memory: taken up where they were left, kept when they were looked at again."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from listener.store.grouping import GroupingScope
from listener.store.protocol import Store, TriageScope
from triage.graph_clustering import FIRST_LOOK, WINDOW, GraphClusterer
from triage.protocols import Placement, Post, Refinement, RefiningClusterer
from triage.space import STATIC, Space
from triage.titles import telling_words

log = structlog.get_logger(__name__)


class GroupRoom:
    """The clusterer of one brand, in step with the store. Belongs to one thread.

    What it remembers is kept in the store with every batch in which it looked at its posts again.
    Going on from there with the posts that came since gives what going on in memory would have given,
    to the last title, for between two looks posts are only added. What people did since is followed.
    Posts are compared by the vectors of one model; what has none of that model says nothing.
    """

    def __init__(self, brand: str, space: Space = STATIC) -> None:
        self._brand = brand
        self._space = space
        self._clusterer: RefiningClusterer = self._new()
        self._epoch: int | None = None
        self._through = -1  # how far what is kept in the store reaches
        self._silent = 0  # placed posts without a vector of the model, found when all were learnt
        self._unkept = False  # learnt from all posts, which nobody should have to do again
        self._refined: list[Refinement] = []

    def take_up(self, store: Store, scope: GroupingScope) -> RefiningClusterer:
        """The brand's groups as they are now."""
        if self._epoch is not None and scope.grouping_epoch(self._brand) == self._epoch:
            return self._clusterer
        known = self._through if self._epoch is not None else -1
        kept = scope.grouping(self._brand, known)
        in_step = self._epoch is not None and (kept.through if kept else -1) == self._through
        if not in_step:
            state = kept.state if kept is not None and kept.model == self._space.model else b""
            self._clusterer = self._new()
            if not self._taken_up(state):
                self._unkept = True
                self._through = -1
                self._clusterer.restore(store.placed(self._brand, WINDOW, self._space.model))
                self._silent = store.count_foreign_vectors(self._brand, self._space.model)
                return self._clusterer
            assert kept is not None
            self._through, self._unkept = kept.through, False
        remembered = self._clusterer.remembered()
        now = scope.where_now(self._brand, remembered)
        self._clusterer.put_right(now.issues, now.ends)
        later = store.placed(self._brand, WINDOW, self._space.model, remembered.through)
        self._clusterer.learn(later)
        return self._clusterer

    def place(self, scope: TriageScope, posts: Sequence[Post]) -> list[Placement]:
        """Place posts in order of id; `refined` says afterwards what was changed besides."""
        self._tell_silent()
        if self._clusterer.until_look <= len(posts):
            self._clusterer.respect(scope.decided(self._brand))
        placements = self._clusterer.place(posts, scope.new_issue)
        self._refined = self._clusterer.refinements()
        return placements

    @property
    def refined(self) -> Sequence[Refinement]:
        """What was changed when all posts were looked at again while placing, oldest first."""
        return self._refined

    def to_keep(self) -> tuple[str, int, bytes] | None:
        """What the store should remember with this batch: brand, last mention, state; or nothing."""
        through = self._clusterer.remembered().through
        if not self._refined and not (self._unkept and through >= FIRST_LOOK):
            return None
        self._through, self._unkept = through, False
        return self._brand, through, self._clusterer.keep()

    def keep(self, epoch: int) -> None:
        """The groups in memory are those of this epoch."""
        self._epoch = epoch

    def forget(self) -> None:
        """What is in memory was not committed, or is behind; take it up anew before the next use."""
        self._epoch = None

    def _new(self) -> GraphClusterer:
        return GraphClusterer(self._space, brand=telling_words(self._brand))

    def _tell_silent(self) -> None:
        if self._silent:
            log.warning(
                "earlier posts have another model's vectors and attract no new ones",
                brand=self._brand,
                posts=self._silent,
                next="listener issues migrate",
            )
        self._silent = 0

    def _taken_up(self, state: bytes) -> bool:
        if not state:
            return False
        try:
            self._clusterer.take_up(state)
        except ValueError as error:
            log.warning("groups are learnt anew", brand=self._brand, reason=str(error))
            return False
        return True
