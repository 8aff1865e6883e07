"""The figures of a verdict taken apart for people: where each starts, what every part adds, the sum.

The same numbers as in `triage.explanation`, in log-odds and in words: a support person reads that
"nobody answers" adds 1.4, and can add it all up.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from triage.explanation import REST
from triage.heads import FINE, chances
from triage.opinion import LEAST, Way
from triage.signals import signal_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from triage.evidence import OpenExplanation
    from triage.explanation import Explained
    from triage.heads import Explanation

# What is said of parts that are neither signals nor words of the post.
SAYS: Mapping[str, str] = {
    REST: "all other words together",
    "first_person": "speaks of itself",
    "second_person": "speaks to somebody",
    "addressed": "begins with a name",
    "link": "has a link",
    "shouts": "shouts",
    "exclaims": "exclaims",
    "asks": "ends with a question mark",
    "tag": "has a hashtag",
    "vader_reading": "how VADER reads it",
    "vader_good": "how well VADER reads it",
    "vader_flat": "VADER finds no mood in it",
    "service_reading": "the customer-service reading",
    "service_good": "how well the customer-service reading finds it",
    "service_flat": "the customer-service reading finds no mood",
}
ENCODER = "encoder:"
MOOD = "the mood of its words"


@dataclass(frozen=True, slots=True)
class SumPart:
    """One part: what it is called, what that means in words, and what it adds, in log-odds.

    `quoted` are words of the post itself.
    """

    name: str
    says: str
    quoted: bool
    added: float


@dataclass(frozen=True, slots=True)
class Sum:
    """One figure: `start` before anything was read, and `total`, its sum with all parts.

    `about` is complaint, severity or mood, `head` what decided it, `chance` what the total means,
    0…1. The most telling parts come first; the last may be all others together.
    """

    about: str
    head: str
    start: float
    total: float
    chance: float
    parts: tuple[SumPart, ...]


def figures(explained: Explained) -> tuple[Sum, ...]:
    """Complaint, severity (3 or more of 4) and the likeliest mood, as far as something was read."""
    return tuple(_figures(explained))


def _figures(explained: Explained) -> Iterator[Sum]:
    trained = {one.head: one for one in explained.heads}
    open_ = {one.head: one for one in explained.open}
    said = chances({name: one.margin for name, one in trained.items()})
    says = explained.opinion()
    group = "any_sentiment" if explained.way is Way.MOOD else "sentiment"
    for about, head in (
        ("complaint", "complaint"),
        ("severity", "severity_3"),
        ("mood", f"{group}/{says.label}"),
    ):
        if head in trained:
            one = trained[head]
            yield Sum(about, head, one.bias, one.margin, said[head], _trained_parts(one))
        elif about == "complaint" and explained.way is Way.MOOD:
            yield _with_mood(explained, open_[head].bias, _open_parts(open_[head]))
        elif head in open_:
            bias, parts = open_[head].bias, _open_parts(open_[head])
            total = bias + sum([part.added for part in parts])
            yield Sum(about, head, bias, total, open_[head].chance, parts)


def _with_mood(explained: Explained, bias: float, parts: tuple[SumPart, ...]) -> Sum:
    """The complaint in a language whose mood alone was learnt: what its mood adds is one more part."""
    chance = explained.opinion().complaint
    inside = min(max(chance, LEAST), 1 - LEAST)
    total = log(inside / (1 - inside))
    mood = total - bias - sum([part.added for part in parts])
    whole = _ranked([*parts, SumPart("mood", MOOD, False, mood)])
    return Sum("complaint", "complaint", bias, total, chance, whole)


def _trained_parts(one: Explanation) -> tuple[SumPart, ...]:
    each = one.unit / one.tokens**0.5
    found = [_feature(part.name, part.units / FINE) for part in one.features]
    units: dict[str, int] = {}
    for word in one.ngrams:  # a word that is said twice is one part
        units[word.said] = units.get(word.said, 0) + word.units
    found += [
        SumPart(said, SAYS[REST] if said == REST else said, said != REST, weighs * each)
        for said, weighs in units.items()
    ]
    return _ranked(found)


def _open_parts(one: OpenExplanation) -> tuple[SumPart, ...]:
    return _ranked([_feature(part.name, part.value * part.weight) for part in one.parts])


def _feature(name: str, added: float) -> SumPart:
    return SumPart(name, says_of(name), False, added)


def says_of(name: str) -> str:
    """What a part is called in words; a word of a post is itself."""
    if name.startswith(ENCODER):
        return "the sentence encoder"
    kinds = signal_table().kinds
    return kinds[name].says if name in kinds else SAYS.get(name, name)


def _ranked(parts: list[SumPart]) -> tuple[SumPart, ...]:
    """The most telling first, all others together last."""
    return tuple(sorted(parts, key=lambda one: (one.name == REST, -abs(one.added), one.name)))
