"""What people's labels mean to us, by task: which field holds them and which values we know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from triage.verdict import Lane

Gold = str | int | bool

# Labels of public sets, and what we would call them. A label that is not here is reported.
_COMPLAINTS = ("complaint", "bug", "problem", "performance", "usability", "energy", "security")
_IDEAS = ("idea", "feature", "feature request", "enhancement", "suggestion")
_QUESTIONS = ("question", "inquiry", "documentation")
_PRAISES = ("praise", "compliment", "rating")
_OTHERS = ("other", "none", "noise", "irrelevant")
LANE_OF_LABEL: Mapping[str, str] = {
    **dict.fromkeys(_COMPLAINTS, Lane.COMPLAINT.value),
    **dict.fromkeys(_IDEAS, Lane.IDEA.value),
    **dict.fromkeys(_QUESTIONS, Lane.QUESTION.value),
    **dict.fromkeys(_PRAISES, Lane.PRAISE.value),
    **dict.fromkeys(_OTHERS, Lane.OTHER.value),
}
_SENTIMENTS = {
    **dict.fromkeys(("negative", "neg"), "negative"),
    **dict.fromkeys(("neutral", "neu"), "neutral"),
    **dict.fromkeys(("positive", "pos"), "positive"),
}
_YES_NO = {
    **dict.fromkeys(("1", "true", "yes", "spam", "complaint"), True),
    **dict.fromkeys(("0", "false", "no", "ham", "not spam", "non-complaint"), False),
}


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to measure: the fields that may hold its label, and how a label is read.

    `read` gives None for a label it does not know.
    """

    name: str
    about: str
    fields: tuple[str, ...]
    read: Callable[[str], Gold | None]
    known: str


def gold_of(task: Task, fields: Mapping[str, object]) -> tuple[Gold | None, str]:
    """The label of a line, or None and why it has none."""
    for name in task.fields:
        value = fields.get(name)
        if value is None:
            continue
        text = str(value).strip() if isinstance(value, str | int | float) else ""
        gold = task.read(text) if text else None
        return (None, f"label {str(value)[:40]!r} is not known") if gold is None else (gold, "")
    return None, f"no label in {' or '.join(task.fields)}"


def _sentiment(text: str) -> str | None:
    return _SENTIMENTS.get(text.casefold())


def _yes_no(text: str) -> bool | None:
    return _YES_NO.get(text.casefold())


def _severity(text: str) -> int | None:
    return int(text) if text in {"0", "1", "2", "3", "4"} else None


def _intent(text: str) -> str | None:
    return LANE_OF_LABEL.get(text.casefold().replace("_", " "))


def _language(text: str) -> str | None:
    primary = text.casefold().replace("_", "-").split("-")[0]
    return primary if primary.isalpha() and len(primary) in (2, 3) else None


def _group(text: str) -> str | None:
    return text


TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        Task(
            "sentiment",
            "the best reading against negative, neutral, positive",
            ("label", "sentiment"),
            _sentiment,
            "negative, neutral, positive",
        ),
        Task(
            "complaint",
            "the probability of a complaint against 0 or 1",
            ("complaint", "label"),
            _yes_no,
            "0, 1",
        ),
        Task(
            "severity",
            "expected severity against 0 to 4; severe means 3 or 4",
            ("severity",),
            _severity,
            "0, 1, 2, 3, 4",
        ),
        Task(
            "intent",
            "the lane against labels of intent",
            ("label", "intent"),
            _intent,
            ", ".join(LANE_OF_LABEL),
        ),
        Task(
            "groups",
            "issues against clusters",
            ("cluster", "label"),
            _group,
            "any name",
        ),
        Task(
            "language",
            "the language against its ISO 639 code",
            ("lang", "language"),
            _language,
            "codes such as en, de, fr",
        ),
        Task(
            "spam",
            "muting against 0 or 1",
            ("spam", "label"),
            _yes_no,
            "0, 1",
        ),
    )
}
