"""Settings as lines for config.yaml: what a page proposes, and a person puts into the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import yaml

from sources.duration import show_duration

if TYPE_CHECKING:
    from listener.config.model import MacroConfig
    from listener.config.queue import QueueConfig

_WIDTH = 100


def query_lines(brand: str, query: str) -> str:
    """The entry of a brand with this query; its other settings stay as they are."""
    return _written({"brands": [{"name": brand, "query": query}]})


def macro_lines(macros: Sequence[MacroConfig]) -> str:
    """The prepared answers, all of them: they replace the list that is there."""
    listed = [{"name": one.name, "text": one.text} for one in macros]
    return _written({"replies": {"macros": listed}})


def queue_lines(queue: QueueConfig) -> str:
    """What is promised, and the points of a priority; hours and the lease stay as they are."""
    section: dict[str, object] = {"promise": _plain(dict(queue.promise))}
    if queue.points:
        section["points"] = dict(queue.points)
    section["weights"] = _plain(dict(queue.weights))
    return _written({"queue": section})


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: show_duration(value) if isinstance(value, timedelta) else value
        for name, value in values.items()
    }


def _written(section: Mapping[str, object]) -> str:
    """YAML that reads back as the same, whatever the texts hold: a `$` is doubled, as the file wants."""
    return yaml.dump(
        _escaped(section),
        Dumper=_Indented,
        allow_unicode=True,
        sort_keys=False,
        width=_WIDTH,
        default_flow_style=False,
    )


class _Indented(yaml.SafeDumper):
    """Lists stand below their name, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never leave the indent out."""
        super().increase_indent(flow, False)


def _escaped(value: object) -> object:
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, Mapping):
        return {name: _escaped(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_escaped(one) for one in value]
    return value
