"""What differs between two configurations, as lines an operator reads in the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, SecretStr

if TYPE_CHECKING:
    from listener.config.model import Config

NOTHING = "nothing"
LONGEST = 80


def changes(old: Config, new: Config) -> list[str]:
    """The settings that differ, as `sources.reddit.every: 0:02:00 → 0:05:00`, in the file's order.

    Members of lists go by their name where they have one, so that a new source is one line. A
    changed secret is named, its values never are.
    """
    return list(_changes(old, new, ""))


def _changes(old: object, new: object, path: str) -> Iterator[str]:
    before, after = _parts(old), _parts(new)
    if before is None and after is not None and not old:
        before = {}  # an empty list has no members to tell by
    elif after is None and before is not None and not new:
        after = {}
    if before is None or after is None:
        if old != new:
            yield f"{path}: {_said(old)} → {_said(new)}"
        return
    for name in dict.fromkeys([*before, *after]):
        inner = f"{path}.{name}" if path else name
        if name not in after:
            yield f"{inner}: removed"
        elif name not in before:
            yield f"{inner}: added"
        else:
            yield from _changes(before[name], after[name], inner)


def _parts(value: object) -> dict[str, object] | None:
    """The named parts of a section, a map or a list of named sections; None for a plain value."""
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {str(name): inner for name, inner in value.items()}
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return None
    if all(isinstance(member, BaseModel) for member in value):
        numbered = enumerate(value, start=1)
        return {getattr(member, "name", None) or str(place): member for place, member in numbered}
    return None


def _said(value: object) -> str:
    """A value as one short piece of a line; a secret is only said to be one."""
    if isinstance(value, SecretStr):
        return "[secret]"
    if isinstance(value, Sequence) and not isinstance(value, str):
        said = ", ".join(map(_said, value)) or NOTHING
    else:
        said = NOTHING if value is None or value == "" else str(value)
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
