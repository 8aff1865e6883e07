"""The trained heads: what a post is, by its n-grams and the features found in it.

Linear on purpose: every decision is a bias and a sum of parts, each of which can be shown. What
they were trained on, under which terms and how well they do stands in `triage/models/heads.md`;
`training/heads` rebuilds them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from triage.embedding import ModelDamagedError
from triage.ngrams import NgramPart, NgramSums, NgramTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from triage.verdict import Sentiment

MODEL = Path(__file__).parent / "models" / "heads.npz"
SHA256 = "784c7c29d3195d62cd72c5baf0c6c0891a8bf65871981ac24a4908d8bd9df5e1"
FINE = 1 << 16
"""How finely the weighed features are kept: whole numbers add up the same in any order."""
FLAT = 0.05


def readings(sentiment: Sentiment) -> dict[str, float]:
    """Both sentiment readings as features: how far each leans, how far to the good, and if at all."""
    found = {}
    for name, value in (("vader", sentiment.compound), ("service", sentiment.service_compound)):
        found[f"{name}_reading"] = value
        found[f"{name}_good"] = max(0.0, value)
        found[f"{name}_flat"] = float(abs(value) < FLAT)
    return found


@dataclass(frozen=True, slots=True)
class HeadModel:
    """The numbers of the heads.

    A head's margin is `bias + features · values / FINE + unit · n-gram sum / √tokens`. Heads whose
    names share what stands before "/" are one choice among several (softmax); any other is a yes
    or no (logistic). `moods` are the languages, beside English, whose mood `any_sentiment` has learnt.
    """

    names: tuple[str, ...]
    features: tuple[str, ...]
    bias: NDArray[np.float64]
    weights: NDArray[np.int32]
    unit: NDArray[np.float64]
    table: NgramTable
    version: str = ""
    moods: tuple[str, ...] = ("ar", "de", "es", "fr", "it", "pt")


@dataclass(frozen=True, slots=True)
class FeaturePart:
    """What one feature adds to a head's margin, in units of 1/65,536."""

    name: str
    value: float
    units: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a head says what it says: the parts of its margin, and what they add up to.

    `margin` comes out of the parts alone, to the last bit what the head computed. For a choice
    among several it is the margin of one of them before the choice.
    """

    head: str
    bias: float
    unit: float
    tokens: int
    features: tuple[FeaturePart, ...]
    ngrams: tuple[NgramPart, ...]

    @property
    def margin(self) -> float:
        """The sum of the parts, in log-odds."""
        weighed = np.array([[sum([part.units for part in self.features])]])
        said = np.array([[sum([part.units for part in self.ngrams])]])
        bias, unit = np.array([self.bias]), np.array([self.unit])
        return float(_margins(bias, unit, weighed, said, np.array([self.tokens]))[0, 0])

    def points(self) -> list[tuple[str, float]]:
        """Every part with what it adds to the margin, the most telling first."""
        each = self.unit / self.tokens**0.5
        parts = [(part.name, part.units / FINE) for part in self.features]
        parts += [(part.said, part.units * each) for part in self.ngrams]
        return sorted(parts, key=lambda part: (-abs(part[1]), part[0]))


class TrainedHeads:
    """Reads all heads of a model at once. Never raises for any text. One instance, one thread.

    What is said of a post depends on its words and features alone, not on the batch. `version`
    tells what decided: the file, and the corrections added to it (`triage/head_delta.py`).
    """

    def __init__(self, model: HeadModel | None = None, sums: NgramSums | None = None) -> None:
        """The packaged model unless another is given; `sums` over its table, when not the usual."""
        self._model = packaged() if model is None else model
        self.names = self._model.names
        self.version = self._model.version
        self._columns = {name: column for column, name in enumerate(self.names)}
        self._groups = _groups(self.names)
        self._rows = {name: row for row, name in enumerate(self._model.features)}
        nothing = np.zeros((1, len(self.names)), np.int32)
        self._weights = np.vstack([self._model.weights, nothing])
        self._sums = NgramSums(self._model.table) if sums is None else sums

    def read(
        self, posts: Sequence[Sequence[str]], features: Sequence[Mapping[str, float]]
    ) -> list[dict[str, float]]:
        """The probability of each head for each post, to four places, by name.

        `posts` are texts split at spaces; `features` what was found in each, unknown names count
        for nothing.
        """
        return self.said(self.margins(posts, features))

    def said(self, margins: NDArray[np.float64]) -> list[dict[str, float]]:
        """The probability of each head, from the margins of each post."""
        likely = _likely(margins, self._groups)
        return [dict(zip(self.names, row, strict=True)) for row in likely.tolist()]

    def margins(
        self, posts: Sequence[Sequence[str]], features: Sequence[Mapping[str, float]]
    ) -> NDArray[np.float64]:
        """The margin of each head (columns, in the order of `names`) for each post."""
        said, tokens = self._sums.of(posts)
        return _margins(self._model.bias, self._model.unit, self._weighed(features), said, tokens)

    def explain(
        self, words: Sequence[str], features: Mapping[str, float], head: str
    ) -> Explanation:
        """The parts of a head's margin for one post. Raises KeyError for an unknown head."""
        column = self._columns[head]
        ngrams, tokens = self._sums.parts(words, column)
        weights = self._model.weights
        parts = [
            FeaturePart(name, value, int(np.rint(weights[self._rows[name], column] * value)))
            for name, value in sorted(features.items())
            if name in self._rows
        ]
        return Explanation(
            head,
            float(self._model.bias[column]),
            float(self._model.unit[column]),
            tokens,
            tuple([part for part in parts if part.units]),
            tuple(ngrams),
        )

    def _weighed(self, features: Sequence[Mapping[str, float]]) -> NDArray[np.int64]:
        """The sum of the weighed features of each post, in whole units, for each head."""
        rows: list[int] = []
        values: list[float] = []
        starts: list[int] = []
        known = self._rows
        for found in features:
            starts.append(len(rows))
            rows.append(len(known))  # weighs nothing, so that no post is without features
            values.append(0.0)
            for name, value in found.items():
                row = known.get(name)
                if row is not None:
                    rows.append(row)
                    values.append(value)
        if not starts:
            return np.zeros((0, len(self.names)), np.int64)
        parts = np.rint(self._weights[rows] * np.array(values)[:, None]).astype(np.int64)
        return np.add.reduceat(parts, starts, axis=0)


def _margins(
    bias: NDArray[np.float64],
    unit: NDArray[np.float64],
    weighed: NDArray[np.int64],
    said: NDArray[np.int64],
    tokens: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The one formula: a row a post, a column a head; whole numbers until the last steps."""
    return bias + weighed / FINE + unit * (said / np.sqrt(tokens)[:, None])


def _groups(names: Sequence[str]) -> list[tuple[list[int], bool]]:
    """The columns that belong together, and whether they are yes-or-no heads."""
    groups: dict[str, list[int]] = {}
    for column, name in enumerate(names):
        head, choice, _ = name.partition("/")
        groups.setdefault(head if choice else "", []).append(column)
    return [(columns, head == "") for head, columns in groups.items()]


def chances(margins: Mapping[str, float]) -> dict[str, float]:
    """The probability of each head from the margins of one post, as `TrainedHeads.read` gives it.

    A choice needs the margins of all its heads.
    """
    names = tuple(margins)
    row = _likely(np.array([list(margins.values())]), _groups(names))
    return dict(zip(names, row[0].tolist(), strict=True))


def _likely(
    margins: NDArray[np.float64], groups: Sequence[tuple[list[int], bool]]
) -> NDArray[np.float64]:
    """Probabilities to four places, a row a post."""
    likely = np.empty_like(margins)
    for columns, alone in groups:
        some = margins[:, columns]
        likely[:, columns] = _logistic(some) if alone else _softmax(some)
    return likely.round(4)


def _logistic(margins: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.clip(margins, -50, 50)))


def _softmax(margins: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)  # type: ignore[no-any-return]


@cache
def packaged() -> HeadModel:
    """The model of this package, read once."""
    return load(MODEL, SHA256)


def load(path: Path, sha256: str | None = None) -> HeadModel:
    """Read a model; raises ModelDamagedError when it is missing or is not the expected file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelDamagedError(f"{path}: {error.strerror}; install the package again") from error
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and found != sha256:
        raise ModelDamagedError(
            f"{path}: checksum {found[:12]}…, expected {sha256[:12]}…; install the package again"
        )
    with np.load(BytesIO(data), allow_pickle=False) as arrays:
        return HeadModel(
            names=_lines(arrays["names"]),
            features=_lines(arrays["features"]),
            bias=arrays["bias"],
            weights=arrays["weights"],
            unit=arrays["unit"],
            table=NgramTable(arrays["words"], arrays["letters"], arrays["pairs"]),
            version=f"heads-{found[:12]}",
            **({"moods": _lines(arrays["moods"])} if "moods" in arrays.files else {}),
        )


def _lines(data: NDArray[np.uint8]) -> tuple[str, ...]:
    return tuple(data.tobytes().decode("ascii").split("\n"))
