"""JSON of strangers, read without trusting its shape: what is missing or of another type is empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Json:
    """One value of a JSON document; looking for what is not there gives an empty one, never an error."""

    value: object = None

    def at(self, *keys: str) -> Json:
        """Return the value behind a path of keys."""
        return Json(self._behind(keys))

    def text(self, *keys: str) -> str:
        """Return the text behind a path of keys; "" when there is none."""
        value = self._behind(keys)
        return value if isinstance(value, str) else ""

    def whole(self, *keys: str) -> int | None:
        """Return the whole number behind a path of keys; None when there is none."""
        value = self._behind(keys)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def name(self, *keys: str) -> str:
        """Return an id as text, whether it is written as text or as a whole number."""
        number = self.whole(*keys)
        return self.text(*keys) if number is None else str(number)

    def flag(self, *keys: str) -> bool:
        """Say whether `true` stands behind a path of keys."""
        return self._behind(keys) is True

    def each(self, *keys: str) -> Iterator[Json]:
        """Go through the list behind a path of keys."""
        value = self._behind(keys)
        return map(Json, value) if isinstance(value, list) else iter(())

    def is_list(self, *keys: str) -> bool:
        """Say whether a list stands behind a path of keys."""
        return isinstance(self._behind(keys), list)

    def is_object(self, *keys: str) -> bool:
        """Say whether an object stands behind a path of keys."""
        return isinstance(self._behind(keys), dict)

    def _behind(self, keys: tuple[str, ...]) -> object:
        value = self.value
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value
