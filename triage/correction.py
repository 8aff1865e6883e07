"""What people correct in a verdict, and the verdict that follows: their word wins over the judge's."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from triage.relevance import NOBODYS
from triage.verdict import Band, Lane, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

YES, NO = "yes", "no"
SEVERITIES = {"none": 0.0, "low": 0.8, "medium": 1.4, "high": 2.0, "critical": 3.0}
"""The bands a person may choose, and the expected severity in the middle of each."""

FIELDS = ("relevant", "lane", "complaint", "severity", "lang")
MUTED_BY_HAND = "muted by hand"
LABEL = "label:"
"""What a field begins with that is a team's own label; after it stands the label's name."""

_NAME = re.compile(r"[^\W_A-Z][\w-]{0,39}")


def corrected(verdict: Verdict, fields: Iterable[tuple[str, str]]) -> Verdict:
    """The verdict after these corrections, (field, value), in order; what they leave is the judge's.

    `lane` is a lane; `complaint` and `relevant` are yes or no; `severity` is a band; `lang` a code; a
    team's own `label:name` is yes or no, and changes nothing here.
    Probabilities, signals and reasons stay: they say what the judge saw. Applying the same
    corrections again changes nothing. Raises ValueError for what is none of these.
    """
    for field, value in fields:
        check(field, value)
        if field.startswith(LABEL):
            continue
        if field == "severity":
            if value != verdict.severity_band:
                verdict = replace(verdict, severity=SEVERITIES[value], severity_band=value)
        elif field == "lang":
            verdict = replace(verdict, lang=value)
        elif field == "lane":
            verdict = _in_lane(verdict, Lane(value), MUTED_BY_HAND)
        elif (field, value) == ("complaint", YES):
            verdict = _in_lane(verdict, Lane.COMPLAINT)
        elif field == "complaint":
            other = _likeliest(verdict, but=Lane.COMPLAINT)
            verdict = _in_lane(verdict, other if verdict.lane is Lane.COMPLAINT else verdict.lane)
        elif value == NO:
            verdict = _in_lane(verdict, Lane.MUTED, NOBODYS)
        elif value_of(verdict, "relevant") == NO:
            verdict = _in_lane(verdict, _likeliest(verdict))
    return verdict


def value_of(verdict: Verdict, field: str) -> str:
    """What a verdict says about a field, in the words of a correction."""
    if field == "lane":
        return verdict.lane.value
    if field == "complaint":
        return YES if verdict.lane is Lane.COMPLAINT else NO
    if field == "severity":
        return verdict.severity_band
    if field == "lang":
        return verdict.lang
    if field.startswith(LABEL):
        said = {
            reason.text.partition(",")[0] for reason in verdict.reasons if reason.about == "label"
        }
        return YES if field.removeprefix(LABEL) in said else NO
    return NO if verdict.lane is Lane.MUTED and NOBODYS in verdict.muted_by else YES


def check(field: str, value: str) -> None:
    """Raise ValueError, saying what would have been right, unless this can be a correction."""
    right = {
        "relevant": (YES, NO),
        "complaint": (YES, NO),
        "lane": tuple(lane.value for lane in Lane),
        "severity": tuple(SEVERITIES),
    }
    if field.startswith(LABEL):
        if not _NAME.fullmatch(field.removeprefix(LABEL)) or field != field.lower():
            raise ValueError(
                f"{field.removeprefix(LABEL)!r} is no name of a label; write lower-case letters, "
                "digits and dashes, such as late-delivery"
            )
        if value not in (YES, NO):
            raise ValueError(f"{value!r} is no answer for a label; there are: yes, no")
        return
    if field not in FIELDS:
        raise ValueError(f"{field!r} is not what can be corrected; there are: {', '.join(FIELDS)}")
    if field == "lang":
        if not (value.isascii() and value.isalpha() and value.islower() and 2 <= len(value) <= 3):
            raise ValueError(f"{value!r} is not a language; write its code, such as en or de")
    elif value not in right[field]:
        raise ValueError(f"{value!r} is no {field}; there are: {', '.join(right[field])}")


def _in_lane(verdict: Verdict, lane: Lane, rule: str = "") -> Verdict:
    if lane is verdict.lane and (lane is not Lane.MUTED or rule in (MUTED_BY_HAND, "")):
        return verdict
    if lane is Lane.MUTED:
        return replace(verdict, lane=lane, complaint=Band.NO, vigilante=Band.NO, muted_by=(rule,))
    complaint = Band.LIKELY if lane is Lane.COMPLAINT else Band.NO
    return replace(verdict, lane=lane, complaint=complaint, muted_by=())


def _likeliest(verdict: Verdict, but: Lane | None = None) -> Lane:
    """The lane that the judge found likeliest among those that are neither muted nor ruled out."""
    ruled_out = {Lane.MUTED, but}
    found = [(p, name) for name, p in verdict.lanes if Lane(name) not in ruled_out]
    return Lane(max(found, key=lambda one: one[0])[1]) if found else Lane.OTHER
