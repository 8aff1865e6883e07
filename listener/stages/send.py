"""Send: hand approved replies to the platforms. Without a platform connection people send by hand."""

from __future__ import annotations

from listener.store.protocol import Store


def send(store: Store) -> int:
    """Send what waits in the outbox; returns how many. No source can send yet, so nothing waits."""
    return 0
