"""The cursor of a source that goes on behind the newest post of each of its lists."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sources.http.loosejson import Json


def read_marks(cursor: str | None) -> Mapping[str, object]:
    """The mark of every list as `write_marks` wrote it; what is none of ours is the beginning."""
    try:
        marks = Json(json.loads(cursor or "")).at("marks").value
    except ValueError:
        return {}
    return marks if isinstance(marks, dict) else {}


def write_marks(marks: Mapping[str, object]) -> str:
    """The cursor that holds these marks."""
    return json.dumps({"marks": dict(marks)})
