from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.duration import parse_duration, show_duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("15m", timedelta(minutes=15)),
        ("1h", timedelta(hours=1)),
        ("2d", timedelta(days=2)),
        ("365d", timedelta(days=365)),
        ("1h30m", timedelta(minutes=90)),
        ("4w", timedelta(days=28)),
        (" 45S ", timedelta(seconds=45)),
    ],
)
def test_durations_people_write(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@given(st.integers(1, 36_500 * 86_400))
def test_a_shown_duration_reads_back(seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert parse_duration(show_duration(span)) == span


@pytest.mark.parametrize(
    "text", ["", "15", "m", "1.5h", "-1h", "1 h", "15 minutes", "١m", "0s", "99999999w"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)
