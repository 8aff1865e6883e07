"""Nothing is lost between a page that was made and the moment from which it listens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import orjson
import pytest

from listener.errors import StoreError
from listener.store.presence import Doing, Present
from listener.store.rows import HistoryRow
from listener.web.live import AT_ONCE, Known, Live
from listener.web.pool import Pool
from listener.web.refusals import TooBusy, TooMany

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Event(NamedTuple):
    name: str
    data: Any
    id: str


class Moves:
    """A store that has moves and cases, and nothing else; `broken` is raised once when it is asked."""

    def __init__(self) -> None:
        self.rows: list[HistoryRow] = []
        self.cases = 0
        self.changes = 0
        self.broken: Exception | None = None

    def move(self, times: int = 1) -> None:
        for _ in range(times):
            id = len(self.rows) + 1
            self.rows.append(
                HistoryRow(id, AT, "ana", "note", "case", 1, 1, {}, {}, "", None, None)
            )
        self.changes += 1

    def pulse(self) -> int:
        return self.changes

    def latest_move(self) -> int:
        return len(self.rows)

    def newest_case(self) -> int:
        return self.cases

    def moves_since(self, after: int, limit: int) -> list[HistoryRow]:
        broken, self.broken = self.broken, None
        if broken is not None:
            raise broken
        return self.rows[after : after + limit]

    def close(self) -> None:
        pass


class House:
    """What a server has: a store, accounts whose sessions never end, and the pages that listen."""

    def __init__(self, **places: int) -> None:
        self.moves = Moves()
        self.present: dict[int, tuple[Present, ...]] = {}
        accounts = SimpleNamespace(
            pulse=lambda: 0,
            close=lambda: None,
            presence=SimpleNamespace(everywhere=lambda at: self.present),
            sessions=SimpleNamespace(live=lambda listening, at: listening),
        )
        self.live = Live(
            cast(Any, Pool(lambda: self.moves)),
            cast(Any, Pool(lambda: accounts)),
            lambda: AT,
            **places,
        )

    async def until(self, heard: AsyncIterator[bytes], *names: str) -> Event:
        """The next event of one of these names."""
        async with asyncio.timeout(20):
            async for block in heard:
                lines = dict(line.split(": ", 1) for line in block.decode().split("\n") if line)
                if lines.get("event", "") in names:
                    return Event(lines["event"], orjson.loads(lines["data"]), lines.get("id", ""))
        raise EOFError


def played(play: Callable[[House], Coroutine[Any, Any, None]], **places: int) -> None:
    """Run a play in a loop of its own."""

    async def run() -> None:
        house = House(**places)
        try:
            await play(house)
        finally:
            house.live.close()

    asyncio.run(run())


def test_who_comes_while_a_move_is_being_told_hears_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(house: House) -> None:
        go_on = threading.Event()
        tell = house.live.tell

        def tell_and_wait(id: int, data: bytes) -> None:
            tell(id, data)
            go_on.wait(20)

        monkeypatch.setattr(house.live, "tell", tell_and_wait)
        with house.live.place(1) as first:
            heard = house.live.follow(first)
            await house.until(heard, "hello")
            house.moves.move()
            await house.until(heard, "move")
            # Everybody who listens has it; the thread that told it has not gone on yet.
            with house.live.place(2) as late:
                came = await house.until(house.live.follow(late, Known(0)), "move", "hello")
                go_on.set()
                assert (came.name, came.id) == ("move", "1")

    played(play)


def test_cases_that_came_before_the_page_listened_are_told() -> None:
    async def play(house: House) -> None:
        house.moves.cases = 5
        with house.live.place(1) as here:
            heard = house.live.follow(here, Known(0, 3))
            assert (await house.until(heard, "arrived", "people")).data == {"cases": 2}
        with house.live.place(1) as here:
            heard = house.live.follow(here, Known(0, 5))
            assert (await house.until(heard, "arrived", "people")).name == "people"

    played(play)


def test_who_is_where_is_told_whole_at_the_beginning() -> None:
    async def play(house: House) -> None:
        house.present[7] = (Present("ben", Doing.ANSWERING, AT),)
        with house.live.place(1) as here:
            came = await house.until(house.live.follow(here), "people")
            assert came.data == {"7": [{"who": "ben", "doing": "answering"}]}

    played(play)


def test_more_moves_at_once_than_are_read_together_are_all_told() -> None:
    async def play(house: House) -> None:
        with house.live.place(1) as here:
            heard = house.live.follow(here)
            await house.until(heard, "hello")
            last = 2 * AT_ONCE + 500
            house.moves.move(last)
            try:
                while (await house.until(heard, "move")).id != str(last):
                    pass
            except EOFError:  # it could not keep up: it is let go, and then loads anew
                with house.live.place(1) as again:
                    came = await house.until(house.live.follow(again, Known(0)), "move", "reload")
                    assert (came.name, came.id) == ("reload", str(last))

    played(play)


@pytest.mark.parametrize("broken", [StoreError("the disk is full"), RuntimeError("unforeseen")])
def test_whatever_goes_wrong_the_news_go_on(
    monkeypatch: pytest.MonkeyPatch, broken: Exception
) -> None:
    monkeypatch.setattr("listener.web.watch.PAUSE", 0.0)

    async def play(house: House) -> None:
        with house.live.place(1) as here:
            heard = house.live.follow(here)
            await house.until(heard, "hello")
            house.moves.broken = broken
            house.moves.move()
            assert (await house.until(heard, "move")).id == "1"

    played(play)


def test_a_silent_line_gives_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listener.web.live.SILENCE", 0.0)

    async def play(house: House) -> None:
        with house.live.place(1) as here:
            came = await house.until(house.live.follow(here), "beat")
            assert (came.data, came.id) == ({}, "")

    played(play)


def test_a_place_is_free_again_when_its_page_goes_even_one_that_never_read() -> None:
    async def play(house: House) -> None:
        with house.live.place(1), house.live.place(1):
            with (
                pytest.raises(TooMany, match="2 pages open that listen") as one,
                house.live.place(1),
            ):
                pass
            assert type(one.value) is TooMany
            with (
                house.live.place(2),
                pytest.raises(TooBusy, match="3 pages listen already"),
                house.live.place(3),
            ):
                pass
        with house.live.place(1), house.live.place(1), house.live.place(3):
            assert house.live.sessions() == frozenset()

    played(play, most=3, each=2)
