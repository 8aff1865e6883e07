"""The time line of `sources coverage` shows all of the time, however narrow the terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from listener.cli.coverage_table import MARKS, TimeLine
from listener.coverage import STRETCHES, Seen


def drawn(stretches: list[Seen], width: int) -> str:
    console = Console(file=StringIO(), width=width)
    with console.capture() as capture:
        console.print(TimeLine(stretches))
    return capture.get().strip("\n")


@pytest.mark.parametrize("width", [200, STRETCHES, 55, 37, 14, 3])
def test_the_first_and_the_latest_stretch_are_always_shown(width: int) -> None:
    stretches = [Seen.OK, *[Seen.NO_RUN] * (STRETCHES - 2), Seen.FAILED]
    line = drawn(stretches, width)
    assert len(line) == min(width, STRETCHES)
    assert (line[0], line[-1]) == (MARKS[Seen.OK][0], MARKS[Seen.FAILED][0])
    assert set(line[1:-1]) <= {MARKS[Seen.NO_RUN][0]}


@pytest.mark.parametrize("trouble", [Seen.GAP, Seen.UNUSUAL, Seen.FAILED])
def test_trouble_is_never_hidden_by_a_neighbour(trouble: Seen) -> None:
    for place in range(STRETCHES):
        stretches = [Seen.OK] * STRETCHES
        stretches[place] = trouble
        assert drawn(stretches, 20).count(MARKS[trouble][0]) == 1
