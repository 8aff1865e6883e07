from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.http.patience import LONGEST_PATIENCE, patience_until

NOON = datetime.fromisoformat("2026-11-20T12:00:00+00:00")


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({"retry-after": "60"}, 1),
        ({"retry-after": "Fri, 20 Nov 2026 12:05:00 GMT"}, 5),
        ({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0),
        ({"ratelimit-reset": str(int(NOON.timestamp()) + 120)}, 2),
        ({"ratelimit-reset": "180"}, 3),
        ({"x-ratelimit-reset": "2026-11-20T12:04:00.000000Z"}, 4),
        ({"x-rate-limit-reset": str(int(NOON.timestamp()) + 300)}, 5),
        ({"retry-after": "soon", "ratelimit-reset": "60"}, 1),
        ({"retry-after": "60", "ratelimit-reset": "600"}, 1),
        ({"retry-after": "9" * 30}, 24 * 60),
        ({"retry-after": "Mon, 01 Jan 2035 00:00:00 GMT"}, 24 * 60),
        ({"ratelimit-reset": "9" * 9}, 24 * 60),
    ],
)
def test_reads_every_form(headers: dict[str, str], minutes: int) -> None:
    assert patience_until(headers, NOON) == NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize("headers", [{}, {"retry-after": ""}, {"ratelimit-reset": "tomorrow"}])
def test_says_when_nothing_is_named(headers: dict[str, str]) -> None:
    assert patience_until(headers, NOON) is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_never_in_the_past_nor_over_a_day(after: str, reset: str) -> None:
    until = patience_until({"retry-after": after, "ratelimit-reset": reset}, NOON)
    assert until is None or NOON <= until <= NOON + LONGEST_PATIENCE
