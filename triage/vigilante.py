"""Whether a customer has left the official channel and complains in public to force an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from triage.verdict import Band, Signal

if TYPE_CHECKING:
    from collections.abc import Mapping

ABANDONED = ("on_hold", "no_answer", "tried_channel")
SUPPORTING = ("repeated", "long_wait")
GOING_PUBLIC = ("call_to_join", "regulator", "press", "legal", "executive", "churn")
STRONG_PUBLIC = ("call_to_join", "regulator", "press", "legal")
ONE_SIDED = 2
COMPLAINS_FROM = 0.35


@dataclass(frozen=True, slots=True)
class VigilanteReading:
    """The band and the words that led to it."""

    band: Band
    reasons: tuple[str, ...] = ()


def vigilante(signals: Mapping[str, Signal], complaint_p: float) -> VigilanteReading:
    """Likely: the channel abandoned *and* going public. Possible: one of them, strongly.

    `signals` are the post's, by name. On hold, nobody answers and tried the channel are evidence
    of abandoning; repetition and a long wait only support it. Strongly is two pieces of evidence
    for abandoning, or a call on others, the press, a regulator or the law, or a threat to leave
    after something repeated. A post that does not complain is never a vigilante's.
    """
    if complaint_p < COMPLAINS_FROM:
        return VigilanteReading(Band.NO)
    abandoned = [signals[name] for name in ABANDONED if name in signals]
    supporting = [signals[name] for name in SUPPORTING if name in signals]
    public = [signals[name] for name in GOING_PUBLIC if name in signals]
    if abandoned and public:
        band = Band.LIKELY
    elif (
        (abandoned and len(abandoned) + len(supporting) >= ONE_SIDED)
        or (public and supporting)
        or any(signal.name in STRONG_PUBLIC for signal in public)
    ):
        band = Band.POSSIBLE
    else:
        return VigilanteReading(Band.NO)
    left = [f"left the official channel: “{_quoted(signal)}”" for signal in abandoned]
    more = [f"more than once, or for long: “{_quoted(signal)}”" for signal in supporting]
    goes = [f"goes public: “{_quoted(signal)}”" for signal in public]
    return VigilanteReading(band, tuple(left + more + goes))


def _quoted(signal: Signal) -> str:
    """The words of a signal on one line, short enough for a card."""
    said = " ".join(signal.text.split())
    return said if len(said) <= 60 else said[:59] + "…"
