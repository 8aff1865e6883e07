"""Compare our compound with vaderSentiment's on every text of JSON-lines files, bit for bit.

    python -m benchmarks.vader_equality FILE… [--longest 4000]

Without files, and among all benchmarks, it reads the sample's posts. Prints the number of texts,
of differences, and both costs. Longer texts are left out: the original's cost grows with their
square. Exits with 1 when a single text differs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from triage.protocols import BrandContext
from triage.sentiment import SentimentReader

SAMPLE = Path(__file__).parents[1] / "samples" / "banking77.jsonl"


def main(files: Sequence[Path] = (SAMPLE,), longest: int = 4000) -> int:
    """Print the counts and costs; returns the number of texts that differ."""
    texts = [
        text
        for path in files
        for line in path.open(encoding="utf-8")
        if len(text := json.loads(line)["text"]) <= longest
    ]
    reader, reference = SentimentReader(BrandContext()), SentimentIntensityAnalyzer()
    start = time.process_time()
    ours = [reader.read(text).compound for text in texts]
    middle = time.process_time()
    theirs = [reference.polarity_scores(text)["compound"] for text in texts]
    end = time.process_time()
    different = sum(map(lambda a, b: repr(a) != repr(b), ours, theirs))
    count = max(1, len(texts))
    print(
        f"{len(texts):,} texts, {different} differences; "
        f"both our readings {(middle - start) / count * 1e6:.1f} µs a text, "
        f"vaderSentiment alone {(end - middle) / count * 1e6:.1f} µs"
    )
    return different


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=[SAMPLE])
    parser.add_argument("--longest", type=int, default=4000)
    asked = parser.parse_args()
    sys.exit(main(asked.files, asked.longest) > 0)
