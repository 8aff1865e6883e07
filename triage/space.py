"""What grouping must know of a kind of vectors: how many numbers they have, and what fits them.

Thresholds found with one model's vectors do not suit another's: how much of its ties a part of a topic
has in the rest of it depends on how the model spreads posts out.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.embedding import StaticEmbedder
from triage.encoder import MODEL


@dataclass(frozen=True, slots=True)
class Space:
    """A kind of vectors, made by `model`. `name` marks what was grouped by it; the table's is "".

    `tied`: the quantile of similarities between posts of a brand from which posts are tied. Parts found
    at `resolution` are joined from the share `joined_by` of their ties beyond chance, or from
    `joined_by_at_first` over the square root of the number of posts while that is more.
    """

    name: str
    model: str
    dimensions: int
    tied: float = 0.95
    resolution: float = 8.0
    joined_by: float = 0.085
    joined_by_at_first: float = 10.0


STATIC = Space("", StaticEmbedder.model, StaticEmbedder.dimensions)
ENCODER = Space("encoder", MODEL, 384, joined_by=0.08, joined_by_at_first=7.0)


def space_of(*, quality: bool) -> Space:
    """What a brand's posts are grouped by: what judges them in its tier."""
    return ENCODER if quality else STATIC
