"""Checks data against a model and turns every complaint into a mistake with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from listener.config.fields import known_keys
from listener.config.mistakes import Mistake, Path, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

    from listener.config.document import Data, Document

Model = TypeVar("Model", bound=BaseModel)

# What pydantic says, in the words of somebody who has a file of settings before them.
_SAID = {
    "missing": "is missing",
    "model_type": "a map of settings is needed here",
    "model_attributes_type": "a map of settings is needed here",
    "dict_type": "a map of settings is needed here",
    "mapping_type": "a map of settings is needed here",
    "tuple_type": "a list is needed here, such as [one, two]",
    "list_type": "a list is needed here, such as [one, two]",
    "string_type": "text is needed here",
    "bool_type": "true or false is needed here",
    "bool_parsing": "true or false is needed here",
    "int_type": "a whole number is needed here",
    "int_parsing": "a whole number is needed here",
    "int_parsing_size": "this number is too large",
    "float_type": "a number is needed here",
    "float_parsing": "a number is needed here",
    "path_type": "a file or folder is needed here",
    "string_too_short": "must not be empty",
    "too_short": "needs at least one entry",
}


class Checked:
    """One document being checked: collects mistakes, knows where values came from.

    `origins` names the environment variable of a setting that overrides the file's; `hidden` holds
    the paths whose text came from a variable and must not be shown.
    """

    def __init__(
        self, document: Document, origins: Mapping[Path, str], hidden: Mapping[Path, str]
    ) -> None:
        """Begin without mistakes."""
        self.mistakes: list[Mistake] = []
        self._document = document
        self._origins = origins
        self._hidden = hidden

    def build(self, model: type[Model], data: Data, path: Path) -> Model | None:
        """Build the model from the data that stands at `path`; None when there were mistakes."""
        try:
            return model.model_validate(data)
        except ValidationError as errors:
            found = errors.errors(include_url=False)
            for error in found:
                # A list whose only entry is wrong is also "too short": the entry's mistake says it.
                inside = any(
                    other["loc"][:-1][: len(error["loc"])] == error["loc"] for other in found
                )
                if not (error["type"] == "too_short" and inside):
                    self._add(model, error, path)
            return None

    def refuse(self, path: Path, message: str, *, key: bool = False, offset: int = 0) -> None:
        """Note a mistake at a setting's value, or at its name; only the first one of a setting."""
        if any(mistake.path == path for mistake in self.mistakes):
            return
        origin = self._origin(path)
        place = None
        if not origin:
            place = self._document.key_place(path) if key else self._document.place(path)
            if offset and path not in self._hidden:
                place = self._document.inside(path, offset)
        self.mistakes.append(Mistake(message, path, place, origin))

    def _origin(self, path: Path) -> str:
        while path:
            if path in self._origins:
                return self._origins[path]
            path = path[:-1]
        return ""

    def _add(self, model: type[BaseModel], error: ErrorDetails, prefix: Path) -> None:
        inner: Path = tuple(part for part in error["loc"] if part != "[key]")
        context = error.get("ctx", {})
        kind = error["type"]
        path = (*prefix, *inner)
        if kind == "extra_forbidden":
            meant = did_you_mean(str(inner[-1]), known_keys(model, inner[:-1]))
            self.refuse(path, f"not a setting{meant}", key=True)
            return
        if "key" in context:
            self.refuse((*path, context["key"]), self._said(error, path), key=True)
            return
        self.refuse(path, self._said(error, path), offset=int(context.get("offset", 0)))

    def _said(self, error: ErrorDetails, path: Path) -> str:
        kind = error["type"]
        context = error.get("ctx", {})
        if kind in _SAID:
            return _SAID[kind]
        if kind == "literal_error":
            known = re.findall(r"'([^']*)'", context["expected"])
            given = error["input"] if path not in self._hidden else ""
            return f"must be one of: {', '.join(known)}{_close(given, known)}"
        raised = kind in {"value_error", "assertion_error"}
        said = str(context.get("error", error["msg"])) if raised else error["msg"]
        said = said.replace("Input should be", "must be").replace("String should", "must")
        secret = self._hidden.get(path)
        return said.replace(secret, "…") if secret else said


def _close(given: object, known: list[str]) -> str:
    meant = did_you_mean(str(given), known)
    return meant if meant.startswith(" —") else ""
