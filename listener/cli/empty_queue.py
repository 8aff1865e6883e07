"""Why no case is listed, and what to type next: an empty queue is no proof that all is well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from listener.store.rows import SourceState, Totals

if TYPE_CHECKING:
    from listener.config import Config


def failing(config: Config, states: Sequence[SourceState]) -> int:
    """How many of the configured sources did not go through the last time they were asked."""
    own = {one.name for one in config.sources}
    return sum(state.source in own and state.failures > 0 for state in states)


def why_empty(totals: Totals, sources: int, failing: int, *, narrowed: bool) -> tuple[str, str]:
    """One sentence and one command, for a listener with so many sources, of which some fail.

    `narrowed` says that only a part of the queue was asked for.
    """
    lost = f"{failing:,} of {sources:,} sources could not be read the last time"
    if totals.pending:
        return f"{totals.pending:,} mentions wait to be judged.", "listener run --once"
    if not totals.mentions and failing:
        return f"Nothing was heard yet: {lost}.", "listener sources check"
    if not totals.mentions and sources:
        return "Nothing was heard yet.", "listener run --once"
    if not totals.mentions:
        return (
            "Nothing is listened to: config.yaml has no source.",
            "listener sources describe, or listener import FILE",
        )
    if narrowed:
        return "No case matches.", "listener queue list --view all"
    if failing:
        return f"No case is open, but {lost}.", "listener sources check"
    return "Nothing here. All quiet, or all done.", "listener queue list --view all"
