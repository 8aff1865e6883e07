"""Prints the figures of lanes, muting, signals and the bands of vigilantes.

    python -m training.judging DATA [WHAT…] [--page docs/judging.md]

DATA is a folder of the labelled public sets named in `triage/models/heads.md`; WHAT are `lanes`,
`muting`, `signals` and `bands` (all without). Lines that a head was trained on are judged by heads
fitted without them, which needs scikit-learn. `--page` puts each table into a page, between
`<!-- figures of WHAT -->` and `<!-- end of WHAT -->`. Deterministic.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from training.heads.sets import Sets
from training.judging.figures import bands, lanes, muting
from training.signal_precision import table as signals

if TYPE_CHECKING:
    from training.judging.left_out import LeftOut


def put(page: Path, what: str, lines: list[str]) -> None:
    """Replace what stands between the marks of a page."""
    start, end = f"<!-- figures of {what} -->\n", f"<!-- end of {what} -->"
    before, after = page.read_text(encoding="utf-8").split(start)
    after = after[after.index(end) :]
    page.write_text(before + start + "\n".join(lines) + "\n" + after, encoding="utf-8")


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m training.judging")
    parser.add_argument("data", type=Path)
    parser.add_argument("what", nargs="*")
    parser.add_argument("--page", type=Path)
    chosen = parser.parse_args()
    sets = Sets(chosen.data)

    @cache
    def left_out() -> LeftOut:
        from training.judging.left_out import LeftOut  # scikit-learn is needed for this alone

        return LeftOut(sets)

    measures: dict[str, Callable[[], Iterator[str]]] = {
        "lanes": lambda: lanes(sets, left_out()),
        "muting": lambda: muting(sets, left_out()),
        "signals": lambda: signals(chosen.data),
        "bands": bands,
    }
    for what in chosen.what or measures:
        lines = list(measures[what]())
        print(*lines, "", sep="\n", flush=True)
        if chosen.page:
            put(chosen.page, what, lines)


if __name__ == "__main__":
    main()
