"""How often a signal means what it says, on labelled posts.

    python training/signal_precision.py DATA [--sample SIGNAL COUNT]

DATA is the folder of the given sets. For each signal it prints the posts that show it and the share
of them whose label says the same: complaints of the ACL 2019 set, negative or positive tweets about
airlines and their reasons, kinds of app reviews and of GitHub issues, intents of a bank, advertising
comments. Signals that no label validates are left to reading: --sample prints posts that show one,
drawn evenly from all sets, to be read and judged by a person.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from triage.signals import SignalFinder, signal_table

Row = Mapping[str, object]
Agrees = Callable[[Row], bool]


def is_(field: str, *values: object) -> Agrees:
    """Whether a row's field has one of these values."""
    return lambda row: row[field] in values


COMPLAINT = ("complaints/acl2019_given", is_("complaint", 1), "complaint")
NEGATIVE = ("topics/airline_given", is_("label", "negative"), "negative")
POSITIVE = ("topics/airline_given", is_("label", "positive"), "positive")
LATE = ("Late Flight", "Cancelled Flight", "Lost Luggage", "Damaged Luggage")
NAMES_OF_COMPLAINTS = (
    *("on_hold", "no_answer", "unhelpful", "tried_channel", "wrote_privately", "repeated"),
    *("long_wait", "refund", "churn", "long_customer", "ultimatum", "call_to_join", "shared"),
    *("broken", "billing", "fraud", "delivery", "insult", "broken_promise", "sarcasm", "help"),
    *("outcry", "unmet"),
)
CHECKS: Mapping[str, tuple[tuple[str, Agrees, str], ...]] = {
    **dict.fromkeys(NAMES_OF_COMPLAINTS, (COMPLAINT, NEGATIVE)),
    "praise": (POSITIVE,),
    "thanks": (POSITIVE,),
    "resolved": (POSITIVE,),
    "idea": (("intents/app_reviews_clap", is_("label", "FEATURE"), "feature request"),),
    "question": (("intents/github_issues_train", is_("label", "question"), "question"),),
    "promo": (("spam/youtube_given", is_("spam", 1), "advertising"),),
    "bare_link": (("spam/youtube_given", is_("spam", 1), "advertising"),),
    "self_promo": (("spam/youtube_given", is_("spam", 1), "advertising"),),
    "giveaway": (("spam/youtube_given", is_("spam", 1), "advertising"),),
}
MORE: Mapping[str, tuple[tuple[str, Agrees, str], ...]] = {
    "broken": (
        (
            "intents/app_reviews_clap",
            is_("label", "BUG", "PERFORMANCE", "ENERGY", "SECURITY", "USABILITY"),
            "fault",
        ),
        ("intents/github_issues_train", is_("label", "bug"), "bug"),
    ),
    "delivery": (("topics/airline_given", is_("reason", *LATE), "late, cancelled or lost"),),
    "refund": (
        (
            "intents/banking77_train",
            lambda row: "refund" in str(row["label"]).lower(),
            "refund intent",
        ),
    ),
    "fraud": (
        (
            "intents/banking77_train",
            is_(
                "label",
                "compromised_card",
                "lost_or_stolen_card",
                "cash_withdrawal_not_recognised",
                "card_payment_not_recognised",
                "direct_debit_payment_not_recognised",
                "lost_or_stolen_phone",
            ),
            "stolen or not recognised",
        ),
    ),
}
SETS = (
    *("complaints/acl2019_given", "topics/airline_given", "intents/app_reviews_clap"),
    *("streams/spotify_support_requests", "streams/airline_support_unlabelled"),
    *("sentiment/tweeteval_dev", "intents/banking77_test"),
)


def rows(data: Path, name: str) -> list[Row]:
    """The lines of a set."""
    with (data / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def table(data: Path) -> Iterator[str]:
    """One line for each signal and label that can say whether it is right."""
    finder = SignalFinder()
    found: dict[str, list[tuple[Row, frozenset[str]]]] = {}
    yield "| signal | set | posts that show it | label says so | share of all with the label |"
    yield "|---|---|---|---|---|"
    for name, kind in signal_table().kinds.items():
        checks = (*CHECKS.get(name, ()), *MORE.get(name, ()))
        for of, agrees, said in checks:
            if of not in found:
                found[of] = [
                    (row, frozenset(one.name for one in finder.find(str(row["text"]))))
                    for row in rows(data, of)
                ]
            shown = [row for row, names in found[of] if name in names]
            right = sum(map(agrees, shown))
            every = sum(agrees(row) for row, _ in found[of]) / len(found[of])
            share = f"{right / len(shown):.0%} {said}" if shown else "—"
            yield f"| {name} | {of.split('/')[1]} | {len(shown)} | {share} | {every:.0%} |"
        if not checks:
            yield f"| {name} | none | | {'policy, not measured' if kind.policy else 'by reading'} | |"


def sample(data: Path, signal: str, count: int) -> Iterator[str]:
    """Posts that show a signal, with the words that do, the same ones every time."""
    finder, dice = SignalFinder(), random.Random(7)
    for name in SETS:
        shown = []
        for row in rows(data, name):
            text = " ".join(str(row["text"]).split())
            words = [one.text for one in finder.find(text) if one.name == signal]
            if words:
                shown.append(f"{name.split('/')[1]}: “{words[0]}” in {text[:280]}")
        dice.shuffle(shown)
        yield from shown[: max(1, count // len(SETS))]


def main(data: str, *options: str) -> None:
    """Print the table, or a sample to read."""
    if options:
        _, signal, count = options
        print(*sample(Path(data), signal, int(count)), sep="\n")
    else:
        print(*table(Path(data)), sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
