"""What an export covers, and what it must be handed to write it."""

from __future__ import annotations

from dataclasses import dataclass, field

from listener.belonging import Explains
from listener.config import Config
from listener.store.rows import Span


@dataclass(frozen=True, slots=True)
class Wanted:
    """A span, the brands' own handles (folded, no @), whose posts are nobody's help, and what explains.

    Without `explain` the table `belonging` has what the store knows: no rule, no threshold, no ties.
    """

    span: Span = field(default_factory=Span)
    own_handles: frozenset[str] = frozenset()
    explain: Explains | None = None


def own_handles(config: Config) -> frozenset[str]:
    """All handles of the brands themselves, folded, without their @."""
    handles = (handle for brand in config.brands for handle in brand.handles.values() if handle)
    return frozenset(handle.lstrip("@").casefold() for handle in handles)
