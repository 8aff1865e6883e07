from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pydantic
import pytest

from sources.bluesky.settings import BlueskySettings
from sources.bluesky.source import BlueskySource
from sources.bluesky.stream import Bounds, Place
from sources.errors import (
    Blocked,
    CredentialsRejected,
    Gone,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.protocols import CanVerify, Health, Responder, Verification
from sources.testing.bluesky import TYPE, FakeJetstream
from sources.testing.bluesky_search import FakeBluesky
from sources.testing.clock import Clock
from sources.testing.contract import Run, check_contract, collect
from sources.testing.web import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server(clock: Clock) -> Iterator[FakeBluesky]:
    with FakeBluesky(clock) as fake:
        yield fake


@pytest.fixture
def net(clock: Clock, server: FakeBluesky) -> Iterator[Network]:
    with Network(clock) as fake:
        fake.lookups = server
        yield fake


class Network(FakeJetstream):
    """A stream, and beside it the server that knows who is who."""

    lookups: FakeBluesky


BOUNDS = Bounds(silence=2.0, events_a_batch=40)


def a_source(net: Network, clock: Clock, bounds: Bounds = BOUNDS, **more: object) -> BlueskySource:
    settings = {
        "name": "sky",
        "terms": ["acme"],
        "base_url": net.address,
        "lookup_url": net.lookups.address,
        "allow_private": True,
        **more,
    }
    return BlueskySource(BlueskySettings.model_validate(settings), clock, bounds)


def texts(run: Run) -> list[str]:
    return [mention.text for mention in run.mentions]


def buried(run: Run) -> list[str]:
    return [stone.external_id for batch in run.batches for stone in batch.tombstones]


# --- the contract --------------------------------------------------------------------------------


def test_keeps_the_contract(net: Network, clock: Clock) -> None:
    for number in range(100):
        net.post(f"acme {number}", at=clock.moment - timedelta(seconds=300 - number))
        net.post("nothing of ours", at=clock.moment - timedelta(seconds=300 - number))
    whole = check_contract(lambda: a_source(net, clock))
    assert texts(whole) == [f"acme {number}" for number in range(100)]
    assert len(whole.batches) == 6
    assert whole.cursor is not None
    assert len(whole.cursor) < 200


def test_keeps_the_contract_where_nobody_speaks(net: Network, clock: Clock) -> None:
    net.silent = True
    whole = check_contract(lambda: a_source(net, clock, replace(BOUNDS, silence=0.01)))
    assert [batch.health for batch in whole.batches] == [Health.QUIET]


def test_can_verify_and_answer(net: Network, clock: Clock) -> None:
    net.post("acme, hello?", did="did:plc:ada", key="3kabc")
    source = a_source(net, clock)
    assert isinstance(source, Responder)
    assert isinstance(source, CanVerify)
    (mention,) = collect(source).mentions
    assert source.reply_link(mention) == "https://bsky.app/profile/did:plc:ada/post/3kabc"


def test_a_mention_says_who_what_when_and_where(net: Network, clock: Clock) -> None:
    root, parent = "at://did:plc:bo/app.bsky.feed.post/1", "at://did:plc:cy/app.bsky.feed.post/2"
    uri = net.post(
        "Acme\u200b, מה קורה עם ההחזר שלי? 😡",
        createdAt="2026-11-20T11:59:00Z",
        langs=["he", "en"],
        reply={"root": {"uri": root, "cid": "c"}, "parent": {"uri": parent, "cid": "c"}},
        novelty={"of": ["a", "later", "lexicon"]},
    )
    (mention,) = collect(a_source(net, clock)).mentions
    assert mention.key == ("bluesky", uri)
    assert mention.text == "Acme, מה קורה עם ההחזר שלי? 😡"
    assert mention.created_at == clock.moment - timedelta(minutes=1)
    assert (mention.author.id, mention.lang) == ("did:plc:ada", "he")
    assert (mention.thread.root, mention.thread.parent) == (root, parent)


def test_authors_are_named_in_bulk(net: Network, clock: Clock) -> None:
    dids = [f"did:plc:{number}" for number in range(60)]
    net.lookups.handles = {did: f"{did[8:]}.example" for did in dids[1:]}
    net.lookups.handles["did:plc:2"] = "handle.invalid"
    for did in dids * 2:
        net.post("acme", did=did)
    bounds = replace(BOUNDS, events_a_batch=1_000)
    authors = {one.author.id: one.author for one in collect(a_source(net, clock, bounds)).mentions}
    assert authors["did:plc:59"].handle == "59.example"
    assert authors["did:plc:59"].followers == 42
    assert (authors["did:plc:0"].handle, authors["did:plc:2"].handle) == ("", "")
    assert len(net.lookups.web.asked) == 3


@pytest.mark.parametrize("answer", [Answer(status=500), Answer(status=429), Answer(b"<html>")])
def test_posts_come_without_handles_rather_than_not_at_all(
    net: Network, clock: Clock, answer: Answer
) -> None:
    net.lookups.web.routes["/xrpc/app.bsky.actor.getProfiles"] = answer
    net.post("acme")
    (batch,) = collect(a_source(net, clock)).batches
    assert [mention.author.id for mention in batch.mentions] == ["did:plc:ada"]
    assert batch.health is Health.DEGRADED
    assert batch.note.startswith("handles are missing")


@pytest.mark.parametrize("created", ["2031-01-01T00:00:00Z", "yesterday", "", 7])
def test_the_author_s_clock_is_not_believed(net: Network, clock: Clock, created: object) -> None:
    net.post("acme", createdAt=created)
    (mention,) = collect(a_source(net, clock)).mentions
    assert mention.created_at == clock.moment


# --- what is listened for ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "record",
    [
        {"text": "My ACME  Bank card"},
        {"text": "ac\u00adme\nbank hidden by a soft hyphen"},
        {
            "text": "look",
            "embed": {"$type": "app.bsky.embed.images", "images": [{"alt": "acme bank"}]},
        },
        {"text": "look", "embed": {"external": {"uri": "https://a.example", "title": "Acme Bank"}}},
        {"text": "look", "embed": {"media": {"alt": "acme bank counter"}}},
        {"text": "look", "tags": ["acme bank"]},
        {
            "text": "acme.b…",
            "facets": [{"features": [{"uri": "https://acme bank.example/long"}, {"tag": "x"}]}],
        },
    ],
)
def test_a_term_is_found_wherever_a_reader_meets_it(
    net: Network, clock: Clock, record: dict[str, object]
) -> None:
    net.post(str(record.pop("text")), **record)
    assert len(collect(a_source(net, clock, terms=["acme bank"])).mentions) == 1


def test_a_picture_alone_speaks_through_its_description(net: Network, clock: Clock) -> None:
    net.post("", embed={"images": [{"alt": "Acme's error page"}, {"alt": ""}]})
    net.post("", tags=["acme"])  # nobody said anything
    assert texts(collect(a_source(net, clock))) == ["Acme's error page"]


# --- from run to run -----------------------------------------------------------------------------


def test_only_news_comes_again(net: Network, clock: Clock) -> None:
    net.post("acme one")
    first = collect(a_source(net, clock))
    clock.later(minutes=5)
    net.post("acme two")
    clock.later(minutes=1)
    second = collect(a_source(net, clock), first.cursor)
    assert texts(second) == ["acme two"]
    clock.later(minutes=1)
    third = collect(a_source(net, clock), second.cursor)
    assert [batch.health for batch in third.batches] == [Health.QUIET]
    assert int(net.asked[-1]["cursor"][0]) < 100  # resumed by seq


def test_a_run_without_any_event_begins_there_again(net: Network, clock: Clock) -> None:
    net.silent = True
    quick = replace(BOUNDS, silence=0.01)
    first = collect(a_source(net, clock, quick, history="1s"))
    net.silent = False
    net.post("acme in between")
    clock.later(minutes=1)
    assert texts(collect(a_source(net, clock, BOUNDS), first.cursor)) == ["acme in between"]


def test_a_burst_while_away_comes_whole(net: Network, clock: Clock) -> None:
    cursor = collect(a_source(net, clock)).cursor
    for number in range(1_500):
        net.post(f"acme {number}")
    clock.later(minutes=5)
    run = collect(a_source(net, clock, replace(BOUNDS, events_a_batch=10_000)), cursor)
    assert texts(run) == [f"acme {number}" for number in range(1_500)]
    assert [len(batch.mentions) for batch in run.batches] == [500, 500, 500, 0]


def test_equal_times_at_the_border_of_a_batch(net: Network, clock: Clock) -> None:
    for number in range(90):
        net.post(f"acme {number}")
    clock.later(minutes=1)
    half = collect(a_source(net, clock), batches=1)
    rest = collect(a_source(net, clock), half.cursor)
    assert texts(half) + texts(rest) == [f"acme {number}" for number in range(90)]


def test_a_deletion_is_a_tombstone(net: Network, clock: Clock) -> None:
    regretted, seen_both = net.post("acme oops"), net.post("acme kept")
    first = collect(a_source(net, clock))
    assert len(first.mentions) == 2
    clock.later(minutes=1)
    net.delete(regretted)
    brief = net.post("acme gone at once")
    net.delete(brief)
    clock.later(minutes=1)
    second = collect(a_source(net, clock), first.cursor)
    assert (texts(second), buried(second)) == ([], [regretted, brief])
    assert seen_both not in buried(second)
    assert second.batches[0].health is Health.HEALTHY


def test_an_edit_and_an_id_used_again(net: Network, clock: Clock) -> None:
    net.post("acme first words", key="self")
    net.post("acme other words", key="self", operation="update")
    uri = net.post("acme deleted", key="again")
    net.delete(uri)
    net.post("acme reborn", key="again")
    run = collect(a_source(net, clock))
    assert texts(run) == ["acme other words", "acme reborn"]
    assert buried(run) == []


# --- another server, an old cursor ---------------------------------------------------------------


@pytest.mark.parametrize("boots", [("boot-1", "boot-2"), ("", "")])
@pytest.mark.parametrize("first_seq", [5, 5_000])
def test_another_server_run_is_resumed_by_time(
    net: Network, clock: Clock, boots: tuple[str, str], first_seq: int
) -> None:
    net.boot = boots[0]
    for number in range(10):
        net.post(f"acme {number}", at=clock.moment - timedelta(seconds=300))
    first = collect(a_source(net, clock))
    clock.later(minutes=5)
    net.post("acme news")
    net.set_up_anew(boots[1], first_seq)
    clock.later(minutes=5)
    second = collect(a_source(net, clock), first.cursor)
    assert texts(second) == ["acme news"]
    assert [batch.gap for batch in second.batches] == [None]


def test_another_host_is_resumed_by_time_with_an_overlap(net: Network, clock: Clock) -> None:
    net.post("acme old", at=clock.moment - timedelta(seconds=60))
    net.post("acme within the overlap", at=clock.moment - timedelta(seconds=5))
    place = Place(clock.moment, "jetstream.elsewhere.example", "boot-9", 123_456)
    clock.later(minutes=1)
    net.post("acme news", at=clock.moment - timedelta(seconds=5))
    run = collect(a_source(net, clock), place.write())
    assert texts(run) == ["acme within the overlap", "acme news"]
    assert int(net.asked[0]["cursor"][0]) > 10**15


def test_what_the_server_no_longer_has_is_a_gap(net: Network, clock: Clock) -> None:
    net.post("acme one")
    first = collect(a_source(net, clock))
    left = clock.moment + timedelta(seconds=1)  # when the last stranger spoke
    clock.later(minutes=60)
    net.post("acme missed")
    clock.later(minutes=60 * 40)
    net.post("acme two")
    net.forget(clock.moment)
    back = clock.moment
    clock.later(minutes=1)
    second = collect(a_source(net, clock), first.cursor)
    assert texts(second) == ["acme two"]
    (batch,) = second.batches
    assert batch.gap is not None
    assert (batch.gap.start, batch.gap.end) == (left, back)
    assert batch.health is Health.DEGRADED
    clock.later(minutes=1)
    assert collect(a_source(net, clock), second.cursor).batches[0].gap is None


def test_a_first_run_asks_for_what_there_is_without_a_gap(net: Network, clock: Clock) -> None:
    net.post("acme one", at=clock.moment - timedelta(hours=2))
    net.post("acme two")
    net.forget(clock.moment)
    (batch,) = collect(a_source(net, clock, history="3d")).batches
    assert (len(batch.mentions), batch.gap, batch.health) == (1, None, Health.HEALTHY)


@pytest.mark.parametrize("cursor", ["", "{}", "null", '{"time": "x"}', '{"seq": 1}', "\x00"])
def test_a_foreign_cursor_is_the_beginning(net: Network, clock: Clock, cursor: str) -> None:
    net.post("acme one")
    assert texts(collect(a_source(net, clock), cursor)) == ["acme one"]


# --- the bounds of a run -------------------------------------------------------------------------


def test_a_run_ends_when_its_time_is_up_and_the_next_goes_on(net: Network, clock: Clock) -> None:
    for number in range(100):
        net.post(f"acme {number}", at=clock.moment - timedelta(minutes=100 - number))
    ticks = iter(range(0, 1_000, 2))
    bounds = replace(BOUNDS, seconds=60, silence=30, monotonic=lambda: float(next(ticks)))
    first = collect(a_source(net, clock, bounds, history="2h"))
    last = first.batches[-1]
    assert 10 < len(first.mentions) < 60
    assert last.health is Health.DEGRADED
    assert last.note.endswith("minutes behind; the next run goes on from there")
    second = collect(a_source(net, clock), first.cursor)
    assert texts(first) + texts(second) == [f"acme {number}" for number in range(100)]


def test_a_silent_network_is_degraded(net: Network, clock: Clock) -> None:
    from sources.bluesky.jetstream import Jetstream
    from sources.bluesky.stream import BlueskyStream
    from sources.terms import Terms

    net.silent = True
    jetstream = Jetstream(net.address, clock, allow_private=True)
    quick = replace(BOUNDS, silence=0.01)
    stream = BlueskyStream(jetstream, "public", Terms(["acme"]), quick, is_public=True)
    (batch,) = stream.read(None, clock.moment, clock.moment)
    assert batch.health is Health.DEGRADED
    assert "sent nothing" in batch.note


# --- trouble -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=500), Transient),
        (Answer(status=404), Unreadable),
        (Answer(status=410), Gone),
        (Answer(status=403), CredentialsRejected),
        (Answer(b"<html>log in</html>", 200), Unreadable),
        (Answer(b'{"error":"InvalidRequest","message":"unknown kind"}', 400), Unreadable),
        (Answer(status=302, headers={"Location": "ws://169.254.169.254/"}), Unreadable),
    ],
)
def test_a_refused_handshake_is_an_error(
    net: Network, clock: Clock, answer: Answer, error: type[SourceError]
) -> None:
    net.refuse = answer
    with pytest.raises(error, match=r"ws://127\.0\.0\.1:\d+"):
        collect(a_source(net, clock))
    check = a_source(net, clock).check()
    assert (check.ok, check.setting) == (False, "base_url")


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "60"},
        {"Retry-After": "Fri, 20 Nov 2026 12:01:00 GMT"},
        {"RateLimit-Reset": str(int(datetime.fromisoformat("2026-11-20T12:01:00Z").timestamp()))},
    ],
)
def test_too_many_connections(net: Network, clock: Clock, headers: dict[str, str]) -> None:
    net.refuse = Answer(status=429, headers=headers)
    with pytest.raises(RateLimited) as caught:
        collect(a_source(net, clock))
    assert caught.value.until == clock.moment + timedelta(minutes=1)


@pytest.mark.parametrize("error", ["broke off", "ConsumerTooSlow"])
def test_a_stream_that_breaks_off_keeps_what_came(net: Network, clock: Clock, error: str) -> None:
    for number in range(10):
        net.post(f"acme {number}")
    net.cut_after, net.error = 7, "" if " " in error else error
    stream = a_source(net, clock).collect(None)
    batch = next(stream)
    with pytest.raises(Transient, match=error):
        next(stream)
    assert len(batch.mentions) == 7
    net.cut_after = None
    rest = collect(a_source(net, clock), batch.cursor)
    assert texts(rest) == ["acme 7", "acme 8", "acme 9"]


def test_nobody_there(net: Network, clock: Clock) -> None:
    with Network(clock) as gone:
        gone.lookups = net.lookups
        source = a_source(gone, clock)
    with pytest.raises(Transient):
        collect(source)


def test_private_addresses_are_not_dialled(net: Network, clock: Clock) -> None:
    source = a_source(net, clock, allow_private=False)
    with pytest.raises(Blocked, match="allow_private"):
        collect(source)
    check = source.check()
    assert (check.ok, check.setting, net.asked) == (False, "allow_private", [])


def test_what_is_no_event_is_named_and_the_rest_is_read(net: Network, clock: Clock) -> None:
    net.post("acme one")
    commit = {"$type": f"{TYPE}#commit", "did": "did:plc:x", "collection": "app.bsky.feed.post"}
    net.put({**commit, "operation": "create", "rkey": "../x", "record": {}}, clock.moment)
    net.put({**commit, "operation": "create", "rkey": "ok", "record": None}, clock.moment)
    net.put({**commit, "operation": "create", "rkey": "ok", "record": {"text": 7}}, clock.moment)
    net.put({"$type": f"{TYPE}#novelty", "did": "did:plc:x"}, clock.moment)
    net.put({**commit, "seq": "x"}, clock.moment)
    net.post("acme " + "x" * 300_000 + " \ud83d half an emoji")
    run = collect(a_source(net, clock))
    assert [text[:8] for text in texts(run)] == ["acme one", "acme xxx"]
    assert texts(run)[1].endswith("\ufffd half an emoji")
    assert [sentence.split(" has ")[-1] for sentence in run.batches[0].rejected] == [
        "no usable account or key",
        "no record",
        "no seq or no time",
    ]


def test_check_listens_for_an_event(net: Network, clock: Clock) -> None:
    check = a_source(net, clock).check()
    assert check.ok
    assert check.message.endswith("is connected and events flow")


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"terms": []}, "at least 1"),
        ({"terms": ["a"]}, "two characters"),
        ({"base_url": "jetstream.example"}, "wss://"),
        ({"mode": "search"}, "handle"),
        (
            {"mode": "search", "handle": "a.example", "app_password": "sesame", "every": "1m"},
            "300 sign-ins",
        ),
    ],
)
def test_settings_are_checked(settings: dict[str, object], says: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=says) as caught:
        BlueskySettings.model_validate({"name": "sky", "terms": ["acme"], **settings})
    assert "sesame" not in str(caught.value)


# --- verifying -----------------------------------------------------------------------------------


def a_search(server: FakeBluesky, clock: Clock, **more: object) -> BlueskySource:
    settings = {
        "name": "sky",
        "mode": "search",
        "terms": ["acme"],
        "handle": "acme.bsky.social",
        "app_password": "abcd-efgh",
        "base_url": server.address,
        "lookup_url": server.address,
        "allow_private": True,
        **more,
    }
    return BlueskySource(BlueskySettings.model_validate(settings), clock)


def test_verify_tells_present_from_deleted(server: FakeBluesky, clock: Clock) -> None:
    uris = [server.post(f"acme {number}") for number in range(60)]
    for uri in uris[::3]:
        server.delete(uri)
    found = a_search(server, clock).verify([*uris, "t3_other"])
    assert {uri for uri, state in found.items() if state is Verification.DELETED} == set(uris[::3])
    assert found["t3_other"] is Verification.UNKNOWN
    assert len(server.web.asked) == 3


@pytest.mark.parametrize("answer", [Answer(status=502), Answer(b"<html>"), Answer(b"{}")])
def test_an_error_is_never_a_deletion(server: FakeBluesky, clock: Clock, answer: Answer) -> None:
    uri = server.post("acme")
    server.web.routes["/xrpc/app.bsky.feed.getPosts"] = answer
    with pytest.raises(SourceError):
        a_search(server, clock).verify([uri])
