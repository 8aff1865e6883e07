"""WebSub as values: what a feed offers, which questions are answered, which signatures count."""

from __future__ import annotations

import time
from datetime import timedelta
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.errors import Transient, Unreadable
from sources.feeds.feed import read_feed
from sources.feeds.hub import ask_hub
from sources.feeds.websub import (
    LEASE,
    LONGEST_CHALLENGE,
    Mode,
    Offer,
    is_signed,
    offered,
    read_intent,
    request_form,
    trusted_hub,
)
from sources.http.fetch import Fetcher
from sources.testing.hub import sign
from sources.testing.web import Answer, FakeWeb, redirect

FOUND = "https://blog.example/feed"
PLAIN = b"<rss version='2.0'><channel><title>Blog</title></channel></rss>"
RSS = (
    b"<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>Blog</title>"
    b"<a:link rel='hub' href='https://hub.example/'/><a:link rel='self' href='/topic'/>"
    b"</channel></rss>"
)
ATOM = (
    b"<feed xmlns='http://www.w3.org/2005/Atom'><title>Blog</title>"
    b"<link rel='self' href='https://blog.example/topic'/>"
    b"<link rel='hub' href='https://hub.example/'/>"
    b"<entry><id>1</id><link rel='self' href='https://blog.example/1'/></entry></feed>"
)
JSON = (
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "Blog", "items": [],'
    b' "feed_url": "https://blog.example/topic", "hubs": [7, {"type": "rssCloud", "url":'
    b' "https://cloud.example/"}, {"type": "WebSub", "url": "https://hub.example/"}]}'
)
BOTH = Offer("https://hub.example/", "https://blog.example/topic", FOUND)


def offer_of(body: bytes, link: str = "") -> Offer:
    return offered({"link": link} if link else {}, read_feed(body, "", FOUND), FOUND)


@pytest.mark.parametrize("body", [RSS, ATOM, JSON], ids=["rss", "atom", "json"])
def test_every_kind_of_feed_names_its_hub(body: bytes) -> None:
    assert offer_of(body) == BOTH


@pytest.mark.parametrize(
    "link",
    [
        '<https://hub.example/>; rel="hub", <https://blog.example/topic>; rel="self"',
        "<https://hub.example/>;rel=hub,</topic>;title=x;REL=SELF",
        '<https://else.example/>; rel=hub; anchor="#a", <https://hub.example/>; rel="x HUB",'
        '<https://b.example/2>; rel=next; title="a, b; <c>; rel=hub", </topic>; rel=self',
    ],
)
def test_headers_name_a_hub_before_the_feed_does(link: str) -> None:
    assert offer_of(PLAIN, link) == BOTH
    assert offer_of(RSS.replace(b"hub.example", b"other.example"), link) == BOTH


@pytest.mark.parametrize(
    "link",
    [
        "",
        "<https://hub.example/>; rel=hub",  # no address of its own: ours may hold a key
        "</topic>; rel=self",
        "<javascript:alert(1)>; rel=hub, </topic>; rel=self",
        "<https://hub.example/; rel=hub",
    ],
)
def test_a_feed_without_hub_or_address_offers_nothing(link: str) -> None:
    assert not offer_of(PLAIN, link).hub


def test_no_address_of_an_offer_is_shown() -> None:
    assert "example" not in repr(BOTH)


@pytest.mark.parametrize("text", ["<", "<a>;", '<a>;a="', "<a>;a=b;", ", ", '<a>;"'])
def test_a_hostile_header_takes_no_time(text: str) -> None:
    feed = read_feed(PLAIN, "", FOUND)
    started = time.process_time()
    offered({"link": text * 200_000}, feed, FOUND)
    assert time.process_time() - started < 5  # quadratic would take minutes


@pytest.mark.parametrize(
    ("hub", "private", "asked"),
    [
        ("https://hub.example/", False, "https://hub.example/"),
        ("http://hub.example/a?b", False, "https://hub.example/a?b"),
        ("http://hub.example:8000/", False, ""),
        ("http://127.0.0.1:8000/", True, "http://127.0.0.1:8000/"),
    ],
)
def test_a_secret_is_told_over_https_alone(hub: str, private: bool, asked: str) -> None:
    assert trusted_hub(hub, allow_private=private) == asked


def test_the_form_tells_the_secret_only_to_subscribe() -> None:
    form = parse_qs(request_form(Mode.SUBSCRIBE, "https://t/?a=1&b", "https://c/x", "s").decode())
    assert form == {
        "hub.mode": ["subscribe"],
        "hub.topic": ["https://t/?a=1&b"],
        "hub.callback": ["https://c/x"],
        "hub.secret": ["s"],
        "hub.lease_seconds": ["864000"],
        "hub.verify": ["async"],
    }
    assert b"secret" not in request_form(Mode.UNSUBSCRIBE, "https://t/", "https://c/x", "s")


def question(**changed: str) -> str:
    fields = {"mode": "subscribe", "topic": "https://t/", "challenge": "abc", **changed}
    return urlencode({f"hub.{name}": value for name, value in fields.items()})


@pytest.mark.parametrize(
    ("said", "lease"),
    [
        ("864000", timedelta(days=10)),
        ("0", timedelta(minutes=1)),
        ("9" * 4_000, timedelta(days=30)),
        ("-5", LEASE),
        ("soon", LEASE),
        ("", LEASE),
        ("٣", LEASE),
    ],
)
def test_no_lease_is_taken_at_its_word(said: str, lease: timedelta) -> None:
    intent = read_intent(question(lease_seconds=said))
    assert intent is not None
    assert (intent.mode, intent.topic, intent.challenge) == (Mode.SUBSCRIBE, "https://t/", "abc")
    assert intent.lease == lease


@pytest.mark.parametrize(
    "query",
    [
        "",
        "hub.mode=subscribe",
        question(challenge=""),
        question(challenge="a" * (LONGEST_CHALLENGE + 1)),
        question(challenge="a\r\nset-cookie: b"),
        question(challenge="\u202eabc"),
        question(topic=""),
        question(mode="publish"),
        question() + "&hub.challenge=other",
        question() + "&a=b" * 100,
        "%ff&%00=;;&&==",
    ],
)
def test_what_is_no_question_is_not_answered(query: str) -> None:
    assert read_intent(query) is None


def test_a_denial_needs_no_challenge_and_its_reason_is_one_clean_line() -> None:
    intent = read_intent(question(mode="denied", challenge="", reason="no\n\u202efeed" + "x" * 999))
    assert intent is not None
    assert intent.mode is Mode.DENIED
    assert intent.reason.startswith("no feed")
    assert len(intent.reason) <= 200


@given(st.text())
def test_no_query_raises(query: str) -> None:
    read_intent(query)


@given(st.binary(), st.sampled_from(["sha1", "sha256", "sha384", "sha512"]))
def test_what_was_signed_with_the_secret_counts(body: bytes, method: str) -> None:
    header = f"{method}={sign(body, 'secret', method)}"
    assert is_signed(body, header, "secret")
    assert is_signed(body, f" {header.upper()} ", "secret")
    assert not is_signed(body, header, "other")
    assert not is_signed(body + b" ", header, "secret")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        "sha256",
        "=",
        "md5=" + sign(b"x", "secret", "md5"),
        sign(b"x", "secret"),
        "sha1=" + sign(b"x", "secret", "sha256"),
        "sha256=" + sign(b"x", ""),
        "sha256=ü\udc80",
        "__doc__=x",
    ],
)
def test_what_was_signed_in_any_other_way_does_not(header: str) -> None:
    assert not is_signed(b"x", header, "secret")


def ask(web: FakeWeb) -> None:
    callback = "https://listen.example/websub/TOKEN"
    with Fetcher(allow_private=True) as fetcher:
        ask_hub(fetcher, web.url("/hub"), Mode.SUBSCRIBE, "https://t/", callback, "SECRET")


def test_a_hub_that_refuses_is_quoted_without_what_it_was_told() -> None:
    said = b"no topic\nTOKEN SECRET" + b"x" * 5_000
    with FakeWeb({"/hub": Answer(said, status=422)}) as web:
        with pytest.raises(Unreadable, match=r"/hub refuses \(422\): no topic … …x+") as raised:
            ask(web)
        assert len(str(raised.value)) < 300
        web.routes["/hub"] = Answer(status=500)
        with pytest.raises(Transient):
            ask(web)
        web.routes["/hub"] = redirect("/elsewhere", 307)
        with pytest.raises(Unreadable, match="redirects"):
            ask(web)
        assert [asked.path for asked in web.asked] == ["/hub"] * 3
