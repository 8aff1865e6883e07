from __future__ import annotations

import gzip
import itertools
import ssl
import threading
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sources.errors import (
    Blocked,
    CredentialsRejected,
    Gone,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.http.fetch import Fetcher, Limits
from sources.testing.web import Answer, Asked, FakeWeb, conditional, redirect, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CERTIFICATE = Path(__file__).parent / "certificates" / "feeds.example.pem"


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb({"/": Answer(b"hello")}) as server:
        yield server


def a_fetcher(limits: Limits | None = None, **options: object) -> Fetcher:
    options = {"allow_private": True, "now": lambda: NOON, **options}
    return Fetcher(limits=limits, **options)  # type: ignore[arg-type]


def get(url: str, limits: Limits | None = None, **options: object) -> bytes:
    with a_fetcher(limits, **options) as fetcher:
        return fetcher.get(url).body


class Ticking:
    """A monotonic clock on which ten seconds pass whenever somebody looks."""

    def __init__(self) -> None:
        self.ticks = itertools.count(0, 10)

    def __call__(self) -> float:
        return float(next(self.ticks))


# --- what is fetched -----------------------------------------------------------------------------


def test_fetches_politely(web: FakeWeb) -> None:
    with a_fetcher() as fetcher:
        response = fetcher.get(web.url("/"), headers={"accept": "application/xml"})
    assert (response.status, response.body) == (200, b"hello")
    assert response.url == response.permanent_url == web.url("/")
    asked = web.asked[0].headers
    assert asked["user-agent"].startswith("complaint-listener (+https://")
    assert asked["accept"] == "application/xml"
    assert asked["accept-encoding"] == "gzip, deflate"
    assert "if-none-match" not in asked


def test_asks_conditionally(web: FakeWeb) -> None:
    web.routes["/feed"] = conditional(b"news", '"v1"')
    with a_fetcher() as fetcher:
        first = fetcher.get(web.url("/feed"))
        second = fetcher.get(
            web.url("/feed"),
            etag=first.headers["etag"],
            last_modified="Fri, 20 Nov 2026 11:00:00 GMT",
        )
    assert not first.not_modified
    assert second.not_modified
    assert second.body == b""
    assert web.asked[1].headers["if-modified-since"] == "Fri, 20 Nov 2026 11:00:00 GMT"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"hello" * 100)),
        ("x-gzip", gzip.compress(b"hello" * 50) + gzip.compress(b"hello" * 50) + b"\0\0"),
        ("deflate", zlib.compress(b"hello" * 100)),
        ("deflate", zlib.compress(b"hello" * 100)[2:-4]),  # raw, as some servers send it
        ("identity", b"hello" * 100),
    ],
    ids=["gzip", "gzip in two members", "zlib", "raw deflate", "identity"],
)
def test_undoes_compression(web: FakeWeb, encoding: str, body: bytes) -> None:
    web.routes["/"] = Answer(body, headers={"Content-Encoding": encoding})
    assert get(web.url("/")) == b"hello" * 100


def test_proxies_of_the_environment_are_ignored(
    web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert get(web.url("/")) == b"hello"


def test_tls_speaks_to_the_checked_address_and_verifies_the_name(
    web: FakeWeb,
) -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(CERTIFICATE)
    web.use_tls(served)
    trusted = ssl.create_default_context(cafile=CERTIFICATE)
    options = {"resolve": lambda *_: ["127.0.0.1"], "ssl_context": trusted}
    assert get(f"https://feeds.example:{web.port}/", **options) == b"hello"
    with pytest.raises(Transient, match="certificate"):
        get(f"https://other.example:{web.port}/", **options)


# --- where it may go -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "localhost", "[::1]"]
)
def test_loopback_is_refused_however_it_is_written(web: FakeWeb, host: str) -> None:
    with pytest.raises(SourceError) as caught:
        get(f"http://{host}:{web.port}/", allow_private=False)
    assert isinstance(caught.value, Blocked | Transient)  # some forms are no name at all somewhere
    assert web.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "/etc/passwd",
        "",
        "http://",
        "https:///feed",
        "http://[::1/",
        "http://example.org:99999999/",
        "http://exa mple.org/",
    ],
)
def test_only_web_addresses_are_fetched(url: str) -> None:
    with pytest.raises(Blocked):
        get(url, resolve=lambda *_: ["127.0.0.1"])


def test_dials_the_address_that_was_checked_and_resolves_once(web: FakeWeb) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.9.8.7"]

    assert get(web.url("/", "feeds.example"), resolve=resolve) == b"hello"
    assert asked == ["feeds.example"]
    assert web.asked[0].headers["host"] == f"feeds.example:{web.port}"


def test_a_name_of_a_private_address_is_refused_before_anything_is_sent(web: FakeWeb) -> None:
    with pytest.raises(Blocked, match="allow_private: true"):
        get(web.url("/", "a.example"), resolve=lambda *_: ["127.0.0.1"], allow_private=False)
    assert web.asked == []


@pytest.mark.allow_hosts(["127.0.0.1", "::1"])
def test_the_next_address_is_tried_when_one_does_not_answer(web: FakeWeb) -> None:
    found = ["::1", "127.0.0.1"]  # nobody listens on ::1
    assert get(web.url("/", "a.example"), resolve=lambda *_: found) == b"hello"


def test_a_redirect_into_a_private_network_is_refused(web: FakeWeb) -> None:
    web.routes["/feed"] = redirect("http://inside.example:8000/secrets")
    known = {"feeds.example": "127.0.0.1", "inside.example": "169.254.169.254"}
    with pytest.raises(Blocked, match=r"inside\.example leads to 169\.254\.169\.254"):
        get(web.url("/feed", "feeds.example"), resolve=lambda host, _: [known[host]])


@pytest.mark.parametrize("target", ["file:///etc/passwd", "javascript:alert(1)", "http://[bad"])
def test_a_redirect_to_another_scheme_is_refused(web: FakeWeb, target: str) -> None:
    web.routes["/"] = redirect(target)
    with pytest.raises(Blocked):
        get(web.url("/"))


# --- redirects -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "remembered"),
    [([301], "/1"), ([308], "/1"), ([302], "/0"), ([301, 308], "/2"), ([301, 302, 301], "/1")],
)
def test_permanent_moves_are_reported(web: FakeWeb, statuses: list[int], remembered: str) -> None:
    for place, status in enumerate(statuses):
        web.routes[f"/{place}"] = redirect(f"/{place + 1}", status)
    web.routes[f"/{len(statuses)}"] = Answer(b"there")
    with a_fetcher() as fetcher:
        response = fetcher.get(web.url("/0"))
    assert response.body == b"there"
    assert response.url == web.url(f"/{len(statuses)}")
    assert response.permanent_url == web.url(remembered)


@pytest.mark.parametrize(
    ("start", "target"), [("/0", "/1?key=secret"), ("/0?key=secret", "/1"), ("/0", "//me:pw@{}/1")]
)
def test_moves_that_could_hold_a_secret_are_not_remembered(
    web: FakeWeb, start: str, target: str
) -> None:
    web.routes["/0"] = redirect(target.format(f"127.0.0.1:{web.port}"), 301)
    web.routes["/1"] = Answer(b"there")
    with a_fetcher() as fetcher:
        response = fetcher.get(web.url(start))
    assert response.body == b"there"
    assert response.permanent_url == web.url(start)


def test_redirects_end(web: FakeWeb) -> None:
    web.routes["/"] = redirect("/")
    with pytest.raises(Unreadable, match="more than 5 times"):
        get(web.url("/"))
    assert len(web.asked) == 6


def test_a_redirect_to_nowhere_is_unreadable(web: FakeWeb) -> None:
    web.routes["/"] = Answer(status=302)
    with pytest.raises(Unreadable, match="to nowhere"):
        get(web.url("/"))


def test_own_headers_stay_with_the_origin_they_are_for(web: FakeWeb) -> None:
    web.routes["/here"] = redirect("/there")
    web.routes["/there"] = redirect(web.url("/", "other.example"))
    with a_fetcher(resolve=lambda *_: ["127.0.0.1"]) as fetcher:
        fetcher.get(web.url("/here", "a.example"), headers={"authorization": "Bearer secret"})
    assert ["authorization" in asked.headers for asked in web.asked] == [True, True, False]


# --- how much and how long -----------------------------------------------------------------------


def test_a_body_over_the_wire_cap_is_refused(web: FakeWeb) -> None:
    web.routes["/"] = Answer(b"x" * 300_000)
    with pytest.raises(Blocked, match="100,000 bytes on the wire"):
        get(web.url("/"), Limits(wire_bytes=100_000))


def test_an_endless_body_is_refused(web: FakeWeb) -> None:
    web.routes["/"] = Answer(parts=itertools.repeat(b"x" * 10_000))
    with pytest.raises(Blocked, match="on the wire"):
        get(web.url("/"), Limits(wire_bytes=100_000))


def test_a_plain_body_over_the_plain_cap_is_refused(web: FakeWeb) -> None:
    web.routes["/"] = Answer(b"x" * 300_000)
    with pytest.raises(Blocked, match="100,000 bytes once decompressed"):
        get(web.url("/"), Limits(plain_bytes=100_000))


def test_a_gzip_bomb_stops_at_the_cap(web: FakeWeb) -> None:
    web.routes["/"] = zipped(b"\0" * 10_000_000)
    with pytest.raises(Blocked, match="1,000,000 bytes once decompressed"):
        get(web.url("/"), Limits(plain_bytes=1_000_000))


def test_a_body_that_drips_meets_the_deadline(web: FakeWeb) -> None:
    web.routes["/"] = Answer(parts=itertools.repeat(b"."))
    with pytest.raises(Transient, match="no complete answer within 300 seconds"):
        get(web.url("/"), Limits(seconds=300), monotonic=Ticking())


def test_a_server_that_says_nothing_runs_into_the_timeout(web: FakeWeb) -> None:
    over = threading.Event()

    def silence() -> Iterator[bytes]:
        over.wait(10)
        yield b""

    web.routes["/"] = Answer(parts=silence())
    with pytest.raises(Transient, match=r"no answer within 0\.05 seconds"):
        get(web.url("/"), Limits(step_seconds=0.05))
    over.set()


def test_the_deadline_starts_anew_with_every_fetch(web: FakeWeb) -> None:
    with a_fetcher(Limits(seconds=300), monotonic=Ticking()) as fetcher:
        for _ in range(20):
            assert fetcher.get(web.url("/")).body == b"hello"


# --- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Unreadable),
        (401, CredentialsRejected),
        (403, CredentialsRejected),
        (404, Unreadable),
        (406, Unreadable),
        (408, Transient),
        (410, Gone),
        (429, RateLimited),
        (451, Unreadable),
        (500, Transient),
        (502, Transient),
        (503, Transient),
        (300, Unreadable),
        (206, Unreadable),
    ],
)
def test_statuses_become_errors(web: FakeWeb, status: int, error: type[SourceError]) -> None:
    web.routes["/"] = Answer(b"trouble", status)
    with pytest.raises(error, match=str(status)) as caught:
        get(web.url("/"))
    assert type(caught.value) is error


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("patience", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("Fri, 20 Nov 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Fri, 20 Nov 2020 12:10:00 GMT", timedelta(0)),
        ("99999999999999999999", timedelta(days=1)),
        ("Fri, 20 Nov 2099 12:10:00 GMT", timedelta(days=1)),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_says_until_when(
    web: FakeWeb, status: int, patience: str, wait: timedelta | None
) -> None:
    web.routes["/"] = Answer(status=status, headers={"Retry-After": patience})
    with pytest.raises(RateLimited) as caught:
        get(web.url("/"))
    assert caught.value.until == (None if wait is None else NOON + wait)


def test_a_status_that_is_accepted_is_an_answer(web: FakeWeb) -> None:
    web.routes["/"] = Answer(b"too much of this", status=400)
    with a_fetcher() as fetcher:
        answer = fetcher.get(web.url("/"), accept=(400, 404))
        assert (answer.status, answer.body) == (400, b"too much of this")
        with pytest.raises(Unreadable):
            fetcher.get(web.url("/"), accept=(404,))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(b"half", length=100), Transient),
        (
            Answer(gzip.compress(b"x" * 999, mtime=0)[:-12], headers={"Content-Encoding": "gzip"}),
            Transient,
        ),
        (Answer(b"not gzip", headers={"Content-Encoding": "gzip"}), Unreadable),
        (Answer(b"\x0b\x02", headers={"Content-Encoding": "br"}), Unreadable),
    ],
)
def test_a_broken_body_is_an_error(web: FakeWeb, answer: Answer, error: type[SourceError]) -> None:
    web.routes["/"] = answer
    with pytest.raises(error):
        get(web.url("/"))


def test_a_refused_connection_is_worth_another_try() -> None:
    with FakeWeb() as server:
        url = server.url("/feed")
    with pytest.raises(Transient, match="/feed"):
        get(url)


@pytest.mark.parametrize(
    "route",
    [
        Answer(status=404),
        Answer(status=410),
        Answer(status=429),
        Answer(status=500),
        Answer(b"half", length=100),
        Answer(b"x" * 5_000),
        redirect("/secret?token=sesame"),
        redirect("http://u:sesame@[bad"),
    ],
)
def test_no_error_shows_a_secret(web: FakeWeb, route: Answer | Callable[[Asked], Answer]) -> None:
    web.routes["/secret"] = route
    url = f"http://user:sesame@127.0.0.1:{web.port}/secret?token=sesame"
    with pytest.raises(SourceError) as caught:
        get(url, Limits(plain_bytes=1_000))
    assert "sesame" not in str(caught.value)
    assert "/secret" in str(caught.value)


# --- posting -------------------------------------------------------------------------------------


def test_posts_json_and_reads_the_answer(web: FakeWeb) -> None:
    web.routes["/session"] = Answer(b'{"ok": true}')
    with a_fetcher() as fetcher:
        answer = fetcher.post(
            web.url("/session"), b'{"a": 1}', headers={"authorization": "Bearer x"}
        )
    assert answer.body == b'{"ok": true}'
    (asked,) = web.asked
    assert (asked.method, asked.body) == ("POST", b'{"a": 1}')
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == "Bearer x"


def test_what_is_posted_goes_to_one_address_only(web: FakeWeb) -> None:
    web.routes["/session"] = redirect("/elsewhere", 307)
    with a_fetcher() as fetcher, pytest.raises(Unreadable, match="redirects"):
        fetcher.post(web.url("/session"), b"{}")
    assert len(web.asked) == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_accepted_status_is_an_answer(web: FakeWeb, method: str) -> None:
    web.routes["/gone"] = Answer(b'{"error": "Record not found"}', status=404)
    with a_fetcher() as fetcher:
        sent = () if method == "get" else (b"{}",)
        answer = getattr(fetcher, method)(web.url("/gone"), *sent, accept={404})
        assert (answer.status, answer.body) == (404, b'{"error": "Record not found"}')
        with pytest.raises(Unreadable):
            getattr(fetcher, method)(web.url("/gone"), *sent)
