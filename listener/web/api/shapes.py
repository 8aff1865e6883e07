"""What the API answers, described: every value of the store as JSON shows it.

One rule for all: a dataclass or named tuple is an object with its fields, a tuple a list, a moment
ISO 8601 in UTC, a duration a number of seconds. `answer` writes it, `shape` describes it.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import orjson
from fastapi.responses import Response
from pydantic import BaseModel, create_model

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS


def answer(value: object, status: int = 200) -> Response:
    """A value of the store as JSON."""
    return Response(to_json(value), status, media_type="application/json")


def answer_page(items: Sequence[object], cursor: str | None) -> Response:
    """One page of a list; `cursor` asks for the next one."""
    return answer({"items": items, "next": cursor})


def to_json(value: object) -> bytes:
    """A value of the store as bytes of JSON."""
    return orjson.dumps(value, _plain, OPTIONS)


@cache
def shape(kind: type) -> type[BaseModel]:
    """The description of a dataclass or named tuple."""
    fields: dict[str, Any] = {
        name: (_described(hint), ...) for name, hint in get_type_hints(kind).items()
    }
    about = (kind.__doc__ or "").partition("\n\n")[0]
    return create_model(kind.__name__.removesuffix("Row"), __doc__=about, **fields)


@cache
def page_of(kind: type) -> type[BaseModel]:
    """The description of one page of a list of these."""
    one: Any = shape(kind)
    model: type[BaseModel] = create_model(
        f"{one.__name__}Page",
        __doc__="One page; `next` is the cursor of the one after it, null on the last.",
        items=(list[one], ...),
        next=(str | None, ...),
    )
    return model


def _described(hint: Any) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return hint
    if origin in (Union, types.UnionType):
        return Union[tuple(map(_described, args))]  # noqa: UP007  there are as many as there are
    if origin is tuple and args[-1:] != (...,):
        return tuple.__class_getitem__(tuple(map(_described, args)))
    if origin is not None and issubclass(origin, Mapping):
        return dict[args[0], _described(args[1])]  # type: ignore[valid-type, misc]
    if origin is not None and issubclass(origin, Sequence):
        return list[_described(args[0])]  # type: ignore[misc]
    if hint is timedelta:
        return float
    if dataclasses.is_dataclass(hint) or hasattr(hint, "_fields"):
        return shape(hint)
    return hint


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        fields: tuple[str, ...] = getattr(value, "_fields", ())
        return dict(zip(fields, value, strict=True)) if fields else list(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no JSON form")
