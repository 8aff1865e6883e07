"""What an export covers."""

from __future__ import annotations

from dataclasses import dataclass, field

from listener.store.rows import Span


@dataclass(frozen=True, slots=True)
class Wanted:
    """A span and the brands' own handles (folded, no @): their posts are nobody's help."""

    span: Span = field(default_factory=Span)
    own_handles: frozenset[str] = frozenset()
