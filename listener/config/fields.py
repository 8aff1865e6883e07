"""What the type of a setting is, found by walking a model along the setting's path."""

from __future__ import annotations

import pathlib
import types
from typing import TYPE_CHECKING, Annotated, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from listener.config.mistakes import Path


def annotations_at(root: object, path: Path) -> tuple[object, ...]:
    """The possible types of the setting at `path` below a model; empty when there is none."""
    found = list(alternatives(root))
    for part in path:
        found = [inner for outer in found for inner in _inside(outer, part)]
    return tuple(found)


def known_keys(root: object, path: Path) -> tuple[str, ...]:
    """The names of the settings that may stand in the map at `path`."""
    return tuple(
        name for model in _models(annotations_at(root, path)) for name in model.model_fields
    )


def is_secret(root: object, path: Path) -> bool:
    """Whether the setting is a secret, that is, a `SecretStr`."""
    return SecretStr in annotations_at(root, path)


def is_path(root: object, path: Path) -> bool:
    """Whether the setting is a file or folder, that is, a `Path`."""
    return pathlib.Path in annotations_at(root, path)


def _models(annotations: Iterable[object]) -> Iterator[type[BaseModel]]:
    for annotation in annotations:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation


def _inside(annotation: object, part: str | int) -> Iterator[object]:
    if isinstance(part, str):
        for model in _models([annotation]):
            if part in model.model_fields:
                yield from alternatives(model.model_fields[part].annotation)
        arguments = get_args(annotation)
        if len(arguments) == 2 and arguments[1] is not Ellipsis:
            yield from alternatives(arguments[1])
        return
    for argument in get_args(annotation)[:1]:
        yield from alternatives(argument)


def alternatives(annotation: object) -> Iterator[object]:
    """The types a value may have: unions taken apart, annotations taken off."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from alternatives(get_args(annotation)[0])
    elif origin in {Union, types.UnionType}:
        for argument in get_args(annotation):
            yield from alternatives(argument)
    else:
        yield annotation
