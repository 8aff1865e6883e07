"""Why no case is listed, and what to type next: an empty queue is no proof that all is well."""

from __future__ import annotations

from listener.store.rows import Totals


def why_empty(totals: Totals, sources: int, *, narrowed: bool) -> tuple[str, str]:
    """One sentence and one command, for a listener with so many sources.

    `narrowed` says that only a part of the queue was asked for.
    """
    if totals.pending:
        return f"{totals.pending:,} mentions wait to be judged.", "listener run --once"
    if not totals.mentions and sources:
        return "Nothing was heard yet.", "listener run --once"
    if not totals.mentions:
        return (
            "Nothing is listened to: config.yaml has no source.",
            "listener sources describe, or listener import FILE",
        )
    if narrowed:
        return "No case matches.", "listener queue list --view all"
    return "Nothing here. All quiet, or all done.", "listener queue list --view all"
