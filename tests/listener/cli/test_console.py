import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.cli import console


@given(st.text(alphabet=st.characters(), max_size=200), st.integers(0, 80))
def test_safe_text_is_one_printable_line_of_the_asked_length(text: str, limit: int) -> None:
    line = console.safe(text + "\x1b[31m\u202e\r\n\ud800", limit)
    assert len(line) <= max(limit, 1)
    assert not set(line) & {"\x1b", "\u202e", "\r", "\n", "\ud800", "\x00"}
    line.encode()


def test_safe_keeps_readable_text() -> None:
    assert console.safe("on hold\tfor 3 h 👩‍👧 ünïcode") == "on hold for 3 h 👩‍👧 ünïcode"
    assert console.safe("waiting for weeks", 8) == "waiting…"


def test_a_table_in_a_pipe_has_no_colours_and_obeys_no_markup(
    capsys: pytest.CaptureFixture[str],
) -> None:
    drawn = console.table("case", "text")
    drawn.add_row("1", console.cell("[bold red]help[/] \x1b[2J", style="red"))
    console.out().print(drawn)
    printed = capsys.readouterr().out
    assert "[bold red]help[/]" in printed
    assert "\x1b" not in printed


def test_json_writes_what_the_store_hands_out(capsys: pytest.CaptureFixture[str]) -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Row:
        at: datetime
        every: timedelta
        path: Path
        names: frozenset[str]
        metrics: MappingProxyType[str, float]

    row = Row(
        datetime(2026, 1, 2, tzinfo=UTC),
        timedelta(minutes=2),
        Path("a/b"),
        frozenset({"y", "x"}),
        MappingProxyType({"likes": 3.0}),
    )
    console.print_json([row])
    assert json.loads(capsys.readouterr().out) == [
        {
            "at": "2026-01-02T00:00:00Z",
            "every": 120.0,
            "path": "a/b",
            "names": ["x", "y"],
            "metrics": {"likes": 3.0},
        }
    ]


def test_json_lines_survive_a_lone_surrogate(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_json_lines([{"text": "é"}, {"text": "\ud800"}])
    first, second = capsys.readouterr().out.splitlines()
    assert first == '{"text": "é"}'
    assert json.loads(second) == {"text": "\ud800"}


def test_json_refuses_what_it_does_not_know() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        console.to_json(object())
