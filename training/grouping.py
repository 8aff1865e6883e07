"""Measures grouping: all figures of `docs/grouping.md`, each part by itself or all in a row.

    python -m training.grouping DATA [--part PART]… [--first N] [--vectors FOLDER]

DATA is a folder of the sets named there, shuffled with seed 7 and placed post by post; FIRST limits each
set to its first posts. The encoder's vectors are kept in FOLDER, for it reads some eighty posts a
second; without the encoder, or without BERTopic for `peers`, these parts say so and are left out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from training.grouping_churn import churn
from training.grouping_peers import peers
from training.grouping_people import people
from training.grouping_quality import quality
from training.grouping_sets import WHOLE, Data
from triage.embedding import StaticEmbedder
from triage.encoder import PostEncoder, installed
from triage.space import ENCODER, STATIC

Part = Callable[[Data], Iterator[str]]


def _encoded(data: Data) -> Iterator[str]:
    if not installed():
        yield "left out: the encoder is not installed"
        return
    encoder = PostEncoder()
    yield from quality(data, encoder, ENCODER, WHOLE)
    yield "the second half of each stream alone: by the first half thresholds were chosen"
    yield from quality(data, encoder, ENCODER, WHOLE, held_out=True)


def _peers(data: Data) -> Iterator[str]:
    if find_spec("bertopic") is None:
        yield "left out: pip install bertopic"
        return
    yield "by the default table"
    yield from peers(data, StaticEmbedder(), STATIC)
    if installed():
        yield "by the encoder"
        yield from peers(data, PostEncoder(), ENCODER)


PARTS: dict[str, Part] = {
    "quality": lambda data: quality(data, StaticEmbedder(), STATIC),
    "encoder": _encoded,
    "churn": lambda data: churn(data, StaticEmbedder()),
    "people": lambda data: people(data, StaticEmbedder()),
    "peers": _peers,
}


def main(arguments: list[str]) -> None:
    """Print the parts that were asked for, line by line as they are found."""
    parser = argparse.ArgumentParser(prog="python -m training.grouping", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--part", action="append", choices=tuple(PARTS))
    parser.add_argument("--first", type=int)
    parser.add_argument("--vectors", type=Path)
    given = parser.parse_args(arguments)
    data = Data(given.data, given.first, given.vectors)
    for name in given.part or PARTS:
        print(f"# {name}", flush=True)
        for line in PARTS[name](data):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
