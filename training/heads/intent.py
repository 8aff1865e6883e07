"""What a person wants: something is at fault, an idea, a question, praise, or anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from training.heads import fit
from training.heads.fit import Column
from training.heads.matrix import Texts
from training.heads.sets import Row, Sets
from triage.report import said_first

CHOICES = ("fault", "idea", "question", "praise", "other")
REVIEWS, REPORTS = "intents/app_reviews_clap", "intents/github_issues_train"
STRENGTH = 1.0
STRENGTH_REPORT = 1.0
FOLDS = 5
ASKED = {"intents/clinc150": 8, "intents/banking77_train": 8}
"""Questions to a service, and of how many of them one is taken."""
ASKING = frozenset(
    {"how", "what", "where", "when", "which", "who", "can", "could", "is", "are", "do", "does"}
)
THANKS = frozenset(
    {"thanks", "thank", "thx", "great", "love", "awesome", "amazing", "excellent", "best"}
)
FAULTS = frozenset({"BUG", "PERFORMANCE", "USABILITY", "ENERGY", "SECURITY"})
OF_REPORT = {"bug": "fault", "feature": "idea", "question": "question"}
Figure = tuple[str, str, str]


def of_review(line: Row) -> str:
    """What a review is; those of no kind that give four or five stars are praise."""
    if line["label"] in FAULTS:
        return "fault"
    if line["label"] == "FEATURE":
        return "idea"
    return "praise" if str(line["rating"]) in "45" else "other"


def of_post(line: Row) -> str:
    """What a post is: complaints are faults, others what their words plainly say."""
    if str(line["domain"]).startswith("random"):
        return "other"
    if line["complaint"]:
        return "fault"
    text = str(line["text"]).lower()
    if asks(text):
        return "question"
    return "praise" if THANKS & set(re.findall(r"[a-z]+", text)) else "other"


def asks(text: str) -> bool:
    """Whether a text has the form of a question."""
    words = [word for word in text.lower().split() if not word.startswith("@")]
    return text.rstrip().endswith("?") or bool(words and words[0] in ASKING)


def questions(sets: Sets) -> list[Row]:
    """Some of the questions that people ask a bank or a voice assistant."""
    return [
        line
        for name, every in ASKED.items()
        for line in sets.train(name, lambda line: asks(str(line["text"])))[::every]
    ]


class Intents:
    """Short posts: app reviews, posts about brands, and questions to a service."""

    def __init__(self, sets: Sets, texts: Texts) -> None:
        reviews, posts = sets.train(REVIEWS), sets.train("complaints/acl2019_given")
        asked = questions(sets)
        lines = reviews + posts + asked
        kinds = list(map(of_review, reviews)) + list(map(of_post, posts))
        kinds += ["question"] * len(asked)
        self.gold = np.array([CHOICES.index(kind) for kind in kinds])
        self.labels = np.array([str(line.get("label", "")) for line in lines])
        self.rows = texts.rows([str(line["text"]) for line in lines])
        self.review = np.arange(len(lines)) < len(reviews)
        source = [str(line.get("app", number)) for number, line in enumerate(lines)]
        source = np.unique(source, return_inverse=True)[1]
        self.fold = np.random.default_rng(7).integers(0, FOLDS, source.max() + 1)[source]

    def columns(self) -> list[Column]:
        """The choices, fitted on everything."""
        return fitted("intent", CHOICES, self, np.ones(len(self.gold), bool), STRENGTH)

    def figures(self) -> Iterator[Figure]:
        """What, on which data, how well: as bug, idea or neither."""
        if not self.review.any():
            return
        kinds = np.array(["fault", "idea", "other", "other", "other"])
        said, gold = kinds[_unseen("intent", CHOICES, self, STRENGTH)], kinds[self.gold]
        three = self.review & np.isin(self.labels, ["BUG", "FEATURE", "OTHER"])
        how = f"{FOLDS} folds, no app in two"
        for which, lines in (("BUG, FEATURE or OTHER", three), ("any label", self.review)):
            data = f"CLAP app reviews, {lines.sum():,} of {which}; {how}"
            yield "intent", data, _f1(gold[lines], said[lines])


class Reports:
    """Long posts: issues of five software projects, told by how they begin."""

    def __init__(self, sets: Sets, texts: Texts) -> None:
        lines = sets.train(REPORTS)
        self.known = bool(lines)
        self.gold = np.array([CHOICES.index(OF_REPORT[str(line["label"])]) for line in lines])
        whole = [str(line["text"]) for line in lines]
        begun = [" ".join(said_first(text.split())) for text in whole]
        self.rows = texts.rows(begun, whole=whole) if lines else None
        self.project = np.unique([str(line["repo"]) for line in lines], return_inverse=True)[1]
        self.fold = np.random.default_rng(7).integers(0, FOLDS, len(lines))

    def columns(self) -> list[Column]:
        """The choices, fitted on everything; none without issues."""
        if not self.known:
            return []
        everything = np.ones(len(self.gold), bool)
        return fitted("report", CHOICES[:3], self, everything, STRENGTH_REPORT)

    def figures(self) -> Iterator[Figure]:
        """What, on which data, how well: projects known and projects never seen."""
        if not self.known:
            return
        names, data = np.array(CHOICES), f"GitHub issues, {len(self.gold):,}"
        drawn = self.fold
        for how, fold in ((f"{FOLDS} folds", drawn), ("one project left out", self.project)):
            self.fold = fold
            said = _unseen("report", CHOICES[:3], self, STRENGTH_REPORT)
            yield "intent of reports", f"{data}; {how}", _f1(names[self.gold], names[said])


def fitted(
    head: str, choices: tuple[str, ...], of: Intents | Reports, train: np.ndarray, strength: float
) -> list[Column]:
    """The choices of a head, fitted on these lines."""
    present = sorted(set(of.gold[train].tolist()))
    names = [f"{head}/{choices[at]}" for at in present]
    return fit.choice(names, of.rows[train], of.gold[train], strength)


def _unseen(
    head: str, choices: tuple[str, ...], of: Intents | Reports, strength: float
) -> np.ndarray:
    """The choice for every line, by heads that saw no line of its fold."""
    said = np.zeros(len(of.gold), int)
    for train, test in fit.folds(of.fold):
        columns = fitted(head, choices, of, train, strength)
        said[test] = np.stack([column.margin(of.rows[test]) for column in columns]).argmax(0)
    return said


def _f1(gold: np.ndarray, said: np.ndarray) -> str:
    found = fit.classification(gold.tolist(), said.tolist())
    each = ", ".join(f"{one.name} {one.f1:.3f}" for one in found.classes if one.gold)
    return f"macro F1 {found.macro_f1:.3f} ({each})"
