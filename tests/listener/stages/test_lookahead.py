"""Reading ahead changes when texts are known, never what is yielded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from listener.stages.lookahead import ReadAhead
from sources.errors import Transient
from sources.mention import Mention
from sources.protocols import Batch, Check

AT = datetime(2026, 11, 20, tzinfo=UTC)


def page(number: int) -> Batch:
    return Batch([Mention("files", str(number), f"text {number}", AT)], cursor=str(number))


class Pages:
    name, kind = "pages", "files"

    def __init__(self, pages: Sequence[Batch], error: Exception | None = None) -> None:
        self.pages, self.error = pages, error
        self.cursor: str | None = "unset"

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        self.cursor = cursor
        yield from self.pages
        if self.error:
            raise self.error

    def check(self) -> Check:
        return Check(True, "fine")


def test_pages_come_in_order_and_are_told_up_to_four_before_their_turn() -> None:
    told: list[str] = []
    source = Pages([page(number) for number in range(1, 8)])
    ahead = ReadAhead(source, told.extend)
    seen = [(batch.cursor, len(told)) for batch in ahead.collect("here")]
    assert source.cursor == "here"
    assert seen == [("1", 5), ("2", 6), ("3", 7), ("4", 7), ("5", 7), ("6", 7), ("7", 7)]
    assert told == [f"text {number}" for number in range(1, 8)]
    assert ahead.check().ok
    assert (ahead.name, ahead.kind) == ("pages", "files")


@pytest.mark.parametrize("error", [Transient("later"), RuntimeError("a mistake")])
def test_an_error_comes_after_the_pages_before_it(error: Exception) -> None:
    pages = ReadAhead(Pages([page(1), page(2)], error), lambda texts: None).collect(None)
    assert [next(pages).cursor, next(pages).cursor] == ["1", "2"]
    with pytest.raises(type(error), match=str(error)):
        next(pages)


def test_no_pages_are_no_pages() -> None:
    assert list(ReadAhead(Pages([]), lambda texts: None).collect(None)) == []
