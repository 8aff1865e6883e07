"""The contract must catch the mistakes it was written for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from sources.mention import Mention
from sources.protocols import Batch, Check, Health
from sources.testing.contract import check_contract

if TYPE_CHECKING:
    from collections.abc import Iterator

SAID = [
    Mention(
        "made-up", f"post-{number}", f"words {number}", datetime(2026, 11, 1, number, tzinfo=UTC)
    )
    for number in range(6)
]


class Pages:
    """A sound source of three pages; `break_with` spoils it."""

    name = "pages"
    kind = "made-up"

    def __init__(self, break_with: str = "") -> None:
        self.break_with = break_with

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        start = int(cursor or 0)
        if start >= len(SAID) and self.break_with != "silence":
            yield Batch(health=Health.QUIET)
        for place in range(start, len(SAID), 2):
            yield Batch(mentions=self.page(place, start), cursor=self.cursor(place))

    def page(self, place: int, start: int) -> list[Mention]:
        page = SAID[place : place + 2]
        if self.break_with == "text":
            return [replace(mention, text="hid\u200bden") for mention in page]
        if self.break_with == "link":
            return [replace(mention, url="javascript:alert(1)") for mention in page]
        if self.break_with == "ids":
            return [replace(mention, external_id=f"{id(self)}-{mention.text}") for mention in page]
        if self.break_with == "invention" and start:
            return [replace(mention, text="other words") for mention in page]
        return page

    def cursor(self, place: int) -> str:
        return str(place + (4 if self.break_with == "skip" else 2))

    def check(self) -> Check:
        return Check(self.break_with != "check", "six posts")


def test_a_sound_source_passes() -> None:
    assert len(check_contract(Pages).mentions) == 6


@pytest.mark.parametrize(
    ("mistake", "says"),
    [
        ("text", "its text is clean"),
        ("link", "its link is http or https"),
        ("ids", "a second reading finds the same"),
        ("skip", "something is missing or different"),
        ("invention", "something is missing or different"),
        ("silence", "an idle run yields a batch"),
        ("check", "names the setting to mend"),
    ],
)
def test_each_mistake_is_caught(mistake: str, says: str) -> None:
    sources = []  # kept, so that no two have the same id()

    def make() -> Pages:
        sources.append(Pages(mistake))
        return sources[-1]

    with pytest.raises(AssertionError, match=says):
        check_contract(make)
