"""What a post offers to the weighing of a decision: named features, each 0…1 or −1…1."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import chain
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING

from triage.phrases import BRIEF
from triage.tokens import Learnt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from triage.verdict import Sentiment, Signal

WEIGHTS = Path(__file__).with_name("weights.toml")
ADDRESSING = frozenset({"you", "your", "youre", "you're", "u", "ur", "yours", "guys", "yourselves"})
PERSONAL = frozenset({"i", "im", "i'm", "my", "me", "we", "our", "us", "ive", "i've", "mine"})
SHOUT = 4
PICTURE = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t\.co|pic\.twitter\.com|pbs\.twimg\.com|(?:i\.)?imgur\.com|flic\.kr"
    r"|ibb\.co|prnt\.sc|gyazo\.com|[iv]\.redd\.it|instagram\.com/p)/"
    r"|.*\.(?:jpe?g|png|gif|webp|heic|mp4|mov)(?:[?#]|$)"
)
"""Links that show something: to a picture or film, or shortened so that nobody can tell."""


def shape(raw: str) -> tuple[str, ...]:
    """The features that a word's form switches on."""
    said = raw.strip("\"'“”‘’.,;:!?()[]…*").replace("’", "'")
    low = said.lower()
    link = low.startswith(("http://", "https://", "www.")) or low == "http"
    on = {
        "second_person": low in ADDRESSING,
        "first_person": low in PERSONAL,
        "link": link,
        "picture": link and bool(PICTURE.match(low)),
        "shouts": len(said) >= SHOUT and said.isalpha() and said.isupper(),
        "exclaims": raw.endswith(("!!", "?!", "!?", "??")),
        "asks": raw.endswith("?"),
        "tag": said.startswith("#"),
    }
    return tuple([name for name, is_on in on.items() if is_on])


class EvidenceReader:
    """Collects the features of posts. One instance serves one thread."""

    def __init__(self) -> None:
        """Nothing is known of any word yet."""
        self._shapes: Learnt[tuple[str, ...]] = Learnt(shape)

    def read(
        self, words: list[str], sentiment: Sentiment, signals: Iterable[Signal]
    ) -> dict[str, float]:
        """The features of one post that are not 0, by name."""
        shapes = self._shapes.all(words)
        features = dict.fromkeys(chain.from_iterable(shapes), 1.0)
        for signal in signals:
            # A repost with words of one's own before it is a post ("too little, too late RT @…").
            if signal.name != "repost" or not signal.start:
                features[signal.name] = 1.0
        if "link" in features and len(words) <= BRIEF:
            features["brief"] = 1.0
        if words and words[0].startswith("@"):
            features["addressed"] = 1.0
        features["service_reading"] = sentiment.service_compound
        return features


class Heads:
    """Logistic readings of the features, all in one pass: transparent weights, no more."""

    def __init__(
        self, biases: Mapping[str, float], weights: Mapping[str, Mapping[str, float]]
    ) -> None:
        """`biases` by head; `weights` by head and feature, in log-odds."""
        self._names = tuple(biases)
        self._biases = tuple(biases.values())
        known = dict.fromkeys([feature for row in weights.values() for feature in row])
        self._rows = {
            feature: tuple([weights[name].get(feature, 0.0) for name in self._names])
            for feature in known
        }

    def known(self, features: Mapping[str, float]) -> frozenset[tuple[str, float]]:
        """The features that have a weight, with their values."""
        rows = self._rows
        return frozenset([entry for entry in features.items() if entry[0] in rows])

    def weigh(self, features: Mapping[str, float]) -> dict[str, float]:
        """The probability of each head, in 0…1 to four places, by name."""
        rows = self._rows
        moved = [self._biases]
        for feature, value in features.items():
            row = rows.get(feature)
            if row is not None:
                moved.append(row if value == 1.0 else tuple([value * w for w in row]))
        margins = map(sum, zip(*moved, strict=True))
        # Margins are sums of some weights: exp does not overflow.
        likely = [round(1.0 / (1.0 + exp(-margin)), 4) for margin in margins]
        return dict(zip(self._names, likely, strict=True))

    def explain(self, features: Mapping[str, float]) -> tuple[OpenExplanation, ...]:
        """The parts of every head's margin."""
        known = [(name, value) for name, value in features.items() if name in self._rows]
        return tuple(
            [
                OpenExplanation(
                    head,
                    self._biases[at],
                    tuple([OpenPart(name, value, self._rows[name][at]) for name, value in known]),
                )
                for at, head in enumerate(self._names)
            ]
        )


@dataclass(frozen=True, slots=True)
class OpenPart:
    """What one feature adds to a transparent head: `value · weight`, in log-odds."""

    name: str
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class OpenExplanation:
    """The parts of a transparent head's margin, in the order in which they are added."""

    head: str
    bias: float
    parts: tuple[OpenPart, ...]

    @property
    def chance(self) -> float:
        """What the head says, in 0…1."""
        margin = sum([self.bias, *[part.value * part.weight for part in self.parts]])
        return round(1.0 / (1.0 + exp(-margin)), 4)


@cache
def heads(asked: frozenset[str] | None = None) -> Heads:
    """The packaged heads, or those of them that are asked, read once."""
    data = tomllib.loads(WEIGHTS.read_text(encoding="utf-8"))["head"]
    data = {name: row for name, row in data.items() if asked is None or name in asked}
    return Heads(
        {name: float(row["bias"]) for name, row in data.items()},
        {name: {k: float(v) for k, v in row["weights"].items()} for name, row in data.items()},
    )
