"""What all heads say of a post: the trained ones where they know its language, others elsewhere.

Complaint, severity and intent were learnt from English, sentiment from seven languages. A post in
another language is weighed by what needs no language: signals, the form of its words, emoji. Those
weights (`weights.toml`) are in the open.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from itertools import repeat
from math import exp, log
from typing import TYPE_CHECKING, NamedTuple

from triage.evidence import heads
from triage.heads import TrainedHeads, packaged, readings
from triage.language import UNKNOWN
from triage.quality import encoded, with_encoder
from triage.report import said_first
from triage.severity import CUTS, expected_severity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from triage.encoder import PostEncoder
    from triage.heads import Explanation, HeadModel
    from triage.ngrams import NgramSums
    from triage.verdict import Sentiment

Features = dict[str, float]
Beside = Callable[["HeadModel"], "tuple[HeadModel, NgramSums]"]

TRAINED = frozenset({"en"})
OWN_SCRIPT = frozenset({"ar", "el", "hi", "ja", "ko", "ru", "zh"})
"""Where the English readings find nothing but emoji and English words; elsewhere "die" is no death."""

READING = "service_reading"
LABELS = ("negative", "neutral", "positive")
MOST_DECISIONS_KEPT = 4_096

FAULT_SHARE = 0.4
"""How much "something is at fault" has a part in the lane of complaints, beside P(complaint)."""

REPORT_FROM = 0.5
OF_REPORT = "report/"

OWN_SHARE, MOOD_SHARE, MOOD_BIAS = 1.04, 0.38, -0.06
"""Of the complaint in a language whose mood alone is read: fitted on English posts read that way."""

LEAST = 1e-4


class Way(StrEnum):
    """Which heads have a say: all trained ones, those for reports in a tracker, the mood, that of
    advertising alone, or none.
    """

    TRAINED = "trained"
    REPORT = "report"
    MOOD = "mood"
    UNTOLD = "untold"
    OPEN = "open"


def way_of(lang: str, sentiment: Sentiment, moods: Collection[str]) -> Way:
    """What is too short to tell a language by but has words we know is read as English.

    Without such words advertising alone is told, by its links. `moods` are the languages, beside
    English, whose mood is read.
    """
    if lang in TRAINED or (lang == UNKNOWN and sentiment.words):
        return Way.TRAINED
    if lang == UNKNOWN:
        return Way.UNTOLD
    return Way.MOOD if lang in moods else Way.OPEN


ASKED: Mapping[Way, frozenset[str]] = {
    Way.TRAINED: frozenset({"complaint", *CUTS, "sentiment", "intent", "spam"}),
    Way.REPORT: frozenset({"complaint", *CUTS, "sentiment", "report"}),
    Way.MOOD: frozenset({"any_sentiment"}),
    Way.UNTOLD: frozenset({"spam"}),
    Way.OPEN: frozenset(),
}
"""The trained heads that have a say."""

_WISHES = frozenset({"question", "idea", "praise"})
OPEN_ASKED: Mapping[Way, frozenset[str]] = {
    Way.TRAINED: _WISHES,
    Way.REPORT: frozenset(),
    Way.MOOD: _WISHES | {"complaint", *CUTS},
    Way.UNTOLD: _WISHES | {"complaint", *CUTS},
    Way.OPEN: _WISHES | {"complaint", *CUTS},
}
"""The transparent heads that have a say."""


class Opinion(NamedTuple):
    """What the heads say, each in 0…1, but for `severity` in 0…4 and `leaning` in −1…1.

    `complaint` is the chance that a post complains; `complains` is what the lane of complaints is
    decided by, which knows reports of faults too. `label` is the mood, "unknown" in a language that
    has no reading; `leaning` is P(positive) − P(negative), 0 then. `reports` tells what reads like
    a report in an issue tracker: a fault, a question or an idea, nothing else. `spam` is the chance
    that it advertises.
    """

    complaint: float
    complains: float
    question: float
    idea: float
    praise: float
    severity: float
    label: str
    leaning: float
    reports: bool = False
    spam: float = 0.0


class OpinionReader:
    """Asks all heads. One instance, one thread; what it says of a post depends on that post alone."""

    def __init__(
        self,
        model: HeadModel | None = None,
        encoder: PostEncoder | None = None,
        beside: Beside | None = None,
    ) -> None:
        """The packaged heads unless others are given; an encoder has a say beside them.

        `beside` puts more heads after them, and sums the n-grams of all.
        """
        self._encoder = encoder
        model = packaged() if model is None else model
        self._moods = frozenset(model.moods)
        if encoder is not None:
            model = with_encoder(model, encoder)
        self._own = len(model.names)
        self._trained = TrainedHeads(*(beside(model) if beside is not None else (model,)))
        self._open, self._wishes = heads(OPEN_ASKED[Way.OPEN]), heads(OPEN_ASKED[Way.TRAINED])

    def read(
        self,
        words: Sequence[Sequence[str]],
        langs: Sequence[str],
        sentiments: Sequence[Sentiment],
        features: Sequence[Features],
    ) -> list[Opinion]:
        """An opinion for each post, from its words, its language and what was found in it."""
        return self.read_all(words, langs, sentiments, features)[0]

    def read_all(
        self,
        words: Sequence[Sequence[str]],
        langs: Sequence[str],
        sentiments: Sequence[Sentiment],
        features: Sequence[Features],
    ) -> tuple[list[Opinion], NDArray[np.float64]]:
        """The opinions, and the margins of the heads beside the trained ones: a row a post."""
        ways = list(map(way_of, langs, sentiments, repeat(self._moods)))
        found = list(map(self._found, ways, words, sentiments, features))
        margins = self._trained.margins(words, found)
        said = self._trained.said(margins)
        self._read_reports(ways, said, words, found)
        trusted = [
            wishes(self._wishes.known(feature))
            if way is Way.TRAINED
            else weighed(self._open.known(told(lang, feature)))
            for way, lang, feature in zip(ways, langs, features, strict=True)
        ]
        return list(map(opinion, ways, said, trusted)), margins[:, self._own :]

    def explain(
        self, words: Sequence[str], lang: str, sentiment: Sentiment, features: Features
    ) -> tuple[Way, tuple[Explanation, ...]]:
        """Which heads have a say on one post, and the parts of what each trained one of them says."""
        way = way_of(lang, sentiment, self._moods)
        found = self._found(way, words, sentiment, features)
        if way is Way.TRAINED and _reports(self._trained.read([words], [found])[0]):
            way = Way.REPORT
        asked = [name for name in self._trained.names if name.split("/")[0] in ASKED[way]]
        begun = said_first(words) if way is Way.REPORT else []
        return way, tuple(
            [
                self._trained.explain(begun if name.startswith(OF_REPORT) else words, found, name)
                for name in asked
            ]
        )

    def _read_reports(
        self,
        ways: Sequence[Way],
        said: Sequence[dict[str, float]],
        words: Sequence[Sequence[str]],
        found: Sequence[Features],
    ) -> None:
        """What kind of report a post is, is said by how it begins: put that into what was said."""
        some = [at for at, way in enumerate(ways) if way is Way.TRAINED and _reports(said[at])]
        if not some:
            return
        begun = self._trained.read(
            [said_first(words[at]) for at in some], [found[at] for at in some]
        )
        for at, one in zip(some, begun, strict=True):
            said[at].update((name, p) for name, p in one.items() if name.startswith(OF_REPORT))

    def _found(
        self, way: Way, words: Sequence[str], sentiment: Sentiment, features: Features
    ) -> Features:
        """The features of a post with both readings, and what an encoder says of English."""
        found = features | readings(sentiment)
        if self._encoder is None or way is not Way.TRAINED:
            return found
        return found | encoded(" ".join(words), self._encoder)


def told(lang: str, features: Features) -> Features:
    """The features that can be trusted in a language: the English readings only where they fit."""
    if lang in TRAINED or lang in OWN_SCRIPT or lang == UNKNOWN:
        return features
    return {**features, READING: 0.0}


def opinion(way: Way, said: Mapping[str, float], open_: Mapping[str, float]) -> Opinion:
    """An opinion from the chances that trained and transparent heads give, by name."""
    if way is Way.REPORT or (way is Way.TRAINED and _reports(said)):
        return _report(said)
    if way is Way.TRAINED:
        return _trained(said, open_)
    if way is Way.MOOD:
        mood = _mood(said, "any_sentiment")
        return _other(open_, *mood, complaint=_with_mood(open_["complaint"], said))
    spam = said.get("spam", 0.0) if way is Way.UNTOLD else 0.0
    return _other(open_, UNKNOWN, 0.0, complaint=open_["complaint"], spam=spam)


@lru_cache(MOST_DECISIONS_KEPT)
def wishes(features: frozenset[tuple[str, float]]) -> dict[str, float]:
    """What the transparent heads say beside trained ones; half of all posts share their features."""
    return heads(OPEN_ASKED[Way.TRAINED]).weigh(dict(sorted(features)))


@lru_cache(MOST_DECISIONS_KEPT)
def weighed(features: frozenset[tuple[str, float]]) -> dict[str, float]:
    """What all transparent heads say, summed in one order."""
    return heads(OPEN_ASKED[Way.OPEN]).weigh(dict(sorted(features)))


def _trained(said: Mapping[str, float], open_: Mapping[str, float]) -> Opinion:
    """The louder of the trained and the transparent head decides on questions, ideas and praise."""
    label, leaning = _mood(said, "sentiment")
    fault = _odds(said["intent/fault"])
    return Opinion(
        complaint=said["complaint"],
        complains=_chance((1 - FAULT_SHARE) * _odds(said["complaint"]) + FAULT_SHARE * fault),
        question=max(said.get("intent/question", 0.0), open_["question"]),
        idea=max(said.get("intent/idea", 0.0), open_["idea"]),
        praise=max(said.get("intent/praise", 0.0), open_["praise"]),
        severity=expected_severity(said),
        label=label,
        leaning=leaning,
        spam=said.get("spam", 0.0),
    )


def _report(said: Mapping[str, float]) -> Opinion:
    """Heads of their own tell kinds of reports: what is a question there is a fault in a tweet."""
    label, leaning = _mood(said, "sentiment")
    return Opinion(
        complaint=said["complaint"],
        complains=said["report/fault"],
        question=said["report/question"],
        idea=said["report/idea"],
        praise=0.0,
        severity=expected_severity(said),
        label=label,
        leaning=leaning,
        reports=True,
    )


def _reports(said: Mapping[str, float]) -> bool:
    return said.get("report", 0.0) >= REPORT_FROM


def _other(
    open_: Mapping[str, float], label: str, leaning: float, *, complaint: float, spam: float = 0.0
) -> Opinion:
    return Opinion(
        complaint=complaint,
        complains=complaint,
        question=open_["question"],
        idea=open_["idea"],
        praise=open_["praise"],
        severity=expected_severity(open_),
        label=label,
        leaning=leaning,
        spam=spam,
    )


def _mood(said: Mapping[str, float], head: str) -> tuple[str, float]:
    """The likeliest of three moods, and which way it leans."""
    chances = [said[f"{head}/{label}"] for label in LABELS]
    return LABELS[chances.index(max(chances))], round(chances[2] - chances[0], 4)


def _with_mood(complaint: float, said: Mapping[str, float]) -> float:
    """P(complaint) from the transparent head and the mood."""
    bad, good = said["any_sentiment/negative"], said["any_sentiment/positive"]
    mood = log((bad + 0.02) / (good + 0.02))
    return _chance(OWN_SHARE * _odds(complaint) + MOOD_SHARE * mood + MOOD_BIAS)


def _odds(chance: float) -> float:
    inside = min(max(chance, LEAST), 1 - LEAST)
    return log(inside / (1 - inside))


def _chance(odds: float) -> float:
    return round(1 / (1 + exp(-odds)), 4)
