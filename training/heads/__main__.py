"""Builds the trained heads from the data folder and prints how well they do.

    python -m training.heads DATA [--permissive] [--figures] [--write MODEL.npz] [--page README.md]
        [--language CODE FILE]

DATA is a folder of the labelled public sets named in `triage/models/heads.md`. Needs scikit-learn
besides the product. `--permissive` leaves out every set whose terms are not known to allow any
use. `--figures` measures the heads by folds first; `--page` puts the figures into a page (and another one),
between `<!-- figures of the heads -->` (with `--permissive`: `<!-- figures of the heads from permissive
data -->`) and `<!-- end -->`. `--language` adds one whose mood is learnt too, from lines with `text` and
`label` (negative, neutral, positive), every fifth of which is measured on. Deterministic.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from pathlib import Path

from training.heads.complaint import Complaints
from training.heads.intent import Intents, Reports
from training.heads.matrix import Texts
from training.heads.measure import sentiment_figures
from training.heads.model import assemble, write
from training.heads.sentiment import MOODS, AnyLanguage, English
from training.heads.sets import Sets
from training.heads.spam import Spam
from training.heads.tracker import Trackers

Figure = tuple[str, str, str]


HEAD, RULE = "| what | data | measured |", "|---|---|---|"
FROM = "<!-- figures of the heads -->\n"
FROM_PERMISSIVE = "<!-- figures of the heads from permissive data -->\n"
TO = "<!-- end -->"


def put(page: Path, start: str, table: list[str]) -> None:
    """Replace what stands between the marks of a page."""
    text = page.read_text(encoding="utf-8")
    before, after = text.split(start)
    after = after[after.index(TO) :]
    page.write_text(before + start + "\n".join(table) + "\n" + after, encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Fit, measure and write."""
    parser = argparse.ArgumentParser(prog="python -m training.heads")
    parser.add_argument("data", type=Path)
    parser.add_argument("--permissive", action="store_true")
    parser.add_argument("--figures", action="store_true")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--page", type=Path, action="append", default=[])
    parser.add_argument("--language", nargs=2, action="append", default=[])
    chosen = parser.parse_args(arguments)
    own = tuple([(code, Path(file)) for code, file in chosen.language])
    sets, texts = Sets(chosen.data, chosen.permissive, own), Texts()
    started = time.process_time()
    columns, figures = [], list[Figure]()
    for head in (Complaints, Intents, Reports, Trackers, Spam, English, AnyLanguage):
        trained = head(sets, texts)
        columns += trained.columns()
        if chosen.figures and isinstance(trained, Complaints | Intents | Reports | Trackers | Spam):
            figures += trained.figures()
        print(head.__name__, f"{time.process_time() - started:.0f} CPU-s", file=sys.stderr)
    model = assemble(columns, texts, (*MOODS, *[code for code, _ in own]))
    figures += sentiment_figures(model, sets)
    table = [f"| {what} | {data} | {result} |" for what, data, result in figures]
    print(*table, sep="\n", flush=True)
    for page in chosen.page:
        put(page, FROM_PERMISSIVE if chosen.permissive else FROM, [HEAD, RULE, *table])
    if chosen.write:
        write(model, chosen.write)
        data = chosen.write.read_bytes()
        print(f"{chosen.write}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main(sys.argv[1:])
