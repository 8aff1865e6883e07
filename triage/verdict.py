"""What we decided about a mention, with reasons and the version of what decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


def by_fields(value: object) -> tuple[type, tuple[object, ...]]:
    """How verdicts are pickled: by their constructor, twice as fast as dataclasses do it.

    Helper processes send thousands of them a second.
    """
    kind = type(value)
    names: tuple[str, ...] = kind.__dict__["__slots__"]
    return kind, tuple([getattr(value, name) for name in names])


class Lane(StrEnum):
    """Where a mention is worked on. Muted is out of sight, never deleted."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    IDEA = "idea"
    PRAISE = "praise"
    OTHER = "other"
    MUTED = "muted"


class Band(StrEnum):
    """How sure we are, in words, as long as no percentage has been earned."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    NO = "no"


class Signal(NamedTuple):
    """One named observation: `text[start:end]` of the mention shows it (characters, end excluded)."""

    name: str
    start: int
    end: int
    text: str


class Reason(NamedTuple):
    """One step of a decision in words a support person reads, e.g. ("lane", "says 'on hold'")."""

    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Sentiment:
    """Both readings of a text and the words that moved them.

    `label` is the best reading: negative, neutral, positive, or unknown when the language has no
    reading. `compound` is vaderSentiment 3.3.2's own, to the last bit; `service_compound` the
    customer-service reading, both in −1…1. `words` are (word, points) in order of appearance.
    """

    label: str
    compound: float
    service_compound: float
    words: tuple[tuple[str, float], ...] = ()
    leaning: float = 0.0

    __reduce__ = by_fields


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that judging decided about one mention for one brand.

    `complaint_p` and the values of `lanes` are in 0…1; `severity` is expected severity in 0…4.
    `muted_by` are the rules that muted it (empty unless the lane is muted).
    """

    version: str
    lang: str
    sentiment: Sentiment
    complaint_p: float
    complaint: Band
    severity: float
    severity_band: str
    lane: Lane
    lanes: tuple[tuple[str, float], ...]
    vigilante: Band
    vigilante_reasons: tuple[str, ...]
    signals: tuple[Signal, ...]
    reasons: tuple[Reason, ...]
    muted_by: tuple[str, ...] = ()

    __reduce__ = by_fields


class PriorityPart(NamedTuple):
    """One signed summand of a case's priority, in whole points, with its sentence."""

    name: str
    points: int
    reason: str


class Priority(NamedTuple):
    """An additive score: `total` is the sum of `parts`, always.

    `changes_at` is the next moment at which time alone would change a part (waiting, promise);
    None when time no longer matters.
    """

    parts: tuple[PriorityPart, ...]
    changes_at: datetime | None = None

    @property
    def total(self) -> int:
        """The sum of the parts."""
        return sum(part.points for part in self.parts)
