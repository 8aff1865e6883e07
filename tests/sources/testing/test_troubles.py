"""The troubles and the world must catch the mistakes they were written for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from sources.errors import SourceError, Transient
from sources.http.fetch import Fetcher
from sources.http.json_answer import fields, listed, read_object, string
from sources.mention import Mention
from sources.protocols import Batch, Check, Health
from sources.testing.clock import Clock
from sources.testing.troubles import check_troubles
from sources.testing.web import Answer, FakeWeb
from sources.testing.world import OpenWorld, World, check_world
from sources.text import clean

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Wall:
    """Reads all notes of a wall at every visit; `break_with` spoils it."""

    name = "wall"
    kind = "wall"

    def __init__(self, address: str, break_with: str = "") -> None:
        self.address = address
        self.break_with = break_with

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        try:
            with Fetcher(allow_private=True, now=lambda: NOON) as fetcher:
                notes = listed(read_object(fetcher.get(self.address)), "notes", self.address)
        except SourceError as error:
            if self.break_with == "silence":
                yield Batch(health=Health.QUIET)
                return
            if self.break_with == "blame":
                raise Transient("something went wrong") from error
            raise
        found = [
            Mention("wall", string(one, "id"), clean(string(one, "text")), NOON)
            for one in map(fields, notes)
        ]
        if self.break_with == "depth":
            found = found[-20:]
        if self.break_with == "fields" and any("x_flag" in fields(one) for one in notes):
            found = []
        yield Batch(found, cursor="1")

    def check(self) -> Check:
        try:
            with Fetcher(allow_private=True, now=lambda: NOON) as fetcher:
                read_object(fetcher.get(self.address))
        except SourceError as error:
            return Check(False, str(error), "" if self.break_with == "shrug" else "address")
        return Check(True, "there")


def wall(break_with: str = "") -> OpenWorld:
    @contextmanager
    def opened() -> Iterator[World]:
        notes: dict[str, str] = {}

        def say(text: str, at: datetime) -> str:
            notes[f"n{len(notes)}"] = text
            return f"n{len(notes) - 1}"

        def edit(name: str, text: str) -> None:
            notes[name] = text

        def shown(_: object) -> Answer:
            found = [{"id": name, "text": text} for name, text in notes.items()]
            return Answer(json.dumps({"notes": found}).encode())

        with FakeWeb({"/": shown}) as web:
            clock = Clock(NOON)
            yield World(
                lambda: Wall(web.url(), break_with), clock, say, None, edit, page=10, web=web
            )

    return opened


def troubled(break_with: str = "") -> None:
    with wall(break_with)() as world:
        world.said(0, 5)
        assert world.web is not None
        check_troubles(world.source, world.web, NOON)


def test_a_sound_source_passes() -> None:
    check_world(wall())
    troubled()


@pytest.mark.parametrize(
    ("mistake", "says"), [("depth", "read whole"), ("fields", "nobody has heard of")]
)
def test_what_the_world_catches(mistake: str, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        check_world(wall(mistake))


@pytest.mark.parametrize(
    ("mistake", "says"),
    [("silence", "passes for no news"), ("blame", "instead of"), ("shrug", "the setting to mend")],
)
def test_what_the_troubles_catch(mistake: str, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        troubled(mistake)
