import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from listener.exports.cells import csv_cell, guarded, json_cell

OBEYED = ("=", "+", "-", "@", "\t", "\r", "\n")
ANY_TEXT = st.text(st.characters(codec=None))


@given(ANY_TEXT)
@example('=HYPERLINK("http://x.example","y")')
@example(" =1+1")
@example("\x00=1")
@example("＝1+1")
@example("\ud83d=1")
def test_no_text_starts_what_a_spreadsheet_obeys(text: str) -> None:
    cell = guarded(text)
    assert not cell.startswith(OBEYED)
    assert not cell.lstrip(" \u00a0\u200b\ufeff").startswith(OBEYED)
    cell.encode()
    assert "\x00" not in cell


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",))))
def test_the_guard_is_one_apostrophe_and_nothing_else(text: str) -> None:
    assert guarded(text) in (text, f"'{text}")


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_stay_numbers(number: float) -> None:
    assert type(number)(csv_cell(number)) == number


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",))))
def test_a_cell_comes_back_from_csv_as_it_went_in(text: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerow(["first", guarded(text)])
    file.seek(0)
    assert next(csv.reader(file))[1] == guarded(text)


@pytest.mark.parametrize(
    ("cell", "written", "plain"),
    [
        (None, "", None),
        (True, "true", True),
        (-5, "-5", -5),
        (-0.25, "-0.25", -0.25),
        (
            datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC),
            "2026-11-22T03:04:05Z",
            "2026-11-22T03:04:05Z",
        ),
        (("on hold", "refund"), "on hold | refund", ["on hold", "refund"]),
        (("-5 waiting",), "'-5 waiting", ["-5 waiting"]),
        ((), "", []),
    ],
)
def test_every_type_has_one_form(cell: object, written: str, plain: object) -> None:
    assert csv_cell(cell) == written
    assert json_cell(cell) == plain
