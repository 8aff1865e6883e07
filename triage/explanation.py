"""Why the heads say what they say of one post, small enough to keep, exact enough to compute again.

An `Explained` holds the parts of every head that had a say; `opinion` makes the same figures out of
them, to the last digit, without the post, its words or the model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from triage.evidence import OpenExplanation, OpenPart
from triage.heads import Explanation, FeaturePart, chances
from triage.intent import complaint_band
from triage.ngrams import NgramPart
from triage.opinion import Opinion, Way, opinion
from triage.severity import Lift, severity_band
from triage.vigilante import NOBODY, Sign, VigilanteReading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_SHOWN: Mapping[str, int] = {"complaint": 12}
OTHERWISE_SHOWN = 4
REST = "…"
MOST_TAKEN = 6


@dataclass(frozen=True, slots=True)
class Change:
    """What would be in another band if some parts weighed nothing: `without` them, `about` is `to`."""

    about: str
    was: str
    to: str
    without: tuple[str, ...]

    @property
    def says(self) -> str:
        """The change as a sentence."""
        parts = ", ".join([f"“{said}”" for said in self.without])
        return f"{self.about} is {self.was}; without {parts} it would be {self.to}"


@dataclass(frozen=True, slots=True)
class Explained:
    """The parts of what the heads say of one post, and what would change its bands.

    `way` tells which heads had a say: the trained ones, the mood of another language, or only the
    transparent ones. `vigilante` holds the signs of one in the text, with what each counts for; what
    is known of the person comes on top of it (`triage.vigilante.by_person`). `lifts` are the signals
    that make a complaint at least so bad by policy, the highest first.
    """

    version: str
    way: Way
    heads: tuple[Explanation, ...]
    open: tuple[OpenExplanation, ...]
    changes: tuple[Change, ...] = ()
    vigilante: VigilanteReading = NOBODY
    lifts: tuple[Lift, ...] = ()

    def opinion(self) -> Opinion:
        """What the heads say, computed from the parts."""
        said = chances({one.head: one.margin for one in self.heads})
        return opinion(self.way, said, {one.head: one.chance for one in self.open})

    def without(self, said: str) -> Explained:
        """As if a word, pair or feature weighed nothing."""
        heads = [
            replace(
                one,
                features=tuple([part for part in one.features if part.name != said]),
                ngrams=tuple([part for part in one.ngrams if part.said != said]),
            )
            for one in self.heads
        ]
        open_ = [
            replace(one, parts=tuple([part for part in one.parts if part.name != said]))
            for one in self.open
        ]
        return replace(self, heads=tuple(heads), open=tuple(open_))

    def shortened(self) -> Explained:
        """The same figures with the most telling parts only; the rest is one part."""
        return replace(self, heads=tuple(map(_shortened, self.heads)))


def points(explained: Explained, head: str) -> list[tuple[str, float]]:
    """What each part adds to a head's margin, the most telling first; nothing for other heads."""
    for one in explained.heads:
        if one.head == head:
            return one.points()
    for other in explained.open:
        if other.head == head:
            parts = [(part.name, part.value * part.weight) for part in other.parts]
            return sorted(parts, key=lambda part: (-abs(part[1]), part[0]))
    return []


def with_changes(explained: Explained) -> Explained:
    """The explanation with what would change the bands of complaint, severity, mood, vigilante."""
    changes = [*_changes(explained), *_unlifted(explained), *_calmer(explained.vigilante)]
    return replace(explained, changes=tuple(changes))


def _calmer(reading: VigilanteReading) -> Iterator[Change]:
    """What would lower the band of a vigilante: the heaviest signs taken away, one by one."""
    was, taken = reading.band, list[Sign]()
    for sign in sorted(reading.signs, key=lambda one: -one.weight):
        taken.append(sign)
        if reading.without(*taken).band is not was:
            words = tuple([one.words.strip("“”") for one in taken])
            to = reading.without(*taken).band.value
            yield Change("vigilante", was.value, to, words)
            return


def _unlifted(explained: Explained) -> Iterator[Change]:
    """What would lower the severity where policy lifts it: the highest lifts taken away, one by one."""
    was, taken = _bands(explained)["severity"], list[Lift]()
    for lift in explained.lifts:
        taken.append(lift)
        rest = tuple([one for one in explained.lifts if one not in taken])
        to = _bands(replace(explained, lifts=rest))["severity"]
        if to != was:
            yield Change("severity", was, to, tuple([one.words for one in taken]))
            return


def _changes(explained: Explained) -> Iterator[Change]:
    for about, head in (
        ("complaint", "complaint"),
        ("severity", "severity_3"),
        ("mood", _mood_head(explained)),
    ):
        was = _bands(explained)[about]
        for up in (False, True):
            change = _taken(explained, about, was, points(explained, head), up=up)
            if change is not None:
                yield change


def _taken(
    explained: Explained, about: str, was: str, parts: Sequence[tuple[str, float]], *, up: bool
) -> Change | None:
    """Take parts of one sign away, the largest first, until the band is another one."""
    taken: list[str] = []
    for said, added in parts:
        if (added < 0) is not up or said == REST:
            continue
        taken.append(said)
        explained = explained.without(said)
        to = _bands(explained)[about]
        if to != was:
            return Change(about, was, to, tuple(taken))
        if len(taken) == MOST_TAKEN:
            break
    return None


def _bands(explained: Explained) -> dict[str, str]:
    says = explained.opinion()
    return {
        "complaint": complaint_band(says.complaint).value,
        "severity": severity_band(
            says.severity, max([one.points for one in explained.lifts], default=0)
        ),
        "mood": says.label,
    }


def _mood_head(explained: Explained) -> str:
    label = explained.opinion().label
    return f"{'any_sentiment' if explained.way is Way.MOOD else 'sentiment'}/{label}"


def _shortened(one: Explanation) -> Explanation:
    most = MOST_SHOWN.get(one.head, OTHERWISE_SHOWN)
    ranked = sorted(one.ngrams, key=lambda part: (-abs(part.units), part.said))
    rest = sum([part.units for part in ranked[most:]])
    kept = ranked[:most] + ([NgramPart(REST, rest)] if rest else [])
    return replace(one, ngrams=tuple(kept))


def fields(explained: Explained) -> dict[str, object]:
    """Plain values for JSON; `explained_from` reads them."""
    return {
        "version": explained.version,
        "way": explained.way.value,
        "heads": [
            {
                "head": one.head,
                "bias": one.bias,
                "unit": one.unit,
                "tokens": one.tokens,
                "features": [[part.name, part.value, part.units] for part in one.features],
                "ngrams": [[part.said, part.units] for part in one.ngrams],
            }
            for one in explained.heads
        ],
        "open": [
            {
                "head": one.head,
                "bias": one.bias,
                "parts": [[part.name, part.value, part.weight] for part in one.parts],
            }
            for one in explained.open
        ],
        "vigilante": {
            "band": explained.vigilante.band.value,
            "complains": explained.vigilante.complains,
            "reported": explained.vigilante.reported,
            "signs": [one._asdict() for one in explained.vigilante.signs],
        },
        "severe": [one._asdict() for one in explained.lifts],
        "changes": [
            {
                "about": change.about,
                "was": change.was,
                "to": change.to,
                "without": list(change.without),
            }
            for change in explained.changes
        ],
    }


def explained_from(data: Mapping[str, object]) -> Explained:
    """What `fields` made, after a way through JSON; raises ValueError for anything else."""
    try:
        return _explained(data)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a stored explanation: {error!r}") from error


def _explained(data: Mapping[str, object]) -> Explained:
    heads, open_, changes = [_rows(data[name]) for name in ("heads", "open", "changes")]
    return Explained(
        version=str(data["version"]),
        way=Way(str(data["way"])),
        heads=tuple(
            [
                Explanation(
                    one["head"],
                    one["bias"],
                    one["unit"],
                    one["tokens"],
                    tuple([FeaturePart(*part) for part in one["features"]]),
                    tuple([NgramPart(*part) for part in one["ngrams"]]),
                )
                for one in heads
            ]
        ),
        open=tuple(
            [
                OpenExplanation(
                    one["head"], one["bias"], tuple([OpenPart(*part) for part in one["parts"]])
                )
                for one in open_
            ]
        ),
        vigilante=_vigilante(data.get("vigilante")),
        lifts=tuple([Lift(**one) for one in _rows(data.get("severe", []))]),
        changes=tuple(
            [Change(one["about"], one["was"], one["to"], tuple(one["without"])) for one in changes]
        ),
    )


def _vigilante(value: Any) -> VigilanteReading:
    """The signs of a vigilante; what was kept before they were holds none."""
    if value is None:
        return NOBODY
    signs = tuple([Sign(**one) for one in _rows(value["signs"])])
    return VigilanteReading(signs, value["complains"], value["reported"])


def _rows(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value
