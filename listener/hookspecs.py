"""The hooks a plug-in may implement; built-ins enter by the same door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from listener.source_type import SourceType

PROJECT = "complaint_listener"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def listener_sources() -> list[SourceType]:  # type: ignore[empty-body]
    """The types of source this plug-in offers."""
