"""The decisions that people correct: what the judge's word is worth, and how what was learnt moves it.

Each decision has heads. A head's margin is what the judge says, as log-odds (the offset), plus what
was learnt from corrections. Where nothing was learnt the sum is the judge's word, and so is the
verdict, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log
from typing import TYPE_CHECKING, Protocol

from triage.correction import LABEL, NO, SEVERITIES, YES
from triage.intent import complaint_band
from triage.relevance import NOBODYS
from triage.severity import lifted, lifts_of, policy_severe, severity_band
from triage.verdict import Band, Lane, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from triage.points import Points

    Words = Callable[[str, str], Sequence[tuple[str, float]]]

LEARNT = "learnt from corrections"
LEAST, MOST = 0.01, 0.99
NOT_MUTED = -4.0
RELEVANT = 3.0
SPOKEN = 4.0
RARE = -3.0
FELT = 0.005
"""What is smaller than this in the result is left as the judge said it."""


class Decision(Protocol):
    """One decision: its heads, what the judge says of them, what a correction says, what follows."""

    @property
    def heads(self) -> tuple[str, ...]:
        """Their names."""
        ...

    def offsets(self, verdict: Verdict) -> Sequence[float]:
        """The judge's word for each head, in log-odds."""
        ...

    def targets(self, field: str, value: str, verdict: Verdict) -> Sequence[float] | None:
        """How likely each head is by a correction, 0…1; None when it says nothing here."""
        ...

    def revise(self, verdict: Verdict, added: Sequence[float], words: Words) -> Verdict:
        """The verdict when `added` is added to the margins; `words(up, down)` tells why."""
        ...


LANE_NAMES = tuple([lane.value for lane in Lane])


@dataclass(frozen=True, slots=True)
class Lanes:
    """Which lane: a choice; complaint or not follows from it."""

    heads: tuple[str, ...] = tuple([f"lane/{name}" for name in LANE_NAMES])

    def offsets(self, verdict: Verdict) -> Sequence[float]:
        """The logarithm of each lane's chance; the judge's own lane is never behind."""
        likely = dict(verdict.lanes)
        found = {name: log(max(likely.get(name, 0.0), LEAST)) for name in LANE_NAMES}
        found[Lane.MUTED.value] = NOT_MUTED
        found[verdict.lane.value] = max(found.values())
        return [found[name] for name in LANE_NAMES]

    def targets(self, field: str, value: str, verdict: Verdict) -> Sequence[float] | None:
        """The lane that was said; of "no complaint" the others as likely as the judge has them."""
        if (field, value) == ("complaint", NO):
            powers = [exp(offset) for offset in self.offsets(verdict)]
            powers[LANE_NAMES.index(Lane.COMPLAINT.value)] = 0.0
            return [power / sum(powers) for power in powers]
        said = {"lane": value, "complaint": Lane.COMPLAINT.value}.get(field)
        return None if said is None else [float(name == said) for name in LANE_NAMES]

    def revise(self, verdict: Verdict, added: Sequence[float], words: Words) -> Verdict:
        """The likeliest lane, and how likely each is now."""
        before = self.offsets(verdict)
        after = [one + more for one, more in zip(before, added, strict=True)]
        lanes = list(Lane)
        lane = max(lanes, key=lambda one: (after[lanes.index(one)], one is verdict.lane))
        if after[lanes.index(lane)] - after[lanes.index(verdict.lane)] < FELT:
            lane = verdict.lane
        if _watched(verdict) and lane in (Lane.MUTED, Lane.OTHER):
            lane = verdict.lane  # by policy somebody looks at it
        moved = {one.value: _alone(after, at) - _alone(before, at) for at, one in enumerate(lanes)}
        likely = tuple([(name, _moved(p, moved.get(name, 0.0))) for name, p in verdict.lanes])
        p = _moved(verdict.complaint_p, moved[Lane.COMPLAINT.value])
        complaint = verdict.complaint
        if p != verdict.complaint_p or lane is not verdict.lane:
            complaint = Band.NO if lane is Lane.MUTED else complaint_band(p)
            if lane is Lane.COMPLAINT and complaint is Band.NO:
                complaint = Band.POSSIBLE
        verdict = replace(verdict, lanes=likely, complaint_p=p, complaint=complaint)
        return verdict if lane is verdict.lane else _in_lane(verdict, lane, words)


@dataclass(frozen=True, slots=True)
class Severity:
    """How bad it is: a share of the scale. `severe` are a brand's points (`triage/severity.py`)."""

    heads: tuple[str, ...] = ("severity",)
    severe: Points = ()

    def offsets(self, verdict: Verdict) -> Sequence[float]:
        """The log-odds of the expected severity as a share of 4."""
        return (log_odds(verdict.severity / 4),)

    def targets(self, field: str, value: str, verdict: Verdict) -> Sequence[float] | None:
        """The middle of the band that was said."""
        return (SEVERITIES[value] / 4,) if field == "severity" else None

    def revise(self, verdict: Verdict, added: Sequence[float], words: Words) -> Verdict:
        """The severity, and the band that follows; policy still lifts what it lifts."""
        share = likelihood(self.offsets(verdict)[0] + added[0])
        if abs(share - likelihood(self.offsets(verdict)[0])) < FELT:
            return verdict
        severity, names = round(4 * share, 3), {signal.name for signal in verdict.signals}
        complains = verdict.lane is Lane.COMPLAINT
        band = severity_band(severity, lifted(names, lifts_of(self.severe)) if complains else 0)
        if band != verdict.severity_band:
            up = severity > verdict.severity
            why = words("severity", "") if up else words("", "severity")
            said = f"{LEARNT}: {band}, not {verdict.severity_band}{quoted(why)}"
            reasons = (Reason("severity", said), *verdict.reasons)
            verdict = replace(verdict, severity_band=band, reasons=reasons)
        return replace(verdict, severity=severity)


@dataclass(frozen=True, slots=True)
class Relevance:
    """About the brand or not, of what its query matches."""

    heads: tuple[str, ...] = ("relevant",)

    def offsets(self, verdict: Verdict) -> Sequence[float]:
        """What the query matches is likely to be about the brand."""
        return (RELEVANT,)

    def targets(self, field: str, value: str, verdict: Verdict) -> Sequence[float] | None:
        """As was said; who sends a post to a lane where it is worked on says that it is."""
        if field == "relevant":
            return (float(value == YES),)
        return (1.0,) if field == "lane" and value in ("complaint", "question", "idea") else None

    def revise(self, verdict: Verdict, added: Sequence[float], words: Words) -> Verdict:
        """What is likely to be about something else is muted, never deleted."""
        if RELEVANT + added[0] >= 0 or verdict.lane is Lane.MUTED or _watched(verdict):
            return verdict
        said = f"muted: {LEARNT}: not about the brand{quoted(words('', 'relevant'))}"
        return _muted(verdict, NOBODYS, said)


@dataclass(frozen=True, slots=True)
class Language:
    """The language that a post is counted under: a choice among those that were ever said."""

    codes: tuple[str, ...]

    @property
    def heads(self) -> tuple[str, ...]:
        """`lang/de` and so on, and `lang/*` for all others."""
        return ("lang/*", *[f"lang/{code}" for code in self.codes])

    def offsets(self, verdict: Verdict) -> Sequence[float]:
        """What was identified is likely right."""
        known = verdict.lang in self.codes
        return [0.0 if known else SPOKEN] + [
            SPOKEN if code == verdict.lang else 0.0 for code in self.codes
        ]

    def targets(self, field: str, value: str, verdict: Verdict) -> Sequence[float] | None:
        """As was said."""
        return [0.0, *[float(code == value) for code in self.codes]] if field == "lang" else None

    def revise(self, verdict: Verdict, added: Sequence[float], words: Words) -> Verdict:
        """The likeliest code; the judge's when it is none of those that were ever said."""
        after = [one + more for one, more in zip(self.offsets(verdict), added, strict=True)]
        best = max(range(len(after)), key=lambda at: (after[at], -at))
        lang = verdict.lang if best == 0 else self.codes[best - 1]
        if lang == verdict.lang:
            return verdict
        why = quoted(words(f"lang/{lang}", f"lang/{verdict.lang}"))
        reason = Reason("language", f"{LEARNT}: {lang}, not {verdict.lang}{why}")
        return replace(verdict, lang=lang, reasons=(*verdict.reasons, reason))


@dataclass(frozen=True, slots=True)
class OwnLabel:
    """A label that a team has defined: said of a post beside everything else."""

    head: str

    @property
    def heads(self) -> tuple[str, ...]:
        """One: the field itself."""
        return (self.head,)

    def offsets(self, verdict: Verdict) -> Sequence[float]:
        """Nothing is known of it; labels are rare."""
        return (RARE,)

    def targets(self, field: str, value: str, verdict: Verdict) -> Sequence[float] | None:
        """As was said."""
        return (float(value == YES),) if field == self.head else None

    def revise(self, verdict: Verdict, added: Sequence[float], words: Words) -> Verdict:
        """The label among the reasons when it is likelier than not."""
        if RARE + added[0] < 0:
            return verdict
        why = quoted(words(self.head, ""))
        reason = Reason("label", f"{self.head.removeprefix(LABEL)}{why}")
        return replace(verdict, reasons=(*verdict.reasons, reason))


def decisions(fields: Sequence[tuple[str, str]], severe: Points = ()) -> list[Decision]:
    """The decisions that these corrections, (field, value), are about; in a fixed order.

    `severe` are the brand's points of severity.
    """
    names = {field for field, _ in fields}
    found: list[Decision] = []
    if names & {"lane", "complaint"}:
        found.append(Lanes())
    if "severity" in names:
        found.append(Severity(severe=severe))
    if "relevant" in names:
        found.append(Relevance())
    if "lang" in names:
        found.append(Language(tuple(sorted({value for field, value in fields if field == "lang"}))))
    return found + [OwnLabel(name) for name in sorted(names) if name.startswith(LABEL)]


def decisions_of(heads: Sequence[str], severe: Points = ()) -> list[Decision]:
    """The decisions that these heads belong to."""
    fields = [("lane", "")] if "lane/other" in heads else []
    fields += [(head, "") for head in heads if head in ("severity", "relevant")]
    fields += [
        ("lang", head[5:]) for head in heads if head.startswith("lang/") and head != "lang/*"
    ]
    fields += [(head, "") for head in heads if head.startswith(LABEL)]
    return decisions(fields, severe)


def log_odds(p: float) -> float:
    """The log-odds of a chance, no surer than 1 in 100."""
    p = min(max(p, LEAST), MOST)
    return log(p / (1 - p))


def likelihood(margin: float) -> float:
    """The chance of log-odds."""
    return 1 / (1 + exp(-min(max(margin, -50.0), 50.0)))


def quoted(words: Sequence[tuple[str, float]]) -> str:
    """The words that made the difference, or nothing."""
    listed = ", ".join([f"“{said}”" for said, _ in words])
    return f", for {listed}" if listed else ""


def _alone(scores: Sequence[float], at: int) -> float:
    """The log-odds of one of several against all others."""
    others = [score for place, score in enumerate(scores) if place != at]
    top = max(others)
    return scores[at] - top - log(sum([exp(score - top) for score in others]))


def _moved(p: float, by: float) -> float:
    """A chance moved in log-odds; the same one when that is not to be felt."""
    new = likelihood(log_odds(p) + by)
    return p if abs(new - likelihood(log_odds(p))) < FELT else round(new, 4)


def _watched(verdict: Verdict) -> bool:
    return bool(policy_severe({signal.name for signal in verdict.signals}))


def _in_lane(verdict: Verdict, lane: Lane, words: Words) -> Verdict:
    why = quoted(words(f"lane/{lane.value}", f"lane/{verdict.lane.value}"))
    said = f"{LEARNT}: {lane.value}, not {verdict.lane.value}{why}"
    if lane is Lane.MUTED:
        return _muted(verdict, LEARNT, said)
    reasons = (Reason("lane", said), *verdict.reasons)
    return replace(verdict, lane=lane, muted_by=(), reasons=reasons)


def _muted(verdict: Verdict, rule: str, said: str) -> Verdict:
    return replace(
        verdict,
        lane=Lane.MUTED,
        complaint=Band.NO,
        vigilante=Band.NO,
        vigilante_reasons=(),
        reasons=(Reason("lane", said), *verdict.reasons),
        muted_by=(rule,),
    )
