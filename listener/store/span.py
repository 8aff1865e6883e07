"""What a question to the store covers, and the counts that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Span:
    """What an export covers: [since, until) of the mention's time, and a brand ("" for all)."""

    since: datetime | None = None
    until: datetime | None = None
    brand: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts for the header of the queue and for health pages."""

    mentions: int
    pending: int
    cases_by_state: Mapping[str, int]
    cases_by_lane: Mapping[str, int]
    issues: int
    unread_languages: Mapping[str, int]
    sample: bool
