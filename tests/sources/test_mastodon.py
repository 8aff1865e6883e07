from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pydantic
import pytest

from sources.errors import CredentialsRejected, RateLimited, SourceError, Transient, Unreadable
from sources.mastodon.settings import MastodonSettings
from sources.mastodon.source import MastodonSource
from sources.mention import Mention
from sources.protocols import CanVerify, Health, Responder, Verification
from sources.testing.clock import Clock
from sources.testing.contract import Run, check_contract, collect
from sources.testing.mastodon import FakeMastodon
from sources.testing.web import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server(clock: Clock) -> Iterator[FakeMastodon]:
    with FakeMastodon(clock) as fake:
        yield fake


def a_source(*servers: FakeMastodon, **more: object) -> MastodonSource:
    settings = {
        "name": "fedi",
        "instances": [server.address for server in servers],
        "allow_private": True,
        **({} if {"timelines", "search"} & more.keys() else {"hashtags": ["acme"]}),
        **more,
    }
    return MastodonSource(MastodonSettings.model_validate(settings), servers[0].now)


def fill(server: FakeMastodon, count: int, **more: object) -> list[str]:
    for number in range(count):
        at = server.now() - timedelta(seconds=10 * (count - number))
        server.post(f"<p>acme {number}</p>", tags=("acme",), at=at, **more)  # type: ignore[arg-type]
    return [f"acme {number}" for number in range(count)]


def texts(run: Run) -> list[str]:
    return [mention.text for mention in run.mentions]


def notes(run: Run) -> str:
    return "; ".join(batch.note for batch in run.batches if batch.note)


# --- the contract --------------------------------------------------------------------------------


@pytest.mark.parametrize("plain_ids", [False, True])
def test_keeps_the_contract(server: FakeMastodon, plain_ids: bool) -> None:
    server.plain_ids = plain_ids
    expected = fill(server, 38 if plain_ids else 130)
    whole = check_contract(lambda: a_source(server))
    assert texts(whole) == expected


def test_keeps_the_contract_with_all_it_can_do(server: FakeMastodon, clock: Clock) -> None:
    fill(server, 50)
    server.post("Bolt from elsewhere", who="bo@far.example")
    server.post("nothing of ours")
    with FakeMastodon(clock) as other:
        other.post("ACME bank?", tags=("acme",))
        whole = check_contract(
            lambda: a_source(
                server,
                other,
                hashtags=["#Acme", "nobody"],
                timelines=["local", "public"],
                terms=["bolt", "acme"],
            )
        )
    assert len(set(texts(whole))) == 52
    assert "nothing of ours" not in texts(whole)


def test_keeps_the_contract_where_nobody_speaks(server: FakeMastodon) -> None:
    whole = check_contract(lambda: a_source(server))
    assert {batch.health for batch in whole.batches} == {Health.QUIET}


def test_keeps_the_contract_while_searching(server: FakeMastodon) -> None:
    expected = fill(server, 130)
    whole = check_contract(lambda: a_source(server, search=["acme"], token="good-token"))
    assert set(texts(whole)) == set(expected)
    assert "good-token" not in (whole.cursor or "")


def test_can_verify_and_answer(server: FakeMastodon) -> None:
    name = server.post("acme", tags=("acme",))
    source = a_source(server)
    assert isinstance(source, Responder)
    assert isinstance(source, CanVerify)
    (mention,) = collect(source).mentions
    assert source.reply_link(mention) == f"{server.address}/@ada/{name}"


# --- what a mention says -------------------------------------------------------------------------


def test_a_status_with_everything(server: FakeMastodon, clock: Clock) -> None:
    name = server.post(
        '<p><span class="h-card"><a href="https://b.example/@acme">@<span>acme</span></a></span> '
        "שלום &amp; 😡<br>why?</p><p>#acme</p>",
        tags=("acme",),
        who="bo@far.example",
        spoiler_text="Rant:\u202e  money",
        language="he",
        poll={"options": [{"title": "yes"}, {"title": "no"}]},
        quote={"state": "accepted"},
    )
    (mention,) = collect(a_source(server)).mentions
    assert mention.key == ("mastodon", f"https://far.example/users/bo/statuses/{name}")
    assert mention.title == "Rant: money"
    assert mention.text == "@acme שלום & 😡\nwhy?\n\n#acme\n- yes\n- no"
    assert mention.author.id == "https://far.example/@bo"
    assert (mention.author.handle, mention.author.name) == ("@bo@far.example", "Bo")
    assert (mention.author.followers, mention.lang) == (42, "he")
    assert mention.created_at == clock.moment
    assert mention.metrics == {"likes": 3, "reposts": 2, "replies": 1}


def test_a_picture_alone_speaks_through_its_description(server: FakeMastodon) -> None:
    media = [{"description": "Acme's error page"}, {"description": None}]
    server.post("<p></p>", tags=("acme",), media_attachments=media)
    server.post("", tags=("acme",))
    assert texts(collect(a_source(server))) == ["Acme's error page"]


def test_what_is_not_for_everybody_is_left_alone(server: FakeMastodon) -> None:
    server.post("acme for friends", tags=("acme",), visibility="private")
    server.post("acme for you", tags=("acme",), visibility="direct")
    server.post("acme unlisted", tags=("acme",), visibility="unlisted")
    assert texts(collect(a_source(server))) == ["acme unlisted"]


def test_answers_know_what_they_answer(server: FakeMastodon) -> None:
    above = server.post("a question of something else", who="cy@far.example")
    first = server.post("acme does that", tags=("acme",), reply_to=above)
    server.post("acme indeed", tags=("acme",), reply_to=first)
    server.post("acme lost", tags=("acme",), reply_to="77")
    mentions = collect(a_source(server)).mentions
    parents = {mention.text: mention.thread.parent for mention in mentions}
    assert parents == {
        "acme does that": server.uri(above),
        "acme indeed": server.uri(first),
        "acme lost": "",
    }
    server.tells_parents = False
    assert len(collect(a_source(server)).mentions) == 3


def test_terms_sift_timelines_only(server: FakeMastodon) -> None:
    server.post("about tea", tags=("acme",))
    server.post("Ac\u00adme Bank, by its name")
    server.post("by its tag", tags=("acmebank",))
    server.post("about coffee")
    more = {"timelines": ["public"], "terms": ["acme bank", "acmebank"]}
    found = collect(a_source(server, hashtags=["acme"], **more))
    assert sorted(texts(found)) == ["Acme Bank, by its name", "about tea", "by its tag"]


# --- from run to run -----------------------------------------------------------------------------


def test_a_burst_comes_whole(server: FakeMastodon, clock: Clock) -> None:
    server.post("acme before", tags=("acme",))
    cursor = collect(a_source(server)).cursor
    clock.later(minutes=30)
    expected = fill(server, 150)
    run = collect(a_source(server), cursor)
    assert texts(run)[-150:] == expected
    clock.later(minutes=60)
    idle = collect(a_source(server), run.cursor)
    assert {batch.health for batch in idle.batches} == {Health.QUIET}


def test_a_deleted_mark_loses_nothing(server: FakeMastodon, clock: Clock) -> None:
    names = [server.post(f"acme {number}", tags=("acme",)) for number in range(5)]
    cursor = collect(a_source(server)).cursor
    server.delete(names[-1])
    clock.later(minutes=20)
    server.post("acme new", tags=("acme",))
    assert "acme new" in texts(collect(a_source(server), cursor))


def test_what_federates_late_and_early_edits_are_seen(server: FakeMastodon, clock: Clock) -> None:
    name = server.post("acme one", tags=("acme",))
    late = clock.moment + timedelta(minutes=4)
    written = clock.moment - timedelta(minutes=3)
    server.post("acme late", tags=("acme",), who="b@far.example", at=written, heard=late)
    first = collect(a_source(server))
    assert texts(first) == ["acme one"]
    clock.later(minutes=5)
    server.edit(name, "acme one, edited")
    second = collect(a_source(server), first.cursor)
    assert sorted(texts(second)) == ["acme late", "acme one, edited"]


def test_equal_moments_on_the_border_of_a_page(server: FakeMastodon, clock: Clock) -> None:
    for number in range(100):
        server.post(f"acme {number}", tags=("acme",))
    half = collect(a_source(server), batches=1)
    rest = collect(a_source(server), half.cursor)
    assert {*texts(half), *texts(rest)} == {f"acme {number}" for number in range(100)}


def test_a_first_run_goes_as_far_back_as_it_is_told(server: FakeMastodon, clock: Clock) -> None:
    server.post("acme old", tags=("acme",), at=clock.moment - timedelta(hours=30))
    server.post("acme young", tags=("acme",), at=clock.moment - timedelta(hours=20))
    assert texts(collect(a_source(server))) == ["acme young"]
    assert texts(collect(a_source(server, history="2d"))) == ["acme old", "acme young"]


def test_a_run_is_bounded_and_the_next_goes_on(server: FakeMastodon, clock: Clock) -> None:
    expected = fill(server, 2_050)
    first = collect(a_source(server))
    assert len(set(texts(first))) == 2_000
    assert first.batches[-1].health is Health.DEGRADED
    assert "the next run goes on" in notes(first)
    second = collect(a_source(server), first.cursor)
    assert {*texts(first), *texts(second)} == set(expected)


@pytest.mark.parametrize("cursor", ["", "{}", "3", '{"marks": 3}', '{"marks": {"a": "/.."}}'])
def test_a_foreign_cursor_is_the_beginning(server: FakeMastodon, cursor: str) -> None:
    server.post("acme", tags=("acme",))
    assert texts(collect(a_source(server), cursor)) == ["acme"]


# --- searching -----------------------------------------------------------------------------------


def searching(server: FakeMastodon, **more: object) -> MastodonSource:
    return a_source(server, search=["acme"], token="good-token", **more)


def test_posts_deleted_while_searching_hide_no_others(server: FakeMastodon) -> None:
    expected = set(fill(server, 200))

    def delete_the_newest() -> None:
        for name in sorted(server.statuses)[-8:]:
            server.delete(name)

    server.before = delete_the_newest
    run = collect(searching(server))
    left = {str(one["content"])[3:-4] for one in server.statuses.values()}
    assert left <= set(texts(run)) <= expected


def test_a_search_that_moves_too_much_says_so(server: FakeMastodon, clock: Clock) -> None:
    server.post("acme first")
    cursor = collect(searching(server)).cursor
    clock.later(minutes=60 * 5)
    fill(server, 200)

    def delete_many() -> None:
        for name in sorted(server.statuses)[-30:]:
            server.delete(name)

    server.before = delete_many
    run = collect(searching(server), cursor)
    assert any(batch.gap for batch in run.batches)


def test_a_search_deeper_than_it_shows_is_a_gap(server: FakeMastodon, clock: Clock) -> None:
    server.post("acme first")
    cursor = collect(searching(server)).cursor
    start = clock.moment
    clock.later(minutes=60 * 24)
    fill(server, 1_600)
    run = collect(searching(server), cursor)
    (gap,) = [batch.gap for batch in run.batches if batch.gap]
    assert gap.start is not None
    assert gap.end is not None
    assert start - timedelta(minutes=11) < gap.start < gap.end < clock.moment
    assert collect(searching(server), run.cursor).batches[-1].gap is None


def test_a_search_that_has_gone_blind_says_so(server: FakeMastodon) -> None:
    server.post("acme one")
    cursor = collect(searching(server)).cursor
    server.search_works = False
    (batch,) = collect(searching(server), cursor).batches
    assert batch.health is Health.DEGRADED
    assert "though it found posts before" in batch.note


# --- closed feeds --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("feed", "settings"),
    [("hashtag_feeds", {}), ("live_feeds", {"timelines": ["public"], "terms": ["acme"]})],
)
def test_a_feed_for_members_asks_for_a_token(
    server: FakeMastodon, feed: str, settings: dict[str, object]
) -> None:
    server.post("acme", tags=("acme",))
    server.access[feed] = "authenticated"
    with pytest.raises(CredentialsRejected, match="set `token`"):
        collect(a_source(server, **settings))
    check = a_source(server, **settings).check()
    assert (check.ok, check.setting) == (False, "token")
    assert texts(collect(a_source(server, token="good-token", **settings))) == ["acme"]


def test_a_feed_switched_off_is_not_quiet(server: FakeMastodon) -> None:
    server.post("acme", tags=("acme",))
    server.access["hashtag_feeds"] = "disabled"
    run = collect(a_source(server, token="good-token"))
    assert run.batches[-1].health is Health.DEGRADED
    assert "has switched its #acme off" in notes(run)
    check = a_source(server, token="good-token").check()
    assert (check.ok, check.setting) == (False, "hashtags")


def test_kindred_servers_need_not_tell_about_themselves(server: FakeMastodon) -> None:
    server.web.routes["/api/v2/instance"] = Answer(status=404)
    assert [batch.health for batch in collect(a_source(server)).batches][-1] is Health.QUIET
    server.web.routes["/api/v1/instance"] = Answer(b'{"title": "Kin", "version": "2.7 (Kin)"}')
    assert a_source(server).check().message == "Kin (2.7 (Kin)) answers"


def test_a_wrong_token_names_the_setting(server: FakeMastodon) -> None:
    source = a_source(server, token="bad-token")
    with pytest.raises(CredentialsRejected, match="token") as caught:
        collect(source)
    assert "bad-token" not in str(caught.value)
    check = source.check()
    assert (check.ok, check.setting) == (False, "token")


# --- several servers -----------------------------------------------------------------------------


def test_one_server_in_trouble_does_not_silence_the_others(
    server: FakeMastodon, clock: Clock
) -> None:
    with FakeMastodon(clock) as other:
        server.instead = Answer(status=500)
        other.post("acme", tags=("acme",))
        first = collect(a_source(server, other))
        assert texts(first) == ["acme"]
        assert first.batches[-1].health is Health.DEGRADED
        assert server.address.partition("//")[2] in notes(first)
        server.instead = None
        server.post("acme waited", tags=("acme",))
        assert "acme waited" in texts(collect(a_source(server, other), first.cursor))
        server.instead = Answer(status=429, headers={"X-RateLimit-Reset": "2026-11-20T12:01:00Z"})
        with pytest.raises(RateLimited) as caught:
            collect(a_source(server, other))
        assert caught.value.until == clock.moment + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=500), Transient),
        (Answer(status=404), Unreadable),
        (Answer(b"<html>log in</html>"), Unreadable),
        (Answer(b'[{"id": "1'), Transient),
        (Answer(b"{}"), Unreadable),
        (Answer(status=429, headers={"Retry-After": "60"}), RateLimited),
    ],
)
def test_errors_come_through(
    server: FakeMastodon, answer: Answer, error: type[SourceError]
) -> None:
    server.instead = answer
    with pytest.raises(error, match=r"127\.0\.0\.1"):
        collect(a_source(server))
    check = a_source(server).check()
    assert (check.ok, check.setting) == (False, "instances")


def test_statuses_that_make_no_sense_are_named(server: FakeMastodon) -> None:
    server.post("acme fine", tags=("acme",))
    server.post("acme", tags=("acme",), uri="javascript:1")
    server.post("acme", tags=("acme",), created_at="soon")
    run = collect(a_source(server))
    assert texts(run) == ["acme fine"]
    assert run.batches[0].health is Health.DEGRADED
    assert len(run.batches[0].rejected) == 2


def test_check_names_the_server(server: FakeMastodon) -> None:
    assert a_source(server).check().message == "Testodon (4.5.2) answers"
    check = a_source(server, allow_private=False).check()
    assert (check.ok, check.setting) == (False, "allow_private")


# --- verifying -----------------------------------------------------------------------------------


def test_verify(server: FakeMastodon) -> None:
    present, deleted = (server.post("acme", tags=("acme",)) for _ in range(2))
    ids = [server.uri(present), server.uri(deleted)]
    server.delete(deleted)
    at = server.address
    tomb = b'{"type": "Tombstone", "id": "x"}'
    server.web.routes["/notes/tomb"] = Answer(tomb)
    server.web.routes["/notes/here"] = Answer(b'{"type": "Note"}')
    server.web.routes["/notes/gone"] = Answer(status=410)
    server.web.routes["/notes/page"] = Answer(b"<html>not here</html>", 404)
    ids += [f"{at}/notes/{name}" for name in ("tomb", "here", "gone", "page")]
    found = a_source(server).verify(
        [*ids, "at://other", "http://169.254.169.254/users/a/statuses/1"]
    )
    assert isinstance(found[ids[0]], Mention)
    assert found[ids[0]] == collect(a_source(server)).mentions[0]
    states = [Verification.PRESENT if isinstance(s, Mention) else s for s in found.values()]
    assert [str(state) for state in states] == [
        "present",
        "deleted",
        "deleted",
        "present",
        "deleted",
        "unknown",
        "unknown",
        "unknown",
    ]


def test_a_server_in_trouble_is_asked_once(server: FakeMastodon) -> None:
    uris = [f"{server.address}/notes/{number}" for number in range(5)]
    server.web.fallback = Answer(status=503)
    found = a_source(server).verify(uris)
    assert set(found.values()) == {Verification.UNKNOWN}
    assert len(server.web.asked) == 1


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "nothing is listened to"),
        ({"hashtags": ["two words"]}, "one word"),
        ({"hashtags": ["a"], "instances": ["not a server"]}, "mastodon.social"),
        ({"search": ["acme"]}, "`token`"),
        ({"hashtags": ["a"], "instances": ["a.example", "b.example"], "token": "sesame"}, "one"),
        ({"hashtags": ["a"], "timelines": ["home"]}, "local"),
    ],
)
def test_settings_are_checked(settings: dict[str, object], says: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=says) as caught:
        MastodonSettings.model_validate(
            {"name": "fedi", "instances": ["mastodon.social"], **settings}
        )
    assert "sesame" not in str(caught.value)
