"""Negative, neutral or positive: one head for English, one for eight languages."""

from __future__ import annotations

import numpy as np

from training.heads import fit
from training.heads.fit import Column
from training.heads.intent import questions
from training.heads.matrix import Texts
from training.heads.sets import Row, Sets, key
from triage.protocols import BrandContext
from triage.sentiment import SentimentReader

CHOICES = ("negative", "neutral", "positive")
MOODS = ("ar", "de", "es", "fr", "it", "pt")
MEASURED = ("sentiment/tweeteval_dev", "sentiment/umsab_dev")
STRENGTH = 0.3
STRENGTH_ANY = 1.0
PLEASED = 0.4


def gold_of(lines: list[Row]) -> np.ndarray:
    """Labels as numbers."""
    return np.array([CHOICES.index(str(line["label"])) for line in lines])


def directed(lines: list[Row]) -> list[Row]:
    """Posts directed at a brand as examples: what no set of general tweets holds.

    A complaint is negative; what is none is positive or neutral, as the customer-service reading
    says. Random posts are left out: nobody looked at what they say.
    """
    reader = SentimentReader(BrandContext())
    found = []
    for line in lines:
        if line["complaint"]:
            found.append(line | {"label": "negative"})
        elif not str(line["domain"]).startswith("random"):
            good = reader.read(str(line["text"])).service_compound >= PLEASED
            found.append(line | {"label": "positive" if good else "neutral"})
    return found


class English:
    """Tweets, and posts directed at a brand; measured on others' tweets."""

    name = "sentiment"

    def __init__(self, sets: Sets, texts: Texts) -> None:
        self._sets, self._texts = sets, texts
        unseen = {key(line) for name in MEASURED for line in sets.read(name)}
        lines = sets.train("sentiment/semeval_train", lambda line: key(line) not in unseen)
        lines += sets.train("sentiment/sts_gold")
        lines += sets.train("sentiment/umsab_train", lambda line: line["lang"] == "english")
        lines += directed(sets.train("complaints/acl2019_given"))
        # Who asks a company something is neither glad nor angry, which no set of tweets tells.
        self._lines = lines + [line | {"label": "neutral"} for line in questions(sets)]

    def columns(self) -> list[Column]:
        """The choices, fitted on everything."""
        rows = self._texts.rows([str(line["text"]) for line in self._lines])
        names = [f"{self.name}/{choice}" for choice in CHOICES]
        return fit.choice(names, rows, gold_of(self._lines), STRENGTH)


class AnyLanguage:
    """Tweets in eight languages, by n-grams alone: no other reader knows these languages."""

    name = "any_sentiment"

    def __init__(self, sets: Sets, texts: Texts) -> None:
        self._sets, self._texts = sets, texts
        unseen = {key(line) for name in MEASURED for line in sets.read(name)}
        self._lines = sets.train("sentiment/umsab_train", lambda line: key(line) not in unseen)
        self._lines += sets.train("sentiment/semeval_train", lambda line: key(line) not in unseen)[
            ::12
        ]
        for lines in sets.languages(held=False).values():
            self._lines += lines

    def columns(self) -> list[Column]:
        """The choices, fitted on everything."""
        rows = self._texts.rows(
            [str(line["text"]) for line in self._lines], meaning=False, found=False
        )
        names = [f"{self.name}/{choice}" for choice in CHOICES]
        return fit.choice(names, rows, gold_of(self._lines), STRENGTH_ANY)
