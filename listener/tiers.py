"""By which kind of vectors brands are grouped: a brand's tier says what judges and groups its posts."""

from __future__ import annotations

from collections.abc import Sequence

from listener.config import BrandConfig
from triage.space import Space, space_of


def spaces(brands: Sequence[BrandConfig]) -> dict[str, Space]:
    """By what kind of vectors every brand is grouped, by name."""
    return {brand.name: space_of(quality=brand.tier == "quality") for brand in brands}
