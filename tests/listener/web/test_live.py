"""Live updates: nothing falls between two connections, and whoever changed it, every page hears of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx2
import pytest
from argon2 import PasswordHasher

from listener.store.accounts import Accounts, open_accounts
from listener.store.presence import Doing
from listener.store.users import Role
from listener.web.actor import COOKIE
from listener.web.events import event
from listener.web.server import Server

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Event(NamedTuple):
    id: str
    name: str
    data: Any


class Stream:
    """An event stream, read one event at a time."""

    def __init__(self, answer: httpx2.Response) -> None:
        self._lines = answer.iter_lines()

    def next(self) -> Event:
        found = {"id": "", "event": "", "data": "null"}
        for line in self._lines:
            if not line and found["event"]:
                return Event(found["id"], found["event"], json.loads(found["data"]))
            name, _, value = line.partition(": ")
            if name in found:
                found[name] = value
        raise EOFError

    def until(self, name: str) -> Event:
        while (one := self.next()).name != name:
            pass
        return one


@pytest.fixture
def accounts(house: Any) -> Iterator[Accounts]:
    with open_accounts(house.config.store, QUICK) as opened:
        yield opened


@pytest.fixture
def servers(house: Any) -> Iterator[Callable[..., Server]]:
    """Web servers over one store; every call starts another one."""
    running: list[Server] = []

    def start(**more: int) -> Server:
        web = house.config.web.model_copy(update={"port": 0, **more})
        config = house.config.model_copy(update={"web": web})
        running.append(Server(config, house.clock).__enter__())
        return running[-1]

    yield start
    for server in running:
        server.__exit__(None, None, None)


@pytest.fixture
def key(accounts: Accounts, house: Any) -> str:
    accounts.add_user("ana", Role.AGENT, "correct horse battery", house.clock())
    return accounts.sessions.open("ana", "test", house.clock())[1]


@contextmanager
def listening(
    server: Server, key: str, after: int | None = None, last: str = ""
) -> Iterator[Stream]:
    query = "" if after is None else f"?after={after}"
    headers = {"cookie": f"{COOKIE}={key}", **({"last-event-id": last} if last else {})}
    with (
        httpx2.Client(trust_env=False, timeout=20) as client,
        client.stream("GET", f"{server.address}live{query}", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer)


def asked(server: Server, key: str, path: str = "live") -> httpx2.Response:
    """One request, answered whole."""
    with httpx2.Client(trust_env=False, timeout=20) as client:
        return client.get(f"{server.address}{path}", headers={"cookie": f"{COOKIE}={key}"})


def test_every_server_tells_of_moves_made_anywhere(
    servers: Callable[[], Server], key: str, house: Any
) -> None:
    case = house.open_case()
    with listening(servers(), key) as one, listening(servers(), key) as other:
        assert (one.next().name, other.next().name) == ("hello", "hello")
        done = house.desk.cases.claim(case, "bob")
        for stream in (one, other):
            told = stream.until("move")
            assert told.id == str(done.id)
            assert (told.data["actor"], told.data["action"], told.data["case"]) == (
                "bob", "claim", case,
            )  # fmt: skip


def test_a_page_that_was_cut_off_gets_what_it_missed_once_and_in_order(
    servers: Callable[[], Server], key: str, house: Any
) -> None:
    server = servers()
    case = house.open_case()
    seen = house.desk.replies.note(case, "bob", "one").id
    missed = [house.desk.replies.note(case, "bob", str(n)).id for n in range(5)]
    with listening(server, key, after=0, last=str(seen)) as stream:
        assert [stream.until("move").id for _ in missed] == list(map(str, missed))
        later = house.desk.replies.note(case, "bob", "later")
        assert stream.until("move").id == str(later.id)
    with listening(server, key, after=missed[-1]) as stream:
        assert stream.next().id == str(later.id)


def test_who_missed_too_much_loads_anew(
    servers: Callable[[], Server], key: str, house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.web.live.AT_ONCE", 3)
    case = house.open_case()
    moves = [house.desk.replies.note(case, "bob", str(n)).id for n in range(5)]
    with listening(servers(), key, after=0) as stream:
        assert stream.next() == Event(str(moves[-1]), "reload", {})


def test_new_cases_and_who_is_where_are_told(
    servers: Callable[[], Server], key: str, house: Any, accounts: Accounts
) -> None:
    with listening(servers(), key) as stream:
        stream.until("hello")
        case = house.open_case()
        assert stream.until("arrived").data == {"cases": 1}
        accounts.presence.enter(case, "bob", Doing.ANSWERING, house.clock())
        told = {"case": case, "people": [{"who": "bob", "doing": "answering"}]}
        assert stream.until("presence").data == told
        accounts.presence.leave(case, "bob")
        assert stream.until("presence").data == {"case": case, "people": []}


def test_a_session_that_is_ended_hears_so_and_nothing_more(
    servers: Callable[[], Server], key: str, house: Any, accounts: Accounts
) -> None:
    with listening(servers(), key) as stream:
        stream.until("hello")
        accounts.sessions.end_all("ana", house.clock())
        assert stream.until("signed-out").data == {}
        with pytest.raises(EOFError):
            stream.next()


def test_a_server_that_ends_lets_its_pages_go(
    servers: Callable[[], Server], key: str, house: Any
) -> None:
    server = servers()
    with listening(server, key) as stream:
        stream.until("hello")
        server.__exit__(None, None, None)
        with pytest.raises(EOFError):
            stream.until("anything more")


def test_presence_is_said_by_the_page_and_forgotten_by_itself(
    signed_in: Callable[..., Any], accounts: Accounts, house: Any
) -> None:
    ana, bob = signed_in("ana"), signed_in("bob")
    assert ana.post("/presence", data={"case": 7, "doing": "looking"}).status_code == 204
    house.clock.forward(seconds=5)
    assert bob.post("/presence", data={"case": 7, "doing": "answering"}).status_code == 204
    found = accounts.presence.at_case(7, house.clock())
    assert [(one.who, one.doing) for one in found] == [("bob", "answering"), ("ana", "looking")]
    house.clock.forward(seconds=41)
    assert [one.who for one in accounts.presence.at_case(7, house.clock())] == ["bob"]
    assert bob.post("/presence", data={"case": 7, "doing": ""}).status_code == 204
    assert accounts.presence.everywhere(house.clock()) == {}
    assert ana.post("/presence", data={"case": 0}).status_code == 422


def test_there_are_places_for_so_many_and_the_page_works_without(
    servers: Callable[..., Server], key: str, house: Any, accounts: Accounts
) -> None:
    server = servers(live_pages=3, live_pages_each=2)
    accounts.add_user("ben", Role.AGENT, "correct horse battery", house.clock())
    others = accounts.sessions.open("ben", "test", house.clock())[1]
    with listening(server, key) as one, listening(server, key) as two:
        assert (one.next().name, two.next().name) == ("hello", "hello")
        full = asked(server, key)
        assert (full.status_code, full.headers["retry-after"]) == (429, "30")
        assert "web.live_pages_each" in full.text
        with listening(server, others) as three:
            three.until("hello")
            full = asked(server, others)
            assert (full.status_code, full.headers["retry-after"]) == (503, "30")
        assert asked(server, others, "queue").status_code == 200


def test_a_forged_line_stays_inside_its_event() -> None:
    forged = "x\n\nevent: signed-out\r\ndata: {}\u2028id: 9"
    lines = event("move", {"actor": forged}, 3).decode().splitlines()
    assert [line.partition(":")[0] for line in lines[:2]] == ["id", "event"]
    data = event("move", {"actor": forged}, 3).split(b"\n")
    assert len(data) == 5
    assert json.loads(data[2].removeprefix(b"data: "))["actor"] == forged
