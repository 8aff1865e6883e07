"""Why no case is listed, and what to type next: an empty queue is no proof that all is well."""

from __future__ import annotations

from listener.store.rows import Totals


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
