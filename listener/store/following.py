"""What somebody asks who follows the store: has anything changed, and which moves are new."""

from __future__ import annotations

from typing import Protocol

from listener.store.rows import HistoryRow, Move


class Following(Protocol):
    """The store's verbs for live pages, and for moves that belong together."""

    def pulse(self) -> int:
        """A number that is another one whenever another instance has committed. Cheap: no look-up."""
        ...

    def latest_move(self) -> int:
        """The id of the latest move; 0 before the first. Ids grow in the order of the commits."""
        ...

    def moves_since(self, after: int, limit: int = 1_000) -> list[HistoryRow]:
        """Moves with a larger id, oldest first."""
        ...

    def newest_case(self) -> int:
        """The id of the case opened last; 0 before the first."""
        ...

    def move_all(self, moves: tuple[Move, ...]) -> list[HistoryRow] | None:
        """Apply several moves as one: all, or none and None when one's `expect` no longer holds."""
        ...
