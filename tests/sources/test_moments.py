"""Dates as people and platforms write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.moments import moment

TEN = datetime(2017, 10, 31, 22, 10, 47, tzinfo=UTC)
DAY = datetime(2017, 10, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2017-10-31T22:10:47Z", TEN),
        ("2017-10-31T23:10:47+01:00", TEN),
        ("2017-10-31 22:10:47", TEN),
        ("2017-10-31 22:10:47 UTC", TEN),
        ("2017-10-31 14:10:47 -0800", TEN),
        ("2017/10/31 22:10:47", TEN),
        ("2017-10-31", DAY),
        ("20171031", DAY),
        ("20171031221047", TEN),
        ("Tue Oct 31 22:10:47 +0000 2017", TEN),
        ("Tue Oct 31 17:40:47 -0430 2017", TEN),
        ("Tue, 31 Oct 2017 22:10:47 GMT", TEN),
        ("31 Oct 2017 22:10:47 +0000", TEN),
        ("1509487847", TEN),
        ("1509487847.0", TEN),
        (1509487847, TEN),
        (1509487847000, TEN),
        ("1509487847000", TEN),
        (1509487847000000, TEN),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("03/04/2017", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (True, None),
        (-5, None),
        (float("nan"), None),
        (float("inf"), None),
        ([2017], None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9" * 100, None),
        ("Tue Foo 31 22:10:47 +0000 2017", None),
        ("Tue Oct 31 22:10:47 +9900 2017", None),
    ],
)
def test_moment(written: object, expected: datetime | None) -> None:
    assert moment(written) == expected


@given(st.one_of(st.text(max_size=80), st.floats(), st.integers(), st.text("0123456789-:TZ+. /")))
def test_anything_is_a_utc_moment_or_nothing(written: object) -> None:
    found = moment(written)
    assert found is None or found.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.timezones()))
def test_what_python_writes_is_read_again(when: datetime) -> None:
    assert moment(when.isoformat()) == when.astimezone(UTC)
