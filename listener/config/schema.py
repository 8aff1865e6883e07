"""The JSON schema of config.yaml, with the settings of every known type of source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic.json_schema import models_json_schema

from listener.config.model import Config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sources.settings import SourceSettings

JsonSchema = dict[str, object]


def config_schema(source_settings: Mapping[str, type[SourceSettings]]) -> JsonSchema:
    """The schema for an editor or a form: each entry of `sources` by its type.

    It describes values as they are written; `${NAME}` may stand for any of them, so that a schema
    cannot say all that `listener check` says.
    """
    models = [(Config, "validation"), *((own, "validation") for own in source_settings.values())]
    references, whole = models_json_schema(models, ref_template="#/$defs/{model}")  # type: ignore[arg-type]
    definitions: dict[str, JsonSchema] = whole["$defs"]
    kinds: list[JsonSchema] = []
    for name, own in source_settings.items():
        definition = definitions[references[own, "validation"]["$ref"].rpartition("/")[2]]
        definitions[f"source-{name}"] = _of_type(name, definition)
        kinds.append({"$ref": f"#/$defs/source-{name}"})
    for own in set(source_settings.values()):
        definitions.pop(references[own, "validation"]["$ref"].rpartition("/")[2], None)
    config = definitions.pop(references[Config, "validation"]["$ref"].rpartition("/")[2])
    properties = config["properties"]
    assert isinstance(properties, dict)
    definitions.pop("SourceSettings", None)
    properties["sources"] |= {"items": {"oneOf": kinds}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **config,
        "title": "The configuration of complaint-listener",
        "$defs": dict(sorted(definitions.items())),
    }


def _of_type(name: str, definition: JsonSchema) -> JsonSchema:
    properties = definition["properties"]
    assert isinstance(properties, dict)
    required = definition.get("required", [])
    assert isinstance(required, list)
    return {
        **definition,
        "properties": {**properties, "type": {"const": name}},
        "required": sorted({*required, "name", "type"}),
    }
