"""What an export covers."""

from __future__ import annotations

from dataclasses import dataclass, field

from listener.config import Config
from listener.store.rows import Span


@dataclass(frozen=True, slots=True)
class Wanted:
    """A span and the brands' own handles (folded, no @): their posts are nobody's help."""

    span: Span = field(default_factory=Span)
    own_handles: frozenset[str] = frozenset()


def own_handles(config: Config) -> frozenset[str]:
    """All handles of the brands themselves, folded, without their @."""
    handles = (handle for brand in config.brands for handle in brand.handles.values() if handle)
    return frozenset(handle.lstrip("@").casefold() for handle in handles)
