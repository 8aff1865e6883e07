"""Which of 50 brands is it about: short events a second on one core, at once and one by one."""

from __future__ import annotations

import gc
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from triage.query import Document, Query
from triage.query_filter import BrandFilter

EVENTS = 50_000
BRANDS = 50
EVERY = 100  # one event in so many is about a brand
ROUNDS = 5
SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u")]


def brands(dice: random.Random, count: int = BRANDS) -> dict[str, str]:
    """Queries of five terms about invented names."""
    names: set[str] = set()
    while len(names) < count:
        names.add("".join(dice.choices(SYLLABLES, k=3)))
    return {
        name: f'("{name} bank" OR @{name}help OR #{name} OR {name}pay*)'
        f' NOT ({name} NEAR/3 "looney tunes")'
        for name in sorted(names)
    }


def events(
    dice: random.Random, names: Sequence[str], plain: bool, count: int = EVENTS
) -> list[str]:
    """Posts of 80 to 120 characters, of sentences that customers of a bank wrote."""
    sample = Path(__file__).parents[1] / "samples" / "banking77.jsonl"
    words = " ".join(json.loads(line)["text"] for line in sample.read_text("utf-8").splitlines())
    said = words.split()
    found = []
    for number in range(count):
        text = f"{dice.choice(names)} bank" if number % EVERY == 0 else ""
        length = dice.randrange(80, 115)
        while len(text) < length:
            text += f" {dice.choice(said)}"
        found.append(text.strip()[:119] + ("" if plain else "…"))
    return found


def rate(way: Callable[[Document], object], documents: Sequence[Document]) -> tuple[float, int]:
    """Events per second of processor time, and how many matched."""
    gc.collect()
    start = time.process_time()
    matched = sum(1 for document in documents if way(document))
    return len(documents) / (time.process_time() - start), matched


def compare(what: str, queries: dict[str, str], texts: Sequence[str]) -> None:
    """Print both ways, measured in turn, and insist that their answers are the same."""
    read = {name: Query.parse(query) for name, query in queries.items()}
    at_once = BrandFilter(read)

    def one_by_one(document: Document) -> object:
        asked = ((name, query.matches(document)) for name, query in read.items())
        return [(name, match) for name, match in asked if match is not None]

    documents = [Document(text) for text in texts]
    few = documents[: len(documents) // 20]
    assert [at_once.matches(one) for one in few] == [one_by_one(one) for one in few]
    quick, slow = [], []
    for _ in range(ROUNDS):
        quick.append(rate(at_once.matches, documents))
        slow.append(rate(one_by_one, few))
    ours, theirs = (statistics.median(run[0] for run in runs) for runs in (quick, slow))
    share = quick[0][1] / len(documents)
    print(
        f"{what:32} {ours:9,.0f} events/s at once   {theirs:7,.0f} one by one"
        f"   {ours / theirs:4.0f} times; {share:.1%} match"
    )


def main() -> None:
    """Print events per second of processor time, for ASCII and for other texts."""
    dice = random.Random(7)
    queries = brands(dice)
    compare("50 brands, ASCII", queries, events(dice, list(queries), plain=True))
    compare("50 brands, with a “…”", queries, events(dice, list(queries), plain=False))
    many = brands(dice, 1_000)
    compare("1,000 brands, ASCII", many, events(dice, list(many), plain=True, count=20_000))


if __name__ == "__main__":
    main()
