"""The labelled posts the encoder learns from, and those it never sees."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from training.heads.intent import ASKED, CHOICES, OF_REPORT, asks, of_post, of_review
from training.heads.sentiment import CHOICES as SENTIMENTS
from training.heads.sentiment import MEASURED, directed
from training.heads.sets import Row, Sets, key
from triage.wordpiece import words_of

LEFT_OUT_DOMAIN = "services"
FOLDS = 5
APART = 2_000
CUTS = 4
HEADS = {"sentiment": 3, "complaint": 1, "severity": CUTS, "intent": 5, "report": 3}
"""Every head with how many margins it has."""
KEPT_ONLY = 60_000
COMPLAINTS, REVIEWS = "complaints/acl2019_given", "intents/app_reviews_clap"
REPORTS, TWEETS = "intents/github_issues_train", "sentiment/semeval_train"


@dataclass
class Example:
    """A text with what is known about it: a class, or a number of cuts reached, by head."""

    text: str
    source: str
    labels: dict[str, int] = field(default_factory=dict)
    held: bool = False
    repeats: int = 1


def examples(sets: Sets) -> list[Example]:
    """All of them; those marked `held` are for figures and calibration alone."""
    return [*_tweets(sets), *_complaints(sets), *_reviews(sets), *_reports(sets), *_questions(sets)]


def training(found: list[Example]) -> list[Example]:
    """Those to learn from, the rare kinds repeated; no text that is held under another head."""
    held = {key({"text": one.text}) for one in found if one.held}
    return [
        one
        for one in found
        if not one.held and key({"text": one.text}) not in held
        for _ in range(one.repeats)
    ]


def _tweets(sets: Sets) -> list[Example]:
    measured = (*MEASURED, "topics/airline_given")
    unseen = {key(row) for name in measured for row in sets.read(name)}
    rows = sets.train(TWEETS, lambda row: key(row) not in unseen)
    apart = set(np.random.default_rng(7).permutation(len(rows))[:APART].tolist())
    found = [
        _sentiment(row, "tweets", held=number in apart, repeats=1)
        for number, row in enumerate(rows)
    ]
    found += [_sentiment(row, "sts_gold") for row in sets.train("sentiment/sts_gold")]
    english = sets.train("sentiment/umsab_train", lambda row: row["lang"] == "english")
    return found + [_sentiment(row, "umsab") for row in english if key(row) not in unseen]


def _sentiment(row: Row, source: str, held: bool = False, repeats: int = 1) -> Example:
    label = SENTIMENTS.index(str(row["label"]))
    return Example(str(row["text"]), source, {"sentiment": label}, held, repeats)


def _complaints(sets: Sets) -> list[Example]:
    """One domain and a fifth of the posts of no domain are left out."""
    rows = sets.train(COMPLAINTS)
    tone = {str(row["id"]): SENTIMENTS.index(str(row["label"])) for row in directed(rows)}
    found = []
    for number, row in enumerate(rows):
        chance = str(row["domain"]).startswith("random")
        labels = {"complaint": int(row["complaint"] or 0), "intent": CHOICES.index(of_post(row))}
        if row["severity"] is not None:
            labels["severity"] = int(row["severity"])
        if str(row["id"]) in tone:
            labels["sentiment"] = tone[str(row["id"])]
        held = number % FOLDS == 0 if chance else row["domain"] == LEFT_OUT_DOMAIN
        source = "random" if chance else f"acl/{row['domain']}"
        found.append(Example(str(row["text"]), source, labels, held, repeats=3))
    return found


def _reviews(sets: Sets) -> list[Example]:
    """A fifth of the apps is left out."""
    rows = sets.train(REVIEWS)
    app = np.unique([str(row["app"]) for row in rows], return_inverse=True)[1]
    fold = np.random.default_rng(7).integers(0, FOLDS, app.max() + 1 if len(rows) else 1)
    return [
        Example(
            str(row["text"]),
            f"review/{row['label']}",
            {"intent": CHOICES.index(of_review(row))},
            bool(fold[number] == 0),
            repeats=2,
        )
        for row, number in zip(rows, app, strict=True)
    ]


def _reports(sets: Sets) -> list[Example]:
    """A fifth of the issues is left out."""
    rows = sets.train(REPORTS)
    fold = np.random.default_rng(7).integers(0, FOLDS, len(rows))
    return [
        Example(
            str(row["text"]),
            "report",
            {"report": CHOICES.index(OF_REPORT[str(row["label"])])},
            bool(one == 0),
            repeats=2,
        )
        for row, one in zip(rows, fold, strict=True)
    ]


def _questions(sets: Sets) -> list[Example]:
    """Questions to a service, of one kind only: as the small heads learn them."""
    question = CHOICES.index("question")
    return [
        Example(str(row["text"]), "question", {"intent": question})
        for name, every in ASKED.items()
        for row in sets.train(name, lambda row: asks(str(row["text"])))[::every]
    ]


class Taught:
    """The vectors that the original encoder gives to texts, by their words."""

    def __init__(self, texts: Path, teacher: Path) -> None:
        """Both files as `training.embedding` writes them."""
        self.texts: list[str] = json.loads(texts.read_text())
        self.vectors: np.ndarray = np.load(teacher)["texts"]
        self._row = {" ".join(words_of(text)): row for row, text in enumerate(self.texts)}

    def row(self, text: str) -> int:
        """The row of a text's vector, −1 for one it has not seen."""
        return self._row.get(" ".join(words_of(text)), -1)

    def some(self, count: int = KEPT_ONLY) -> list[Example]:
        """Texts of all kinds without any label, for their vectors alone."""
        rows = np.random.default_rng(11).permutation(len(self.texts))[:count]
        return [Example(self.texts[row], "kept") for row in rows]
