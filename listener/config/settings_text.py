"""Settings in words: name, kind of value, default and meaning, as the command line shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr

from listener.config.fields import alternatives
from sources.duration import show_duration

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_WORDS: Mapping[object, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    timedelta: "duration",
    SecretStr: "secret",
    Path: "file",
}


@dataclass(frozen=True, slots=True)
class SettingText:
    """One setting; `name` is its path below its section, `default` empty when there is none."""

    name: str
    value: str
    required: bool
    default: str
    description: str


def describe_settings(model: type[BaseModel], prefix: str = "") -> Iterator[SettingText]:
    """Every setting of a model, those of nested maps after the dot; lists of maps with `[]`."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        kinds = [kind for kind in alternatives(field.annotation) if kind is not NoneType]
        section = _section(kinds)
        if section is not None:
            inner, many = section
            if field.is_required() or many:
                yield _text(path, field, "list of maps" if many else "map")
            yield from describe_settings(inner, f"{path}[]." if many else f"{path}.")
        else:
            yield _text(path, field, " or ".join(_kind(kind) for kind in kinds))


def _section(kinds: Sequence[object]) -> tuple[type[BaseModel], bool] | None:
    """The model of a nested section, and whether it is a list of them."""
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind, False
        for item in get_args(kind)[:1]:
            for inner in alternatives(item):
                if isinstance(inner, type) and issubclass(inner, BaseModel):
                    return inner, True
    return None


def _text(path: str, field: FieldInfo, value: str) -> SettingText:
    required = field.is_required()
    default = "" if required else _shown(field.get_default(call_default_factory=True))
    return SettingText(path, value, required, default, field.description or "")


def _kind(kind: Any) -> str:
    if kind in _WORDS:
        return _WORDS[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " or ".join(str(choice) for choice in arguments if choice != "")
    if origin is tuple:
        return f"list of {' or '.join(_kind(inner) for inner in alternatives(arguments[0]))}s"
    if len(arguments) == 2:
        return "map of names to texts"
    return "text"


def _shown(value: object) -> str:
    if value is None or value in ("", ()):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return show_duration(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_shown(item) for item in value)}]"
    return str(value) if not isinstance(value, (Mapping, BaseModel)) else ""
