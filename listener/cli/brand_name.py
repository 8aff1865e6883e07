"""A brand as somebody types it, and as the configuration spells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.errors import UsageError

if TYPE_CHECKING:
    from listener.config import Config


def known_brand(config: Config, brand: str) -> str:
    """The configured name, whatever the case it was typed in; "" stays. Raises UsageError."""
    names = [one.name for one in config.brands]
    for name in names:
        if name.casefold() == brand.casefold():
            return name
    if brand:
        raise UsageError(f"there is no brand {brand!r}", f"--brand with one of: {', '.join(names)}")
    return ""
