from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
import requests

from sources.errors import Blocked, RateLimited, SourceError, Transient
from sources.http.fetch import Limits
from sources.http.session import Guard, Redirected, guarded
from sources.testing.web import Answer, FakeWeb, redirect, zipped

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as server:
        yield server


@pytest.fixture
def session(web: FakeWeb, noon: datetime) -> Iterator[requests.Session]:
    guard = Guard(
        lambda: noon,
        base_url=web.url("/proxy/"),
        allow_private=True,
        limits=Limits(wire_bytes=50_000, plain_bytes=100_000, seconds=0.3, step_seconds=0.3),
    )
    with guarded(requests.Session(), guard) as own:
        yield own


def test_base_url_replaces_the_host_and_keeps_path_and_query(
    web: FakeWeb, session: requests.Session
) -> None:
    web.routes["/proxy/2/tweets"] = zipped(b'{"a": "\xc3\xa9"}', "application/json")
    answer = session.get("https://api.example.com/2/tweets", params={"ids": "1,2"})
    assert answer.json() == {"a": "é"}
    assert [one.path for one in web.asked] == ["/proxy/2/tweets?ids=1%2C2"]


def test_posts_go_through(web: FakeWeb, session: requests.Session) -> None:
    web.routes["/proxy/token"] = Answer(b"{}")
    session.post("https://api.example.com/token", data={"grant": "x"})
    assert (web.asked[0].method, web.asked[0].body) == ("POST", b"grant=x")


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (Answer(status=500), Transient, "500"),
        (Answer(status=429), RateLimited, "429"),
        (redirect("http://169.254.169.254/x?y"), Redirected, "169.254.169.254/x?…"),
        (Answer(b"x", length=99), Transient, "cannot be read"),
        (Answer(bytes(60_000)), Blocked, "on the wire"),
        (zipped(bytes(200_000)), Blocked, "once decompressed"),
        (Answer(b"x", parts=iter(lambda: b" ", None)), SourceError, "x"),
    ],
)
def test_trouble_is_ours_and_names_the_address(
    web: FakeWeb,
    session: requests.Session,
    answer: Answer,
    error: type[SourceError],
    says: str,
) -> None:
    web.routes["/proxy/x"] = answer
    with pytest.raises(error) as caught:
        session.get("https://api.example.com/x?token=sesame")
    assert says in str(caught.value)
    assert f"127.0.0.1:{web.port}/proxy/x" in str(caught.value)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "http://169.254.169.254/", "ftp://x/"])
def test_only_the_public_internet_is_dialled(noon: datetime, address: str) -> None:
    with (
        guarded(requests.Session(), Guard(lambda: noon)) as own,
        pytest.raises((Blocked, requests.exceptions.InvalidSchema)),
    ):
        own.get(address)


def test_a_name_may_not_lead_inside(noon: datetime) -> None:
    guard = Guard(lambda: noon, resolve=lambda host, port: ["93.184.216.34", "10.0.0.1"])
    with guarded(requests.Session(), guard) as own, pytest.raises(Blocked, match="allow_private"):
        own.get("https://api.example.com/")
